# menu.lst: what is started at boot.
shoal_unit_test(proc_menu SOURCES tests/unit/proc_menu_test.c servers/proc/menu.c libos/args/split.c SEEDS 1 2 3)
target_include_directories(unit_proc_menu BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/servers/proc ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)
