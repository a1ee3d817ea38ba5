# Programs nobody here wrote, built with the SDK: targets that nothing else depends on.  `cmake --build build/qemu --target lua`
# fetches the Debian source package (fetch_source.py), builds it in build/PRESET/ports and leaves the program in
# build/PRESET/ports/bin.  They need make, SQLite needs tclsh, too (tools/packages.sh: packages_ports).  ./run builds those that
# its commands name; tools/ports.py reads the names from the calls below.  docs/sdk.md says what was left out of each.
set(ports ${CMAKE_BINARY_DIR}/ports)
set(ports_sdk ${ports}/sdk)

# The SDK as an installation has it.
add_custom_command(OUTPUT ${ports}/sdk.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${ports_sdk}
    COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR} --prefix ${ports_sdk} > ${ports}/install.log
    COMMAND ${CMAKE_COMMAND} -E touch ${ports}/sdk.stamp
    DEPENDS libshoal ${CMAKE_BINARY_DIR}/libshoal.a $<TARGET_OBJECTS:crt0> crt0 sdk build_idlc ${IDLC}
        ${CMAKE_SOURCE_DIR}/sdk/shoal-cc ${CMAKE_SOURCE_DIR}/libos/program.ld VERBATIM)
file(MAKE_DIRECTORY ${ports}/bin)

# shoal_port(NAME PACKAGE P TARBALL T SHA256 H FOLDER F): sdk/ports/NAME.sh, which runs in a copy of F, the folder of the
# tarball, leaves the program in the file $OUT.
function(shoal_port name)
    cmake_parse_arguments(PARSE_ARGV 1 port "" "PACKAGE;TARBALL;SHA256;FOLDER" "")
    set(work ${ports}/${port_FOLDER})
    set(scripts ${CMAKE_SOURCE_DIR}/sdk/ports)
    file(GLOB own ${scripts}/${name}*)
    add_custom_command(OUTPUT ${ports}/bin/${name}
        COMMAND ${PYTHON} ${CMAKE_SOURCE_DIR}/cmake/fetch_source.py --package ${port_PACKAGE} --tarball ${port_TARBALL}
            --sha256 ${port_SHA256} --members ${port_FOLDER}/ --build ${CMAKE_SOURCE_DIR}/build
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${work}
        COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_SOURCE_DIR}/build/third_party/${port_FOLDER} ${work}
        COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${CMAKE_COMMAND} -E env CC=${ports_sdk}/bin/shoal-cc AR=${CMAKE_AR}
            RANLIB=${CMAKE_RANLIB} HOST_CC=${HOST_CC} PORTS=${scripts} OUT=${ports}/bin/${name} sh ${scripts}/${name}.sh
        DEPENDS ${ports}/sdk.stamp ${own} COMMENT "Building ${name} with the SDK" VERBATIM)
    add_custom_target(${name} DEPENDS ${ports}/bin/${name})
endfunction()

shoal_port(lua PACKAGE lua5.4 TARBALL lua5.4_5.4.4.orig.tar.gz FOLDER lua-5.4.4
    SHA256 164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61)
shoal_port(zlib-example PACKAGE zlib TARBALL zlib_1.2.13.dfsg.orig.tar.bz2 FOLDER zlib-1.2.13.dfsg
    SHA256 71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1)
shoal_port(sqlite3 PACKAGE sqlite3 TARBALL sqlite3_3.40.1.orig.tar.xz FOLDER sqlite3-3.40.1
    SHA256 aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655)
add_custom_target(ports DEPENDS lua zlib-example sqlite3)
