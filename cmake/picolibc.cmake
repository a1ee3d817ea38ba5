# picolibc, the C library: Debian's binary package picolibc-aarch64-linux-gnu and the compiler's own routines (128-bit
# floating point) out of the cross compiler's package.  tools/packages.sh installs both; not part of this tree.
set(PICOLIBC_VERSION 1.8)
set(PICOLIBC_ROOT /usr/lib/picolibc/aarch64-linux-gnu)
set(PICOLIBC_INCLUDE ${PICOLIBC_ROOT}/include)
set(PICOLIBC_LIBRARY ${PICOLIBC_ROOT}/lib/release/libc.a)
file(GLOB LIBGCC_LIBRARY /usr/lib/gcc-cross/aarch64-linux-gnu/12/libgcc.a)
if(NOT EXISTS ${PICOLIBC_LIBRARY} OR NOT LIBGCC_LIBRARY)
    message(FATAL_ERROR "picolibc is missing: tools/packages.sh picolibc-aarch64-linux-gnu libgcc-12-dev-arm64-cross")
endif()
file(STRINGS ${PICOLIBC_INCLUDE}/picolibc.h picolibc_found REGEX "^#define _PICOLIBC_VERSION ")
if(NOT picolibc_found MATCHES "\"${PICOLIBC_VERSION}\"")
    message(FATAL_ERROR "libos/posix is written for picolibc ${PICOLIBC_VERSION}, not for ${picolibc_found}")
endif()

# For code that sees the C library's headers, ours before its own: some of its are stubs.
add_library(flags_libc INTERFACE)
target_link_libraries(flags_libc INTERFACE flags_user)
target_include_directories(flags_libc SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/libos/posix/include ${PICOLIBC_INCLUDE})
target_compile_options(flags_libc INTERFACE -nostdlibinc -ftls-model=local-exec)
target_compile_definitions(flags_libc INTERFACE _GNU_SOURCE __shoal__)
