# Compiler flags as interface libraries: flags_common for all of ours, and one each for kernel, user space and host.

add_library(flags_common INTERFACE)
target_compile_options(flags_common INTERFACE
    -Wall -Wextra -Werror
    $<$<COMPILE_LANGUAGE:C>:-g>      # not for assembly: clang 14 would leave the source's absolute path there
    # No path of the build machine in an image, an assertion text or debug information.
    -ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
    -fdebug-compilation-dir=.)

add_library(flags_target INTERFACE)
target_link_libraries(flags_target INTERFACE flags_common)
target_compile_options(flags_target INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:SHOAL_HOSTED>>>:-ffreestanding> -fno-pic -fno-common
    -mno-outline-atomics
    -ffunction-sections -fdata-sections
    -fno-omit-frame-pointer                      # backtraces walk frame records
    -fno-unwind-tables -fno-asynchronous-unwind-tables)
if(SHOAL_DEBUG)
    target_compile_options(flags_target INTERFACE -O1)
    target_compile_definitions(flags_target INTERFACE SHOAL_DEBUG)
else()
    target_compile_options(flags_target INTERFACE -O2)
endif()
# Without vector registers the loop vectoriser only interleaves, and clang 14 does that wrongly for loops such as
#     for (i = a; i < b; i++) map[i / 64] |= 1ull << i % 64;
# where it loads the word for i + 1 before the one for i is stored.  Must stand behind -O2, which switches it on.
target_compile_options(flags_target INTERFACE -fno-vectorize -fno-slp-vectorize)

add_library(flags_kernel INTERFACE)
target_link_libraries(flags_kernel INTERFACE flags_target)
target_include_directories(flags_kernel INTERFACE
    ${CMAKE_SOURCE_DIR}/cpudriver/abi ${CMAKE_SOURCE_DIR}/cpudriver
    ${CMAKE_SOURCE_DIR}/cpudriver/arch/aarch64/include)
target_compile_options(flags_kernel INTERFACE
    -mgeneral-regs-only -mstrict-align)
target_compile_definitions(flags_kernel INTERFACE SHOAL_VERSION="${PROJECT_VERSION}" ${SHOAL_BOARD_DEFINITIONS})

add_library(flags_user INTERFACE)
target_link_libraries(flags_user INTERFACE flags_target)
target_include_directories(flags_user INTERFACE
    ${CMAKE_SOURCE_DIR}/cpudriver/abi ${CMAKE_SOURCE_DIR}/libos/include)

add_library(flags_host INTERFACE)
target_link_libraries(flags_host INTERFACE flags_common)
target_include_directories(flags_host INTERFACE
    ${CMAKE_SOURCE_DIR}/cpudriver/abi ${CMAKE_SOURCE_DIR}/cpudriver
    ${CMAKE_SOURCE_DIR}/cpudriver/arch/fake/include ${CMAKE_SOURCE_DIR}/tests/lib)
target_compile_options(flags_host INTERFACE -O1 -fno-omit-frame-pointer)
target_compile_definitions(flags_host INTERFACE SHOAL_DEBUG SHOAL_VERSION="${PROJECT_VERSION}")
if(SHOAL_COVERAGE)
    target_compile_options(flags_host INTERFACE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(flags_host INTERFACE -fprofile-instr-generate)
else()
    set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_compile_options(flags_host INTERFACE ${sanitize})
    target_link_options(flags_host INTERFACE ${sanitize})
endif()
