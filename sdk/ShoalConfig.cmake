# find_package(Shoal): the interface compiler.  shoal-cc, which the toolchain file names, needs nothing else to be said.
get_filename_component(Shoal_SDK "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(Shoal_IDLC ${Shoal_SDK}/bin/idlc)
set(Shoal_INTERFACES ${Shoal_SDK}/share/shoal/if)

# shoal_interface(FILE.if [IMPORTS FILE...]): makes <stubs/NAME.h> and the library if_NAME, which programs link.
function(shoal_interface file)
    cmake_parse_arguments(PARSE_ARGV 1 if "" "" "IMPORTS")
    if(if_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "shoal_interface(${file}): bad arguments ${if_UNPARSED_ARGUMENTS}")
    endif()
    get_filename_component(file ${file} ABSOLUTE)
    get_filename_component(name ${file} NAME_WE)
    set(stubs ${CMAKE_CURRENT_BINARY_DIR}/idl/stubs)
    set(imports ${if_IMPORTS})
    list(TRANSFORM imports PREPEND --import=)
    file(MAKE_DIRECTORY ${stubs})
    add_custom_command(OUTPUT ${stubs}/${name}.h ${stubs}/${name}.c
        COMMAND ${Shoal_IDLC} ${imports} ${file} --rpc-h ${stubs}/${name}.h --rpc-c ${stubs}/${name}.c
        DEPENDS ${Shoal_IDLC} ${file} ${if_IMPORTS} VERBATIM)
    add_library(if_${name} STATIC ${stubs}/${name}.c ${stubs}/${name}.h)
    target_include_directories(if_${name} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/idl)
endfunction()
