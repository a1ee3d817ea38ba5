# Capabilities across cores: the monitors' share, over real kernels of the fake architecture.
set(capops servers/init/capops/capops.c servers/init/capops/cores.c servers/init/capops/jobs.c servers/init/capops/lend.c
    servers/init/capops/objects.c servers/init/capops/peers.c servers/init/capops/purge.c servers/init/capops/revoke.c
    servers/init/capops/send.c tests/unit/capops_world.c tests/unit/capops_tables.c tests/unit/capops_check.c tests/unit/os_bug.c)

# The kernels: DELETE_STEPS of 3 interrupts everything everywhere.
foreach(steps 3 48)
    add_library(capops_kernel_${steps} STATIC capops_kernel.c)
    target_link_libraries(capops_kernel_${steps} PUBLIC world_${steps})
endforeach()

# capops_test(NAME STEPS FILE, arguments of shoal_unit_test)
function(capops_test name steps file)
    shoal_unit_test(${name} SOURCES ${file} ${capops} ${ARGN})
    target_link_libraries(unit_${name} PRIVATE capops_kernel_${steps})
    target_include_directories(unit_${name} BEFORE PRIVATE
        ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/servers/init/capops)
endfunction()

capops_test(capops_test 48 tests/unit/capops_test.c)
capops_test(capops_test_slowly 3 tests/unit/capops_test.c)
capops_test(capops_random_test 48 tests/unit/capops_random_test.c SEEDS 1 2 3)
capops_test(capops_random_test_slowly 3 tests/unit/capops_random_test.c SEEDS 1 2)
capops_test(capops_cores_test 48 tests/unit/capops_cores_test.c)
capops_test(capops_cores_test_slowly 3 tests/unit/capops_cores_test.c)
capops_test(capops_types_test 48 tests/unit/capops_types_test.c)
capops_test(capops_types_test_slowly 3 tests/unit/capops_types_test.c)

# Faults put into the code on purpose: each has to be found by one of the above.
add_test(NAME unit.capops_mutants
    COMMAND ${PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/capops_mutants.py ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(unit.capops_mutants PROPERTIES LABELS unit TIMEOUT 1800)
