# The unmarshaller, on the interface of tests/binding.
set(wire_sources libos/binding/wire_pack.c libos/binding/wire_packet.c libos/binding/wire_release.c
    libos/binding/wire_types.c libos/binding/wire_unpack.c)
shoal_fuzz_target(wire SOURCES tests/fuzz/fuzz_wire.c ${wire_sources} CORPUS tests/fuzz/corpus/wire)
target_link_libraries(fuzz_wire PRIVATE if_talk)
target_include_directories(fuzz_wire BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/libos/include)
