# The memory server's books, and its grants on the fake kernel.
set(mem_books servers/mem/accounts.c tests/unit/libos_world.c)
shoal_libos_test(mem_accounts_test SOURCES tests/unit/mem_accounts_test.c ${mem_books} SEEDS 1 2 3 4)
shoal_libos_test(mem_grants_test SOURCES tests/unit/mem_grants_test.c servers/mem/grants.c ${mem_books} SEEDS 1 2 3 4)
foreach(name mem_accounts_test mem_grants_test)
    target_include_directories(unit_${name} PRIVATE ${CMAKE_SOURCE_DIR}/servers/mem)
endforeach()
