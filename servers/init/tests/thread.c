/**
 * @file thread.c  Threads of one process: each case is one of apps/threadtest, which says in its page what went wrong.
 */
#include "../threads.h"
#include <os/string.h>

static struct threads threads;

static void run(struct test *t, const char *name)
{
    if (!threads_start(t, &threads, name)) {
        return;
    }
    const int status = program_ended(&threads.program);
    CHECK(t, status == 0, "status %d: %s", status, threads.program.page);
    CHECK_EQ(t, threads.server.page->result[THREADS_REFUSED], 0);
}

#define THREAD_CASE(name)                                                                                              \
    static void name(struct test *t)                                                                                   \
    {                                                                                                                  \
        run(t, #name);                                                                                                 \
    }

THREAD_CASE(start_and_join)
THREAD_CASE(refuses)
THREAD_CASE(preemption)
THREAD_CASE(priorities)
THREAD_CASE(change_of_priority)
THREAD_CASE(hundred)
THREAD_CASE(detached)
THREAD_CASE(own_stack)
THREAD_CASE(mutex_contention)
THREAD_CASE(mutex_order)
THREAD_CASE(mutex_deadline)
THREAD_CASE(condition_ping_pong)
THREAD_CASE(condition_broadcast_order)
THREAD_CASE(condition_deadline)
THREAD_CASE(circle_that_opens)
THREAD_CASE(recursive)
THREAD_CASE(semaphore)
THREAD_CASE(once)
THREAD_CASE(read_write)
THREAD_CASE(sleep_order)
THREAD_CASE(fp_registers)
THREAD_CASE(tls_register)
THREAD_CASE(blocked_alone)
THREAD_CASE(events)
THREAD_CASE(idle_parks)
THREAD_CASE(rpc_alone)
THREAD_CASE(rpc_two_under_way)
THREAD_CASE(rpc_many)
THREAD_CASE(rpc_and_timers)
THREAD_CASE(rpc_closed)
THREAD_CASE(rpc_closed_alone)
THREAD_CASE(rpc_cancelled)

/* What ends the process, with this sentence. */
static void dies(struct test *t, const char *name, enum fault_cause cause, const char *text)
{
    struct fault f;

    if (threads_start(t, &threads, name) && proc_fault(&threads.program.proc, &f)) {
        CHECK(t, f.cause == (uint64_t)cause && (f.syndrome & 0xffff) != BRK_EXIT, "cause %lu at %#lx, pc %#lx", f.cause,
              f.address, f.pc);
        const size_t length = strnlen(threads.program.page, 2048), tail = strnlen(text, 200);
        CHECK(t, length >= tail && strcmp(threads.program.page + length - tail, text) == 0, "it said: %s",
              threads.program.page);
    }
}

#define BUG_CASE(name, text)                                                                                           \
    static void name(struct test *t)                                                                                   \
    {                                                                                                                  \
        dies(t, #name, FAULT_BREAKPOINT, text "\n");                                                                   \
    }

BUG_CASE(bug_lock_twice, "a thread takes a mutex that it has")
BUG_CASE(bug_unlock_open, "a thread releases a mutex that it has not")
BUG_CASE(bug_unlock_other, "a thread releases a mutex that it has not")
BUG_CASE(bug_block_low, "a thread blocks that has a low lock")

#ifdef SHOAL_DEBUG
BUG_CASE(bug_circle_of_two,
         "deadlock: thread 1 (main) waits for a mutex of thread 2 (other), which waits for a mutex of thread 1 (main)")
BUG_CASE(bug_circle_of_three,
         "deadlock: thread 1 (main) waits for a mutex of thread 3 (a), which waits for a mutex of thread 2 (b), "
         "which waits for a mutex of thread 1 (main)")
BUG_CASE(bug_circle_by_condition,
         "deadlock: thread 1 (main) waits for a mutex of thread 2 (signalled), which waits for a mutex of thread 1 (main)")
BUG_CASE(bug_end_with_mutex, "thread 2 (careless) ends and has a mutex")
BUG_CASE(bug_destroy_taken, "thread 1 (main) destroys a mutex that is taken")
BUG_CASE(bug_destroy_waited_for, "thread 1 (main) destroys a condition that is waited for")
BUG_CASE(bug_lock_low, "a mutex is taken under a low lock")
BUG_CASE(bug_lock_disabled, "a mutex is taken in disabled mode")
BUG_CASE(bug_disable_twice, "disabled mode is entered twice, or by an event handler")
BUG_CASE(bug_low_order, "low locks are taken in the wrong order, or one twice")
BUG_CASE(bug_low_disabled, "a low lock is taken in disabled mode")

#define DEBUG_CASES                                                                                                    \
    , CASE(bug_circle_of_two), CASE(bug_circle_of_three), CASE(bug_circle_by_condition),                               \
    CASE(bug_end_with_mutex), CASE(bug_destroy_taken), CASE(bug_destroy_waited_for), CASE(bug_lock_low),               \
    CASE(bug_lock_disabled), CASE(bug_disable_twice), CASE(bug_low_order), CASE(bug_low_disabled)
#else
#define DEBUG_CASES
#endif

static void overflow_faults(struct test *t)
{
    dies(t, "stack_overflow", FAULT_WRITE, "");
}

TEST_GROUP(thread, CASE(start_and_join), CASE(refuses), CASE(preemption), CASE(priorities), CASE(change_of_priority),
           CASE(hundred), CASE(detached), CASE(own_stack), CASE(mutex_contention), CASE(mutex_order),
           CASE(mutex_deadline), CASE(condition_ping_pong), CASE(condition_broadcast_order), CASE(condition_deadline),
           CASE(sleep_order), CASE(fp_registers), CASE(tls_register), CASE(blocked_alone), CASE(events),
           CASE(idle_parks), CASE(rpc_alone), CASE(rpc_two_under_way), CASE(rpc_many), CASE(rpc_and_timers),
           CASE(rpc_closed), CASE(rpc_closed_alone), CASE(rpc_cancelled), CASE(bug_lock_twice), CASE(bug_unlock_open),
           CASE(bug_unlock_other), CASE(bug_block_low), CASE(overflow_faults), CASE(circle_that_opens),
           CASE(recursive), CASE(semaphore), CASE(once), CASE(read_write) DEBUG_CASES);
