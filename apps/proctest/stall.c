/** @file stall.c  A service that does not answer those who bind to it, and then ends. */
#include "proctest.h"
#include <os/names.h>
#include <stubs/monitor.h>

#define BINDERS 3u

/* Offers "stall", and looks at nothing that comes. */
int role_stall(uint64_t argument)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t listen, got;
    iref_t iref;

    (void)argument;
    if (!err_ok(slots_alloc(slots, &listen)) || !err_ok(slots_alloc(slots, &os_monitor()->cap_slot)) ||
        !err_ok(cap_mint(CPTR_NULL, listen, CPTR_NULL, PSLOT_PROC_RECV, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0)) ||
        !err_ok(monitor_export(os_monitor(), 0, listen, &iref, &got)) || !err_ok(name_publish("stall", iref))) {
        return 1;
    }
    for (;;) {
        run_sleep(100000);
    }
}

/* Binds to it with an endpoint that stays, hears of its end, and can still bind to others. */
int role_binder(uint64_t argument)
{
    struct rpc_client *const m = os_monitor();
    uint64_t total, unused;
    cptr_t reply, got;
    iref_t iref;

    (void)argument;
    if (!err_ok(slots_alloc(&os_stock()->slots, &reply)) ||
        !err_ok(cap_mint(CPTR_NULL, reply, CPTR_NULL, PSLOT_MEM_RECV, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0)) ||
        !err_ok(name_lookup("stall", true, &iref))) {
        return 1;
    }
    if (err_root(monitor_bind(m, iref, reply, &got)) != E_MONITOR_SERVICE) {
        return 2;
    }
    return err_ok(process_memory(&total, &unused)) ? 0 : 3;     /* its first call of the process server: a bind */
}

static void stalled(struct test *t)
{
    uint64_t stall, binder[BINDERS];

    MUST(t, run_role("stall", 0, NULL, &stall));
    for (unsigned i = 0; i < BINDERS; i++) {
        MUST(t, run_role("binder", 0, NULL, &binder[i]));
    }
    run_sleep(20000);                       /* one is being asked for, the others are in the queue */
    EXPECT_OK(t, process_kill(stall));
    run_ends(t, stall, STATUS_KILLED);
    for (unsigned i = 0; i < BINDERS; i++) {
        run_ends(t, binder[i], 0);
    }
}

void hostile_stall(struct test *t)
{
    test_same_memory(t, stalled);
}
