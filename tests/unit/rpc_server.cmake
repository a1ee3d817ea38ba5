# The decisions of a server's loop: the kernel's side of xfer, and rings, are the test's.
shoal_unit_test(rpc_server_test SOURCES tests/unit/rpc_server_test.c libos/rpc/server.c)
target_include_directories(unit_rpc_server_test BEFORE PRIVATE
    ${CMAKE_SOURCE_DIR}/tests/unit/fake_rpc ${CMAKE_SOURCE_DIR}/libos/include ${CMAKE_SOURCE_DIR}/libos/rpc)
