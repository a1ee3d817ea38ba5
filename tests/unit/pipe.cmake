# The pipe server's bytes and waiters, against a naive model.
shoal_unit_test(pipe SOURCES tests/unit/pipe_test.c servers/pipe/pipe.c SEEDS 1 2 3)
target_include_directories(unit_pipe PRIVATE ${CMAKE_SOURCE_DIR}/servers/pipe ${CMAKE_SOURCE_DIR}/libos/include)
