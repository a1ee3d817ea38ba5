# What turns a program file into a process, as far as it can run here: command lines, the plan, the startup block.
set(spawn_includes ${CMAKE_SOURCE_DIR}/tests/unit/fake ${CMAKE_SOURCE_DIR}/libos/include)

shoal_unit_test(args SOURCES tests/unit/args_test.c libos/args/split.c SEEDS 1 2 3)
target_include_directories(unit_args BEFORE PRIVATE ${spawn_includes})

set(spawn_plan_sources libos/spawn/plan.c libos/spawn/block.c libos/startup/block.c)
shoal_unit_test(spawn_plan SOURCES tests/unit/spawn_plan_test.c ${spawn_plan_sources} SEEDS 1 2 3)
target_include_directories(unit_spawn_plan BEFORE PRIVATE ${spawn_includes})
shoal_unit_test(startup SOURCES tests/unit/startup_test.c ${spawn_plan_sources} SEEDS 1 2 3)
target_include_directories(unit_startup BEFORE PRIVATE ${spawn_includes})

# The whole of it, over libos and the fake kernel.
shoal_libos_test(spawn_build SOURCES tests/unit/spawn_build_test.c libos/spawn/build.c libos/spawn/content.c
    libos/spawn/image.c ${spawn_plan_sources} cpudriver/formats/archive.c cpudriver/formats/elf.c SEEDS 1 2 3)
