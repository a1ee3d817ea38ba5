# The heap over addresses and promises of the build machine.
shoal_unit_test(heap_test SOURCES tests/unit/heap_test.c libos/heap/heap.c libos/heap/large.c tests/unit/os_bug.c
    SEEDS 1 2 3 4 5 6)
target_include_directories(unit_heap_test BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit/fake_thread
    ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)
