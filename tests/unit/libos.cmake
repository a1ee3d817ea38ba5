# libos below the heap, on a fake kernel: the header tests/unit/fake/os/syscall.h sends invocations there.
set(libos_low
    libos/caps/caps.c libos/cspace/cspace.c libos/err/err.c libos/err/format.c libos/lock/lowlock.c libos/mm/mm.c
    libos/pool/pool.c libos/ranges/check.c libos/ranges/search.c libos/ranges/set.c libos/ranges/tree.c
    libos/reserve/reserve.c libos/slab/slab.c libos/slots/slots.c libos/stock/stock.c libos/vspace/adopt.c
    libos/vspace/back.c libos/vspace/check.c libos/vspace/export.c libos/vspace/map.c libos/vspace/piece.c
    libos/vspace/regions.c libos/vspace/tables.c libos/vspace/unmap.c libos/vspace/vspace.c
    tests/unit/fake_kernel.c tests/unit/fake_kernel_dispatch.c tests/unit/fake_kernel_map.c
    tests/unit/fake_kernel_world.c tests/unit/os_bug.c)
list(TRANSFORM libos_low PREPEND ${CMAKE_SOURCE_DIR}/)
add_library(libos_low STATIC ${libos_low})
target_link_libraries(libos_low PUBLIC flags_host)
target_include_directories(libos_low BEFORE PUBLIC ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)

# shoal_libos_test(NAME, arguments of shoal_unit_test without the sources of libos_low)
function(shoal_libos_test name)
    shoal_unit_test(${name} ${ARGN})
    target_link_libraries(unit_${name} PRIVATE libos_low)
    target_include_directories(unit_${name} BEFORE PRIVATE
        ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)
endfunction()

set(world tests/unit/libos_world.c)
shoal_libos_test(range_test SOURCES tests/unit/range_test.c SEEDS 1 2 3 4 5 6 7 8)
shoal_libos_test(stock_test SOURCES tests/unit/stock_test.c ${world} SEEDS 1 2 3 4 5 6 7 8)
shoal_libos_test(stock_fail_test SOURCES tests/unit/stock_fail_test.c ${world} SEEDS 1 2 3 4)
shoal_libos_test(mm_test SOURCES tests/unit/mm_test.c ${world} SEEDS 1 2 3 4 5 6 7 8)
shoal_libos_test(vspace_test SOURCES tests/unit/vspace_test.c ${world} SEEDS 1 2 3 4 5 6 7 8)
shoal_libos_test(vspace_rules_test SOURCES tests/unit/vspace_rules_test.c ${world})
shoal_libos_test(vspace_fail_test SOURCES tests/unit/vspace_fail_test.c ${world} SEEDS 1 2 3 4 5 6 7 8 9)
shoal_libos_test(child_vspace_test SOURCES tests/unit/child_vspace_test.c ${world} SEEDS 1 2 3 4)

# Its own print(), so not with the fake kernel's.
shoal_unit_test(err_test SOURCES tests/unit/err_test.c libos/err/err.c libos/err/format.c)
target_include_directories(unit_err_test BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/libos/include)
