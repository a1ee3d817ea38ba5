# Threads: the scheduler and what stands on it, over a machine in miniature (thread_machine.c).
set(thread_sources libos/thread/core.c libos/thread/event.c libos/thread/timers.c libos/thread/mutex.c
    libos/thread/condition.c libos/thread/checks.c libos/print/format.c
    libos/lock/lowlock.c tests/unit/os_bug.c tests/unit/thread_machine.c)
set(thread_includes ${CMAKE_SOURCE_DIR}/tests/unit/fake_thread ${CMAKE_SOURCE_DIR}/tests/unit/fake
    ${CMAKE_SOURCE_DIR}/libos/include)

function(shoal_thread_test name)
    shoal_unit_test(${name} ${ARGN})
    target_include_directories(unit_${name} BEFORE PRIVATE ${thread_includes})
endfunction()

shoal_thread_test(timers_test SOURCES tests/unit/timers_test.c libos/thread/timers.c tests/unit/os_bug.c SEEDS 1 2 3)
shoal_thread_test(thread_test SOURCES tests/unit/thread_test.c ${thread_sources}
    SEEDS 1 2 3 4 5 6 7 8 9 10 11 12)
shoal_thread_test(rpc_threads_test SOURCES tests/unit/rpc_threads_test.c libos/rpc/client_threads.c
    libos/rpc/server_threads.c libos/rpc/server.c libos/rpc/ump_client_threads.c libos/rpc/ump_client.c libos/rpc/ump_end.c
    libos/ump/ring.c ${thread_sources} SEEDS 1 2 3 4 5 6)
shoal_thread_test(rpc_ump_threads_test SOURCES tests/unit/rpc_ump_threads_test.c libos/rpc/client_threads.c
    libos/rpc/server_threads.c libos/rpc/server.c libos/rpc/ump_client_threads.c libos/rpc/ump_client.c libos/rpc/ump_end.c
    libos/ump/ring.c ${thread_sources} SEEDS 1 2 3 4 5 6)
shoal_thread_test(refill_threads_test SOURCES tests/unit/refill_threads_test.c libos/thread/refill.c ${thread_sources} SEEDS 1 2 3)
