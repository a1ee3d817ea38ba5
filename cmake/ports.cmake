# Programs nobody here wrote, built with the SDK: targets that nothing else depends on.  `cmake --build build/qemu --target lua`
# fetches the Debian source package (fetch_source.py), builds it in build/PRESET/ports and leaves the program in
# build/PRESET/ports/bin.  docs/sdk.md says what was left out of each.
set(ports ${CMAKE_BINARY_DIR}/ports)
set(ports_sdk ${ports}/sdk)
find_program(MAKE make)

# The SDK as an installation has it.
add_custom_command(OUTPUT ${ports}/sdk.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${ports_sdk}
    COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR} --prefix ${ports_sdk} > ${ports}/install.log
    COMMAND ${CMAKE_COMMAND} -E touch ${ports}/sdk.stamp
    DEPENDS libshoal ${CMAKE_BINARY_DIR}/libshoal.a $<TARGET_OBJECTS:crt0> crt0 sdk build_idlc ${IDLC}
        ${CMAKE_SOURCE_DIR}/sdk/shoal-cc ${CMAKE_SOURCE_DIR}/libos/program.ld VERBATIM)
file(MAKE_DIRECTORY ${ports}/bin)

# shoal_port(NAME PACKAGE P TARBALL T SHA256 H FOLDER F COMMANDS ...): COMMANDS, which run in a copy of F, the folder of the
# tarball, must leave NAME in ${ports}/bin.
function(shoal_port name)
    cmake_parse_arguments(PARSE_ARGV 1 port "" "PACKAGE;TARBALL;SHA256;FOLDER" "COMMANDS")
    set(work ${ports}/${port_FOLDER})
    add_custom_command(OUTPUT ${ports}/bin/${name}
        COMMAND ${PYTHON} ${CMAKE_SOURCE_DIR}/cmake/fetch_source.py --package ${port_PACKAGE} --tarball ${port_TARBALL}
            --sha256 ${port_SHA256} --members ${port_FOLDER}/ --build ${CMAKE_SOURCE_DIR}/build
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${work}
        COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_SOURCE_DIR}/build/third_party/${port_FOLDER} ${work}
        COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${port_COMMANDS}
        DEPENDS ${ports}/sdk.stamp COMMENT "Building ${name} with the SDK" VERBATIM)
    add_custom_target(${name} DEPENDS ${ports}/bin/${name})
endfunction()

shoal_port(lua
    PACKAGE lua5.4 TARBALL lua5.4_5.4.4.orig.tar.gz FOLDER lua-5.4.4
    SHA256 164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61
    COMMANDS ${MAKE} -s -C src CC=${ports_sdk}/bin/shoal-cc "AR=${CMAKE_AR} qc" RANLIB=${CMAKE_RANLIB} generic
    COMMAND ${CMAKE_COMMAND} -E copy ${ports}/lua-5.4.4/src/lua ${ports}/bin/lua)
