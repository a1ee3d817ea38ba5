# The memory server: books, grants on the fake kernel, and what it wants of its monitor.
set(mem_books servers/mem/accounts.c tests/unit/libos_world.c)
shoal_libos_test(mem_accounts_test SOURCES tests/unit/mem_accounts_test.c ${mem_books} SEEDS 1 2 3 4)
shoal_libos_test(mem_grants_test SOURCES tests/unit/mem_grants_test.c servers/mem/grants.c ${mem_books} SEEDS 1 2 3 4)
shoal_libos_test(mem_wants_test SOURCES tests/unit/mem_wants_test.c servers/mem/wants.c ${mem_books})
foreach(name mem_accounts_test mem_grants_test mem_wants_test)
    target_include_directories(unit_${name} PRIVATE ${CMAKE_SOURCE_DIR}/servers/mem)
endforeach()
