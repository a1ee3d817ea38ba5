# Toolchain file: Debian's clang, LLD and LLVM binary tools for freestanding AArch64.
# Programs are linked by ld.lld itself and not by the clang driver: a link has exactly the inputs and options that are
# written in this tree, and no default library or start file of the build machine can slip in.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET aarch64-none-elf)
set(CMAKE_ASM_COMPILER clang)
set(CMAKE_ASM_COMPILER_TARGET aarch64-none-elf)

find_program(CMAKE_LINKER ld.lld REQUIRED)
find_program(CMAKE_AR llvm-ar REQUIRED)
find_program(CMAKE_RANLIB llvm-ranlib REQUIRED)
find_program(CMAKE_NM llvm-nm REQUIRED)
find_program(CMAKE_OBJCOPY llvm-objcopy REQUIRED)
find_program(CMAKE_OBJDUMP llvm-objdump REQUIRED)

foreach(language C ASM)
    set(CMAKE_${language}_LINK_EXECUTABLE
        "${CMAKE_LINKER} <LINK_FLAGS> <OBJECTS> -o <TARGET> --start-group <LINK_LIBRARIES> --end-group")
endforeach()

set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
