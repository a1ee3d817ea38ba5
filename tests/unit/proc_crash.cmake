# Reports of crashes: names of functions, causes, registers, backtraces.
shoal_unit_test(proc_symbols SOURCES tests/unit/proc_symbols_test.c servers/proc/symbols.c SEEDS 1 2 3
    DEFINITIONS ELF_PROGRAM="${CMAKE_CURRENT_BINARY_DIR}/elf_program")
add_dependencies(unit_proc_symbols readers_inputs)
target_include_directories(unit_proc_symbols BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/servers/proc ${CMAKE_SOURCE_DIR}/libos/include)

shoal_unit_test(proc_crash SEEDS 1 2 3
    SOURCES tests/unit/proc_crash_test.c servers/proc/crash.c servers/proc/crash_trace.c servers/proc/symbols.c
        libos/process/text.c libos/err/err.c libos/err/format.c libos/print/format.c)
target_include_directories(unit_proc_crash BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/servers/proc ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)
