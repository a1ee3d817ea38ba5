# The interface compiler and what it makes.
#
# idlc is a program of the build machine in every preset.  In those that build for it anyway it is an ordinary target,
# under sanitizers; else one command compiles it, because a CMake build has one compiler for C.
set(idlc_folder ${CMAKE_SOURCE_DIR}/idl/compiler)
file(GLOB idlc_sources CONFIGURE_DEPENDS ${idlc_folder}/*.c)
file(GLOB idlc_headers CONFIGURE_DEPENDS ${idlc_folder}/*.h ${idlc_folder}/*.def)

if(SHOAL_HOST)
    add_executable(idlc ${idlc_sources})
    target_link_libraries(idlc PRIVATE flags_host)
    set(IDLC $<TARGET_FILE:idlc>)
    set(idlc_command ${CMAKE_COMMAND} -E env LLVM_PROFILE_FILE=${CMAKE_BINARY_DIR}/idlc.%m.profraw ${IDLC})
    set(idlc_depends idlc)
else()
    find_program(HOST_CC clang REQUIRED)
    set(IDLC ${CMAKE_BINARY_DIR}/idl/idlc)
    add_custom_command(OUTPUT ${IDLC}
        COMMAND ${HOST_CC} -std=gnu17 -O1 -Wall -Wextra -Werror ${idlc_sources} -o ${IDLC}
        DEPENDS ${idlc_sources} ${idlc_headers} COMMENT "Building idlc for the build machine" VERBATIM)
    add_custom_target(build_idlc DEPENDS ${IDLC})
    set(idlc_command ${IDLC})
    set(idlc_depends build_idlc ${IDLC})
endif()

# shoal_interface(NAME [BINDING] [IMPORTS FILE...] [FOLDER FOLDER] [AS PREFIX]): idl/if/NAME.if becomes <stubs/NAME.h> and
# the library if_NAME.  A program links if_NAME and has the header.
#   BINDING  the stubs of bindings, for any message; else those without heap and waitset
#   FOLDER   for tests: where NAME.if and the imports are instead of idl/if
#   AS       for tests: the library is PREFIX_NAME, and has its stubs to itself
function(shoal_interface name)
    cmake_parse_arguments(PARSE_ARGV 1 if "BINDING" "FOLDER;AS" "IMPORTS")
    if(if_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "shoal_interface(${name}): bad arguments ${if_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT if_FOLDER)
        set(if_FOLDER ${CMAKE_SOURCE_DIR}/idl/if)
    endif()
    set(folder ${CMAKE_BINARY_DIR}/idl)
    if(if_AS)
        string(APPEND folder /${if_AS})
    else()
        set(if_AS if)
    endif()
    set(library ${if_AS}_${name})
    set(input ${if_FOLDER}/${name}.if)
    set(header ${folder}/stubs/${name}.h)
    set(source ${folder}/stubs/${name}.c)
    list(TRANSFORM if_IMPORTS PREPEND ${if_FOLDER}/)
    set(imports ${if_IMPORTS})
    list(TRANSFORM imports PREPEND --import=)
    set(outputs --rpc-h ${header} --rpc-c ${source})
    if(if_BINDING)
        set(outputs --h ${header} --c ${source})
    endif()
    file(MAKE_DIRECTORY ${folder}/stubs)
    add_custom_command(OUTPUT ${header} ${source}
        COMMAND ${idlc_command} ${imports} ${input} ${outputs}
        DEPENDS ${idlc_depends} ${input} ${if_IMPORTS}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)

    add_library(${library} STATIC ${source} ${header})
    target_include_directories(${library} PUBLIC ${folder})
    if(SHOAL_HOST)
        target_link_libraries(${library} PUBLIC flags_host)
        target_include_directories(${library} PUBLIC ${CMAKE_SOURCE_DIR}/libos/include)
    else()
        target_link_libraries(${library} PUBLIC flags_user)
        target_compile_options(${library} PRIVATE -mgeneral-regs-only)
    endif()
endfunction()
