# RPC over UMP: the real client, server and ring over machines in miniature (rpc_ump_host.c); also under
# ThreadSanitizer.
find_package(Threads REQUIRED)
set(rpc_ump_sources libos/rpc/client.c libos/rpc/server.c libos/rpc/ump_end.c libos/rpc/ump_client.c
    libos/rpc/ump_server.c libos/rpc/ump_post.c libos/ump/ring.c libos/caps/caps.c tests/unit/rpc_ump_host.c)
set(rpc_ump_includes ${CMAKE_SOURCE_DIR}/tests/unit/fake_ump ${CMAKE_SOURCE_DIR}/libos/include
    ${CMAKE_SOURCE_DIR}/libos/rpc)

function(shoal_rpc_ump_test name source)
    shoal_unit_test(${name} SOURCES ${source} ${rpc_ump_sources} ${ARGN})
    target_include_directories(unit_${name} BEFORE PRIVATE ${rpc_ump_includes})
    target_link_libraries(unit_${name} PRIVATE Threads::Threads)

    set(sources ${source} ${rpc_ump_sources})
    list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/)
    add_executable(tsan_${name} ${sources} ${CMAKE_SOURCE_DIR}/tests/lib/test.c)
    target_link_libraries(tsan_${name} PRIVATE flags_common Threads::Threads)
    target_include_directories(tsan_${name} PRIVATE ${rpc_ump_includes} ${CMAKE_SOURCE_DIR}/cpudriver/abi
        ${CMAKE_SOURCE_DIR}/tests/lib)
    target_compile_options(tsan_${name} PRIVATE -O1 -fsanitize=thread)
    target_link_options(tsan_${name} PRIVATE -fsanitize=thread)
    add_test(NAME tsan.${name} COMMAND tsan_${name} 1)
    set_tests_properties(tsan.${name} PROPERTIES LABELS "unit;quick" TIMEOUT 300)
endfunction()

shoal_rpc_ump_test(rpc_ump_test tests/unit/rpc_ump_test.c SEEDS 1 2)
shoal_rpc_ump_test(rpc_ump_step_test tests/unit/rpc_ump_step_test.c)
shoal_rpc_ump_test(rpc_ump_client_test tests/unit/rpc_ump_client_test.c)
shoal_rpc_ump_test(rpc_ump_hostile_test tests/unit/rpc_ump_hostile_test.c SEEDS 1 2)
