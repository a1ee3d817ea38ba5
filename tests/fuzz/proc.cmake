# What the process server reads: menu.lst, and the symbol tables of programs.
set(proc_includes
    ${CMAKE_SOURCE_DIR}/servers/proc ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)

shoal_fuzz_target(menu CORPUS tests/fuzz/corpus/menu
    SOURCES tests/fuzz/fuzz_menu.c servers/proc/menu.c libos/args/split.c)
target_include_directories(fuzz_menu BEFORE PRIVATE ${proc_includes})
shoal_fuzz_target(symbols CORPUS tests/fuzz/corpus/symbols SOURCES tests/fuzz/fuzz_symbols.c servers/proc/symbols.c)
target_include_directories(fuzz_symbols BEFORE PRIVATE ${proc_includes})
