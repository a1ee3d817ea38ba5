# The serial server's terminal: any keys, any readers and writers.
shoal_fuzz_target(serial CORPUS tests/fuzz/corpus/serial SOURCES
    tests/fuzz/fuzz_serial.c servers/serial/line.c servers/serial/output.c servers/serial/terminal.c tests/unit/os_bug.c)
target_include_directories(fuzz_serial BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/servers/serial)
