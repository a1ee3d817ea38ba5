# libos below the heap: the header tests/unit/fake/os/syscall.h sends invocations to a function, which is there twice.
# fake_kernel: a naive model, written from the contracts.  real_kernel: the CPU driver's own code, fake architecture.
set(libos_low
    libos/caps/caps.c libos/cspace/cspace.c libos/err/err.c libos/err/format.c libos/lock/lowlock.c libos/mm/mm.c
    libos/pool/pool.c libos/ranges/check.c libos/ranges/search.c libos/ranges/set.c libos/ranges/tree.c
    libos/reserve/reserve.c libos/slab/slab.c libos/slots/slots.c libos/stock/stock.c libos/vspace/adopt.c
    libos/vspace/back.c libos/vspace/check.c libos/vspace/export.c libos/vspace/group.c libos/vspace/lazy.c
    libos/vspace/map.c libos/vspace/piece.c
    libos/vspace/regions.c libos/vspace/tables.c libos/vspace/unmap.c libos/vspace/vspace.c tests/unit/os_bug.c)
list(TRANSFORM libos_low PREPEND ${CMAKE_SOURCE_DIR}/)
set(libos_includes ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)

add_library(libos_low STATIC ${libos_low})
target_link_libraries(libos_low PUBLIC flags_host)
target_include_directories(libos_low BEFORE PUBLIC ${libos_includes})

add_library(fake_kernel STATIC fake_kernel.c fake_kernel_dispatch.c fake_kernel_map.c fake_kernel_world.c)
target_link_libraries(fake_kernel PUBLIC flags_host)
target_include_directories(fake_kernel BEFORE PRIVATE ${libos_includes})

# Kernel and libos have functions of the same names, so here the kernel's have others.
get_target_property(kernel_sources world_3 SOURCES)
list(FILTER kernel_sources EXCLUDE REGEX "/tests/")
add_library(libos_kernel STATIC ${kernel_sources} machine.c)
target_link_libraries(libos_kernel PUBLIC test_panic)
target_compile_definitions(libos_kernel PRIVATE
    DELETE_STEPS=3 cap_delete=kernel_cap_delete cap_revoke=kernel_cap_revoke fake_ram=machine_arena)
add_library(real_kernel STATIC real_kernel.c)
target_link_libraries(real_kernel PRIVATE flags_host PUBLIC libos_kernel)
target_include_directories(real_kernel BEFORE PRIVATE ${libos_includes})

function(libos_test_on kernel name)
    shoal_unit_test(${name} ${ARGN})
    target_link_libraries(unit_${name} PRIVATE libos_low ${kernel} libos_low)
    target_include_directories(unit_${name} BEFORE PRIVATE ${libos_includes})
endfunction()

# shoal_libos_test(NAME, arguments of shoal_unit_test without the sources of libos_low): over the model
function(shoal_libos_test name)
    libos_test_on(fake_kernel ${name} ${ARGN})
endfunction()

# shoal_libos_tests(NAME, the same): over both
function(shoal_libos_tests name)
    libos_test_on(fake_kernel ${name} ${ARGN})
    libos_test_on(real_kernel ${name}.kernel ${ARGN} DEFINITIONS FAKE_RAM_BASE=0x200000000ull)
endfunction()

set(world tests/unit/libos_world.c)
shoal_libos_test(range_test SOURCES tests/unit/range_test.c SEEDS 1 2 3 4 5 6 7 8)
shoal_libos_tests(stock_test SOURCES tests/unit/stock_test.c ${world} SEEDS 1 2 3 4)
shoal_libos_tests(stock_fail_test SOURCES tests/unit/stock_fail_test.c ${world} SEEDS 1 2 3)
shoal_libos_tests(mm_test SOURCES tests/unit/mm_test.c ${world} SEEDS 1 2 3 4)
shoal_libos_tests(vspace_test SOURCES tests/unit/vspace_test.c ${world} SEEDS 1 2 3 4 5 6)
shoal_libos_tests(vspace_rules_test SOURCES tests/unit/vspace_rules_test.c ${world})
shoal_libos_tests(vspace_fail_test SOURCES tests/unit/vspace_fail_test.c ${world} SEEDS 1 2 3 4 5 6 7 8 9)
shoal_libos_tests(lazy_test SOURCES tests/unit/lazy_test.c ${world} SEEDS 1 2 3 4)
shoal_libos_tests(child_vspace_test SOURCES tests/unit/child_vspace_test.c ${world} SEEDS 1 2)

# Its own print(), so not with the fake kernel's.
shoal_unit_test(err_test SOURCES tests/unit/err_test.c libos/err/err.c libos/err/format.c)
target_include_directories(unit_err_test BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/libos/include)
