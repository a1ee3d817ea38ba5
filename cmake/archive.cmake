# build/PRESET/boot.cpio: init, the menu, then every other program.  ./run adds --module and --exec files to a copy.
get_property(programs GLOBAL PROPERTY SHOAL_PROGRAMS)
list(REMOVE_ITEM programs init)
set(mkarchive ${CMAKE_SOURCE_DIR}/tools/mkarchive.py)
set(menu ${CMAKE_SOURCE_DIR}/board/${SHOAL_BOARD}/menu.lst)
set(files init=$<TARGET_FILE:program_init> menu.lst=${menu})
foreach(name IN LISTS programs)
    list(APPEND files ${name}=$<TARGET_FILE:program_${name}>)
endforeach()
list(TRANSFORM programs PREPEND program_)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/boot.cpio
    COMMAND ${PYTHON} ${mkarchive} --out ${CMAKE_BINARY_DIR}/boot.cpio ${files}
    DEPENDS ${mkarchive} ${menu} program_init ${programs} VERBATIM)
add_custom_target(boot_archive ALL DEPENDS ${CMAKE_BINARY_DIR}/boot.cpio)
