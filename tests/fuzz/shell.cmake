# The shell: what is typed, and what is run.
set(shell_includes ${CMAKE_SOURCE_DIR}/apps/shell ${CMAKE_SOURCE_DIR}/tests/unit ${CMAKE_SOURCE_DIR}/libos/include)

shoal_fuzz_target(shell_editor CORPUS tests/fuzz/corpus/shell-editor
    SOURCES tests/fuzz/fuzz_shell_editor.c tests/unit/shell_terminal.c apps/shell/editor.c apps/shell/history.c
        apps/shell/keys.c apps/shell/screen.c apps/shell/complete.c libos/print/format.c)
shoal_fuzz_target(shell_parser CORPUS tests/fuzz/corpus/shell-parser
    SOURCES tests/fuzz/fuzz_shell_parser.c apps/shell/parser.c libos/args/split.c)
foreach(name shell_editor shell_parser)
    target_include_directories(fuzz_${name} PRIVATE ${shell_includes})
endforeach()
