# Command lines, and the block that a process is started with.
set(spawn_includes ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)

shoal_fuzz_target(args CORPUS tests/fuzz/corpus/args SOURCES tests/fuzz/fuzz_args.c libos/args/split.c)
target_include_directories(fuzz_args BEFORE PRIVATE ${spawn_includes})
shoal_fuzz_target(startup CORPUS tests/fuzz/corpus/startup SOURCES tests/fuzz/fuzz_startup.c libos/startup/block.c)
target_include_directories(fuzz_startup BEFORE PRIVATE ${spawn_includes})
