# picolibc, the C library, and the compiler's own routines (128-bit floating point): out of Debian's binary packages, fetched
# once for all presets and pinned by hash.  The packages are not installed, which would bring a whole GCC along.
set(PICOLIBC_VERSION 1.8)
set(PICOLIBC_ROOT ${CMAKE_SOURCE_DIR}/build/third_party/picolibc-aarch64-linux-gnu)
set(PICOLIBC_INCLUDE ${PICOLIBC_ROOT}/include)
set(LIBGCC_LIBRARY ${CMAKE_SOURCE_DIR}/build/third_party/libgcc-12-dev-arm64-cross/libgcc.a)

set(fetch ${PYTHON} -B ${CMAKE_SOURCE_DIR}/cmake/fetch_deb.py --architecture amd64 --build ${CMAKE_SOURCE_DIR}/build)
set(inside usr/lib/picolibc/aarch64-linux-gnu)
execute_process(
    COMMAND ${fetch} --package picolibc-aarch64-linux-gnu --version ${PICOLIBC_VERSION}-1
        --sha256 3104d844e1cc0d347fd2d5f60f7cccab70c0b34b829f5985e0fa5fcd752b7ff5
        --members ${inside}/include/ ${inside}/lib/release/libc.a usr/share/doc/picolibc-aarch64-linux-gnu/copyright
    RESULT_VARIABLE picolibc_fetched)
execute_process(
    COMMAND ${fetch} --package libgcc-12-dev-arm64-cross --version 12.2.0-14cross1
        --sha256 ff1324e262bae2c3aad685c2ed52bd531ab0a2a337a0fe35c3b720947d55b2ba
        --members usr/lib/gcc-cross/aarch64-linux-gnu/12/libgcc.a
    RESULT_VARIABLE libgcc_fetched)
if(NOT picolibc_fetched EQUAL 0 OR NOT libgcc_fetched EQUAL 0)
    message(FATAL_ERROR "The C library could not be fetched; the line above says why.")
endif()

# Its malloc is taken out of it, whole: a program that asks for a function of that family which libos/posix/malloc.c has not
# does not link, instead of having two heaps.
set(PICOLIBC_LIBRARY ${CMAKE_BINARY_DIR}/picolibc/libc.a)
if(NOT EXISTS ${PICOLIBC_LIBRARY} OR ${PICOLIBC_ROOT}/libc.a IS_NEWER_THAN ${PICOLIBC_LIBRARY})
    file(COPY ${PICOLIBC_ROOT}/libc.a DESTINATION ${CMAKE_BINARY_DIR}/picolibc)
    execute_process(COMMAND ${CMAKE_AR} t ${PICOLIBC_LIBRARY} OUTPUT_VARIABLE members COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "(nano-malloc-|libc_picolib_picosbrk)[^\n]*" members "${members}")
    execute_process(COMMAND ${CMAKE_AR} d ${PICOLIBC_LIBRARY} ${members} COMMAND_ERROR_IS_FATAL ANY)
    file(TOUCH ${PICOLIBC_LIBRARY})
endif()

# For code that sees the C library's headers, ours before its own: some of its are stubs.
add_library(flags_libc INTERFACE)
target_link_libraries(flags_libc INTERFACE flags_user)
target_include_directories(flags_libc SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/libos/posix/include ${PICOLIBC_INCLUDE})
target_compile_options(flags_libc INTERFACE -nostdlibinc -ftls-model=local-exec)
target_compile_definitions(flags_libc INTERFACE _GNU_SOURCE __shoal__)
