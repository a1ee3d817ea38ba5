/** @file threads.c  Contracts in thread_local.h. */
#include "thread_local.h"
#include "lock.h"

#include <os/rpc_lmp.h>
#include <os/thread.h>

err_t threads_need(void)
{
    lock_libc();
    const err_t err = os_rpc_threads_started ? OK : thread_start_library();
    unlock_libc();
    return err;
}

void sleep_until(uint64_t deadline)
{
    if (os_rpc_threads_started) {
        thread_sleep_until(deadline);
    } else {
        (void)event_wait(EVENT_NONE, deadline);
    }
}
