# The interface compiler's front end and back ends.  The corpus is its goldens: an interface for each of its messages.
file(GLOB idl_sources RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/idl/compiler/*.c)
list(REMOVE_ITEM idl_sources idl/compiler/main.c)
shoal_fuzz_target(idl SOURCES idl/compiler/test/fuzz_idl.c ${idl_sources} CORPUS idl/goldens)
