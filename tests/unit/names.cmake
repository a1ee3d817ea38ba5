# The name service's book, against a naive model.
shoal_unit_test(names SOURCES tests/unit/names_test.c servers/names/book.c SEEDS 1 2 3)
target_include_directories(unit_names PRIVATE ${CMAKE_SOURCE_DIR}/servers/names ${CMAKE_SOURCE_DIR}/libos/include)
