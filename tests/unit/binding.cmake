# Waitsets and bindings, over tests/binding/host.c, which brings threads, heap and capabilities.
file(GLOB binding_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/libos/binding/*.c ${CMAKE_SOURCE_DIR}/libos/waitset/*.c
    ${CMAKE_SOURCE_DIR}/libos/ump/*.c ${CMAKE_SOURCE_DIR}/libos/lmp/*.c)
set(binding_tests ${CMAKE_SOURCE_DIR}/tests/binding)
set(binding_includes ${binding_tests}/fake ${CMAKE_SOURCE_DIR}/libos/include ${binding_tests})
find_package(Threads REQUIRED)

add_library(binding_host STATIC ${binding_sources} ${binding_tests}/host.c ${binding_tests}/channels.c
    ${binding_tests}/fake_lmp.c ${binding_tests}/host_share.c ${binding_tests}/fake_direct.c)
target_link_libraries(binding_host PUBLIC flags_host Threads::Threads)
target_include_directories(binding_host BEFORE PUBLIC ${binding_includes})

# shoal_binding_test(NAME, arguments of shoal_unit_test; INTERFACES NAME...: of tests/binding)
function(shoal_binding_test name)
    cmake_parse_arguments(PARSE_ARGV 1 binding "" "" "INTERFACES")
    shoal_unit_test(${name} ${binding_UNPARSED_ARGUMENTS})
    target_link_libraries(unit_${name} PRIVATE binding_host)
    foreach(interface IN LISTS binding_INTERFACES)
        target_link_libraries(unit_${name} PRIVATE if_${interface})
    endforeach()
endfunction()

# Random interfaces, one for each number, with random values, three seeds for each.  0 has each type in each position.
foreach(number 0 1 2 3 4 5 6)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/random${number})
    file(MAKE_DIRECTORY ${folder}/stubs)
    add_custom_command(OUTPUT ${folder}/stubs/rnd.if ${folder}/driver.c
        COMMAND ${PYTHON} -B ${binding_tests}/random_gen.py ${number} ${folder}
        DEPENDS ${binding_tests}/random_gen.py VERBATIM)
    add_custom_command(OUTPUT ${folder}/stubs/rnd.h ${folder}/stubs/rnd.c
        COMMAND ${idlc_command} ${folder}/stubs/rnd.if --h ${folder}/stubs/rnd.h --c ${folder}/stubs/rnd.c
        DEPENDS ${idlc_depends} ${folder}/stubs/rnd.if VERBATIM)
    add_executable(unit_random${number} ${binding_tests}/random_main.c ${folder}/stubs/rnd.c ${folder}/stubs/rnd.h
        ${folder}/driver.c)
    set_source_files_properties(${folder}/driver.c PROPERTIES HEADER_FILE_ONLY TRUE)
    target_include_directories(unit_random${number} BEFORE PRIVATE ${folder})
    target_link_libraries(unit_random${number} PRIVATE test_main binding_host)
    foreach(seed 1 2 3)
        add_test(NAME unit.random${number}.seed${seed} COMMAND unit_random${number} ${seed})
        set_tests_properties(unit.random${number}.seed${seed} PROPERTIES LABELS "unit;quick" TIMEOUT 120)
        shoal_coverage_of(unit.random${number}.seed${seed} unit_random${number})
    endforeach()
endforeach()

shoal_interface(talk BINDING FOLDER ${binding_tests})
target_link_libraries(if_talk PUBLIC binding_host)
target_include_directories(if_talk BEFORE PRIVATE ${binding_includes})

shoal_binding_test(waitset_test SOURCES tests/binding/waitset_test.c SEEDS 1 2 3)
shoal_binding_test(ump_ring_test SOURCES tests/binding/ump_ring_test.c SEEDS 1 2)

# The same sources under ThreadSanitizer, which does not go with the other sanitizers.
# shoal_tsan_test(NAME SOURCES FILE... [INTERFACES NAME...])
function(shoal_tsan_test name)
    cmake_parse_arguments(PARSE_ARGV 1 tsan "" "" "SOURCES;INTERFACES")
    list(TRANSFORM tsan_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)
    foreach(interface IN LISTS tsan_INTERFACES)
        list(APPEND tsan_SOURCES ${CMAKE_BINARY_DIR}/idl/stubs/${interface}.c)
    endforeach()
    add_executable(tsan_${name} ${tsan_SOURCES} ${binding_sources} ${binding_tests}/host.c ${binding_tests}/channels.c
        ${binding_tests}/fake_lmp.c ${binding_tests}/host_share.c ${binding_tests}/fake_direct.c ${CMAKE_SOURCE_DIR}/tests/lib/test.c)
    target_link_libraries(tsan_${name} PRIVATE flags_common Threads::Threads)
    target_include_directories(tsan_${name} PRIVATE ${binding_includes} ${CMAKE_SOURCE_DIR}/cpudriver/abi
        ${CMAKE_SOURCE_DIR}/tests/lib ${CMAKE_BINARY_DIR}/idl)
    target_compile_options(tsan_${name} PRIVATE -O1 -fsanitize=thread)
    target_link_options(tsan_${name} PRIVATE -fsanitize=thread)
    foreach(interface IN LISTS tsan_INTERFACES)
        add_dependencies(tsan_${name} if_${interface})
    endforeach()
    add_test(NAME tsan.${name} COMMAND tsan_${name} 1)
    set_tests_properties(tsan.${name} PROPERTIES LABELS "unit;quick" TIMEOUT 300)
endfunction()

shoal_tsan_test(waitset SOURCES tests/binding/waitset_test.c)
shoal_tsan_test(ump_ring SOURCES tests/binding/ump_ring_test.c)
shoal_binding_test(binding_test SOURCES tests/binding/binding_test.c tests/binding/pair.c INTERFACES talk)
shoal_binding_test(hostile_test SOURCES tests/binding/hostile_test.c tests/binding/pair.c SEEDS 1 2 3 INTERFACES talk)
shoal_binding_test(threads_test SOURCES tests/binding/threads_test.c tests/binding/pair.c INTERFACES talk)
shoal_tsan_test(threads SOURCES tests/binding/threads_test.c tests/binding/pair.c INTERFACES talk)
shoal_binding_test(share_test SOURCES tests/binding/share_test.c tests/binding/pair.c SEEDS 1 2 3 INTERFACES talk)
