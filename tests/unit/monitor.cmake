# The monitor's binds, with seats and capabilities of the test's.
shoal_unit_test(monitor_services_test SOURCES tests/unit/monitor_services_test.c servers/init/monitor/services.c
    tests/unit/os_bug.c)
target_link_libraries(unit_monitor_services_test PRIVATE if_mem if_service)
target_include_directories(unit_monitor_services_test BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/tests/unit/fake_rpc ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/servers/init/monitor)
