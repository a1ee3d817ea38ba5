# cmake --install build/PRESET --prefix DIR: the SDK (docs/sdk.md).  Nothing in it names the folder it lies in.
include(CMakePackageConfigHelpers)
configure_file(sdk/shoal.pc.in ${CMAKE_BINARY_DIR}/sdk/shoal.pc @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/sdk/ShoalConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
# Programs that ask for -lm or -lpthread get what they want from -lc and -lshoal.
foreach(library m pthread)
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/sdk/lib${library}.a
        COMMAND ${CMAKE_AR} qc ${CMAKE_BINARY_DIR}/sdk/lib${library}.a VERBATIM)
endforeach()
add_custom_target(sdk ALL DEPENDS ${CMAKE_BINARY_DIR}/sdk/libm.a ${CMAKE_BINARY_DIR}/sdk/libpthread.a)

install(PROGRAMS sdk/shoal-cc ${IDLC} DESTINATION bin)
install(DIRECTORY libos/include/os cpudriver/abi/shoal DESTINATION sysroot/include)
install(DIRECTORY ${CMAKE_BINARY_DIR}/idl/stubs DESTINATION sysroot/include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY libos/posix/include/ DESTINATION sysroot/include)
install(DIRECTORY ${PICOLIBC_INCLUDE}/ DESTINATION sysroot/include/libc PATTERN release EXCLUDE)
install(FILES $<TARGET_OBJECTS:crt0> DESTINATION sysroot/lib RENAME crt0.o)
install(FILES ${CMAKE_BINARY_DIR}/libshoal.a ${PICOLIBC_LIBRARY} ${LIBGCC_LIBRARY} libos/program.ld
    ${CMAKE_BINARY_DIR}/sdk/libm.a ${CMAKE_BINARY_DIR}/sdk/libpthread.a DESTINATION sysroot/lib)
install(DIRECTORY idl/if DESTINATION share/shoal)
install(FILES sdk/toolchain.cmake sdk/ShoalConfig.cmake ${CMAKE_BINARY_DIR}/sdk/ShoalConfigVersion.cmake
    DESTINATION share/cmake/Shoal)
install(FILES ${CMAKE_BINARY_DIR}/sdk/shoal.pc DESTINATION lib/pkgconfig)
install(FILES LICENSE DESTINATION share/doc/shoal)
install(FILES ${PICOLIBC_ROOT}/copyright DESTINATION share/doc/picolibc)
