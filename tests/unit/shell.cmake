# The shell's line editor, history and command parser.
set(shell_includes ${CMAKE_SOURCE_DIR}/apps/shell ${CMAKE_SOURCE_DIR}/tests/unit ${CMAKE_SOURCE_DIR}/libos/include)

shoal_unit_test(shell_editor SEEDS 1 2 3 SOURCES tests/unit/shell_editor_test.c tests/unit/shell_terminal.c
    apps/shell/editor.c apps/shell/history.c apps/shell/keys.c apps/shell/screen.c apps/shell/complete.c
    libos/print/format.c)
shoal_unit_test(shell_parser SOURCES tests/unit/shell_parser_test.c apps/shell/parser.c apps/shell/numbers.c
    libos/args/split.c)
foreach(name shell_editor shell_parser)
    target_include_directories(unit_${name} PRIVATE ${shell_includes})
endforeach()
