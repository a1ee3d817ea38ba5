# build/PRESET/boot.cpio: init, the menu, then every other program.  ./run adds --module and --exec files to a copy.
# The files of the archive have no debug information, which is four fifths of a program, but their symbol table: reports of
# crashes name functions.  Debuggers read build/PRESET/programs.
get_property(programs GLOBAL PROPERTY SHOAL_PROGRAMS)
set(stripped ${CMAKE_BINARY_DIR}/stripped)
file(MAKE_DIRECTORY ${stripped})
foreach(name IN LISTS programs)
    add_custom_command(OUTPUT ${stripped}/${name}
        COMMAND ${CMAKE_OBJCOPY} --strip-debug $<TARGET_FILE:program_${name}> ${stripped}/${name}
        DEPENDS program_${name} VERBATIM)
endforeach()
list(REMOVE_ITEM programs init)
set(mkarchive ${CMAKE_SOURCE_DIR}/tools/mkarchive.py)
set(menu ${CMAKE_SOURCE_DIR}/board/${SHOAL_BOARD}/menu.lst)
set(files init=${stripped}/init menu.lst=${menu})
foreach(name IN LISTS programs)
    list(APPEND files ${name}=${stripped}/${name})
endforeach()
list(TRANSFORM programs PREPEND ${stripped}/)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/boot.cpio
    COMMAND ${PYTHON} ${mkarchive} --out ${CMAKE_BINARY_DIR}/boot.cpio ${files}
    DEPENDS ${mkarchive} ${menu} ${stripped}/init ${programs} VERBATIM)
add_custom_target(boot_archive ALL DEPENDS ${CMAKE_BINARY_DIR}/boot.cpio)
