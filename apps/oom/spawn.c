/** @file spawn.c  Starting a process, and waiting for it. */
#include "oom.h"

static err_t wait_for(uint64_t pid)
{
    uint64_t ended = 0;
    unsigned status = 1;

    GIVE(process_wait(pid, &ended, &status));
    CHECK(ended == pid && status == 0, "process %lu ended with status %u", pid, status);
    return OK;
}

/* With a capability to pass on twice, words, and an environment. */
static err_t spawn(void)
{
    const char *const words[] = { "oom", "-child", "-nothing" }, *const environment[] = { "A=1", "B=2" };
    struct stock *const stock = os_stock();
    struct ram_block ram;
    cptr_t notify;
    uint64_t pid;

    TRY(stock_refill(stock));
    TRY(slots_alloc(&stock->slots, &notify));
    err_t err = reserve_make(&stock->reserve, CAP_NOTIFY, 0, CPTR_NULL, notify, &ram);
    if (!err_ok(err)) {
        slots_free(&stock->slots, notify);
        return err;
    }
    const cptr_t passed[] = { notify, notify };
    const struct spawn_options options = { .envc = 2, .envp = environment, .passed = passed, .passed_count = 2 };
    err = process_spawn(3, words, &options, &pid);
    if (err_ok(err)) {
        err = wait_for(pid);
    }
    GIVE(reserve_unmake(&stock->reserve, &ram));
    slots_free(&stock->slots, notify);
    GIVE(stock_trim(stock));
    return err;
}

const struct scenario spawn_scenario = { "spawn", NULL, spawn, NULL };
