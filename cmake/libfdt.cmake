# libfdt, the reader of device trees: upstream source out of Debian's source package arm-trusted-firmware, fetched once
# for all presets and pinned by hash.  Not part of this tree.
set(LIBFDT_ROOT ${CMAKE_SOURCE_DIR}/build/third_party/trusted-firmware-a-2.8.0)
execute_process(
    COMMAND ${PYTHON} ${CMAKE_SOURCE_DIR}/cmake/fetch_source.py
        --package arm-trusted-firmware
        --tarball arm-trusted-firmware_2.8.0+dfsg.orig.tar.xz
        --sha256 a4ecc35e0b893fe8682c075fc1bdb858de87e4cb18fbed9a1597e2c9f6d320de
        --members trusted-firmware-a-2.8.0/lib/libfdt/ trusted-firmware-a-2.8.0/include/lib/libfdt/
        --build ${CMAKE_SOURCE_DIR}/build
    RESULT_VARIABLE fetched)
if(NOT fetched EQUAL 0)
    message(FATAL_ERROR "libfdt could not be fetched; the line above says why.")
endif()

file(GLOB libfdt_sources ${LIBFDT_ROOT}/lib/libfdt/*.c)
add_library(fdt STATIC EXCLUDE_FROM_ALL ${libfdt_sources})
target_include_directories(fdt SYSTEM PUBLIC ${LIBFDT_ROOT}/include/lib/libfdt)
target_include_directories(fdt PRIVATE ${LIBFDT_ROOT}/lib/libfdt)
target_compile_options(fdt PRIVATE -w)
if(SHOAL_HOST)
    target_link_libraries(fdt PRIVATE flags_host)
    target_compile_options(fdt PRIVATE -fno-sanitize=undefined)   # upstream computes pointers that UBSan calls overflow
else()
    target_link_libraries(fdt PRIVATE flags_kernel)
    # libfdt asks for <string.h> and <stdlib.h>; freestanding clang has neither, core/lib.h declares what is there.
    target_include_directories(fdt SYSTEM PUBLIC ${CMAKE_SOURCE_DIR}/cmake/freestanding)
endif()
