# The core logic of capabilities and dispatch, each against a naive model or its state table.
set(world_sources
    tests/unit/world.c tests/unit/world_run.c tests/unit/world_check.c tests/unit/core_world.c tests/lib/panic.c
    cpudriver/cap/asid.c cpudriver/cap/copy.c cpudriver/cap/cspace.c cpudriver/cap/delete.c cpudriver/cap/destroy.c
    cpudriver/cap/invoke.c cpudriver/cap/invoke_cnode.c cpudriver/cap/invoke_device.c cpudriver/cap/invoke_dispatch.c
    cpudriver/cap/invoke_memory.c cpudriver/cap/mdb.c cpudriver/cap/mdb_balance.c cpudriver/cap/mdb_check.c
    cpudriver/cap/mdb_search.c cpudriver/cap/peek.c cpudriver/cap/retype.c cpudriver/cap/types.c cpudriver/cap/vnode.c
    cpudriver/dispatch/deadline.c cpudriver/dispatch/dispatcher.c cpudriver/dispatch/endpoint.c
    cpudriver/dispatch/exception.c cpudriver/dispatch/irq.c cpudriver/dispatch/notify.c
    cpudriver/dispatch/sched.c cpudriver/core/print.c
    cpudriver/cap/husk.c cpudriver/cap/foreign.c cpudriver/cap/sweep.c cpudriver/cap/watch.c cpudriver/cap/invoke_monitor.c
    cpudriver/cap/invoke_peer.c cpudriver/dispatch/mailbox.c cpudriver/cap/invoke_core.c cpudriver/cap/invoke_kernel.c
    cpudriver/core/core_start.c cpudriver/core/core_main.c cpudriver/core/init_build.c cpudriver/core/init_run.c
    cpudriver/arch/fake/fake.c cpudriver/arch/fake/fake_plat.c cpudriver/arch/fake/fake_switch.c)
list(TRANSFORM world_sources PREPEND ${CMAKE_SOURCE_DIR}/)
foreach(steps 3 48)
    add_library(world_${steps} STATIC ${world_sources})
    target_link_libraries(world_${steps} PUBLIC test_main)
    target_compile_definitions(world_${steps} PUBLIC DELETE_STEPS=${steps})
endforeach()

# world_test(NAME FILE STEPS [SEEDS N...]): DELETE_STEPS of 3 interrupts everything everywhere
function(world_test name file steps)
    shoal_unit_test(${name} SOURCES ${file} ${ARGN})
    target_link_libraries(unit_${name} PRIVATE world_${steps})
endfunction()

world_test(delete tests/unit/delete_test.c 48)
world_test(delete_slowly tests/unit/delete_test.c 3)
world_test(delete_random tests/unit/delete_random_test.c 48 SEEDS 1 2 3 4 5 6)
world_test(delete_random_slowly tests/unit/delete_random_test.c 3 SEEDS 1 2 3 4 5 6)
world_test(destroy tests/unit/destroy_test.c 48)
world_test(destroy_slowly tests/unit/destroy_test.c 3)
world_test(sched tests/unit/sched_test.c 48 SEEDS 1 2 3 4 5 6)
world_test(dispatch tests/unit/dispatch_test.c 48)
world_test(dispatcher tests/unit/dispatcher_test.c 48)
world_test(endpoint tests/unit/endpoint_test.c 48 SEEDS 1 2 3)
world_test(retype tests/unit/retype_test.c 48)
world_test(retype_random tests/unit/retype_random_test.c 48 SEEDS 1 2 3 4 5 6)
world_test(cspace tests/unit/cspace_test.c 48 SEEDS 1 2 3)
world_test(vnode tests/unit/vnode_test.c 48)
world_test(vnode_random tests/unit/vnode_random_test.c 48 SEEDS 1 2 4 5 7 8)
world_test(vnode_random_slowly tests/unit/vnode_random_test.c 3 SEEDS 1 2)
world_test(invoke tests/unit/invoke_test.c 48)
world_test(core tests/unit/core_test.c 48)
world_test(mailbox tests/unit/mailbox_test.c 48 SEEDS 1 2 3 4)
world_test(monitor_random tests/unit/monitor_random_test.c 48 SEEDS 1 2 3 4 5 6 7 8)
world_test(monitor_random_slowly tests/unit/monitor_random_test.c 3 SEEDS 1 2 3 4 5 6 7 8)
world_test(monitor tests/unit/monitor_test.c 48)
world_test(monitor_slowly tests/unit/monitor_test.c 3)
