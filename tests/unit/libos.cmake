# libos below the heap, on a fake kernel: the header tests/unit/fake/os/syscall.h sends invocations there.
set(libos_low
    libos/caps/caps.c libos/cspace/cspace.c libos/err/err.c libos/lock/lowlock.c libos/mm/mm.c libos/pool/pool.c
    libos/ranges/check.c libos/ranges/search.c libos/ranges/set.c libos/ranges/tree.c libos/reserve/reserve.c
    libos/slab/slab.c libos/slots/slots.c libos/stock/stock.c
    tests/unit/fake_kernel.c tests/unit/fake_kernel_map.c tests/unit/fake_kernel_world.c tests/unit/os_bug.c)

# shoal_libos_test(NAME, arguments of shoal_unit_test without the sources of libos_low)
function(shoal_libos_test name)
    shoal_unit_test(${name} ${ARGN})
    list(TRANSFORM libos_low PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
    target_sources(unit_${name} PRIVATE ${sources})
    target_include_directories(unit_${name} BEFORE PRIVATE
        ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)
endfunction()

shoal_libos_test(range_test SOURCES tests/unit/range_test.c SEEDS 1 2 3 4 5 6 7 8)
