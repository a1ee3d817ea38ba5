/** @file remote_caps.c  Capabilities in messages to other cores: they go through the monitors (docs/monitor.md). */
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

#include "internal.h"

/* The monitor is given a copy, or the capability itself.  Ends when it is on the other core, or refused. */
static err_t send(struct ump_end *end, cptr_t cap, bool give)
{
    const struct remote_end *const r = end->seat.state;
    cptr_t copy = cap;

    if (!give) {
        TRY(slots_alloc(&os_stock()->slots, &copy));
        const err_t err = cap_copy(CPTR_NULL, copy, CPTR_NULL, cap, RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC | RIGHT_GRANT);
        if (!err_ok(err)) {
            slots_free(&os_stock()->slots, copy);
            return err;
        }
    }
    const err_t err = monitor_remote_send(os_monitor(), r->connection, copy);
    if (!err_ok(err)) {
        rpc_drop_cap(copy);             /* if it was not sent */
    }
    if (!give) {
        slots_free(&os_stock()->slots, copy);
    }
    return err;
}

void remote_arrived(struct ump_end *end, cptr_t slot, err_t err)
{
    struct dispatcher_frame *const frame = frame_self();

    disable(frame);
    ump_cap_arrived(end, slot, err);
    enable(frame);
}

static void fetch(struct ump_end *end)
{
    const struct remote_end *const r = end->seat.state;
    struct rpc_client *const m = os_monitor();
    cptr_t got = CPTR_NULL;

    rpc_receive_into(m, r->receive);
    const err_t err = monitor_remote_receive(m, r->connection, &got);
    remote_arrived(end, got, err);
}

const struct ump_cap_ops remote_client_caps = { .send = send, .fetch = fetch };
const struct ump_cap_ops remote_server_caps = { .send = send };
