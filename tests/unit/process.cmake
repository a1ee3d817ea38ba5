# The list of processes, over a process server of the test's.
shoal_unit_test(process_list_test SOURCES tests/unit/process_list_test.c libos/process/list.c SEEDS 1 2 3)
target_link_libraries(unit_process_list_test PRIVATE if_proc if_monitor)
target_include_directories(unit_process_list_test BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/tests/unit/fake_rpc ${CMAKE_SOURCE_DIR}/libos/include)
