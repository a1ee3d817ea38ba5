# The serial server's parts that make no system calls: line discipline, output of many, terminal, device.
set(serial servers/serial)
set(serial_pure ${serial}/line.c ${serial}/output.c ${serial}/terminal.c tests/unit/os_bug.c)
shoal_unit_test(serial_line_test SOURCES tests/unit/serial_line_test.c ${serial_pure} SEEDS 1 2 3 4)
shoal_unit_test(serial_output_test SOURCES tests/unit/serial_output_test.c ${serial_pure} SEEDS 1 2 3 4)
shoal_unit_test(serial_terminal_test SOURCES tests/unit/serial_terminal_test.c ${serial_pure} SEEDS 1 2 3 4 5 6)
shoal_unit_test(serial_pl011_test SOURCES tests/unit/serial_pl011_test.c ${serial}/pl011.c tests/unit/os_bug.c
    SEEDS 1 2 3 4)
foreach(name line output terminal pl011)
    target_include_directories(unit_serial_${name}_test BEFORE PRIVATE
        ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/${serial})
endforeach()

# The server itself; the test brings transport, slots and device.
shoal_unit_test(serial_server_test SOURCES tests/unit/serial_server_test.c ${serial_pure} ${serial}/pl011.c
    ${serial}/sessions.c ${serial}/ops.c ${serial}/loop.c SEEDS 1 2 3 4 5 6)
target_include_directories(unit_serial_server_test BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/${serial})
target_link_libraries(unit_serial_server_test PRIVATE if_serial if_service if_proc)
