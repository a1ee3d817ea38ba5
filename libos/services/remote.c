/** @file remote.c  Bindings to services of other cores; the steps are in docs/monitor.md. */
#include <os/bug.h>
#include <os/err.h>
#include <os/rpc_ump.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

#include "internal.h"

#define EVENT_REMOTE     7168u
#define EVENT_REMOTE_END 8192u

struct remote {
    struct ump_client ump;              /* first */
    struct remote *next;                /* unused: with its event and slots, and nothing in those */
    struct remote_end end;
    uint64_t event, address;
    cptr_t notify, page, wake;
    struct ram_block ram;               /* of the Notify */
};

static struct {
    struct slab slab;
    bool ready;
    uint64_t events;                    /* handed out */
    struct remote *unused;
} state;

static err_t ready(void)
{
    struct stock *const stock = os_stock();

    if (!state.ready) {
        slab_init(&state.slab, sizeof(struct remote), &stock->pool, SLAB_KEEP);
        TRY(stock_add_slab(stock, &state.slab, E_REFILL_SESSIONS));
        state.ready = true;
    }
    return stock_refill(stock);
}

err_t remote_notify(struct ram_block *ram, uint64_t event, cptr_t slot)
{
    struct stock *const stock = os_stock();

    TRY(reserve_make(&stock->reserve, CAP_NOTIFY, 0, CPTR_NULL, slot, ram));
    const err_t err = notify_bind(slot, TASK_DISPATCHER, event);
    if (!err_ok(err)) {
        const err_t undo = reserve_unmake(&stock->reserve, ram);
        OS_ASSERT(err_ok(undo));        /* ours alone */
    }
    return err;
}

/* The monitor gets a copy of the Notify, and answers with the page. */
static err_t open(struct remote *r, iref_t service)
{
    struct rpc_client *const m = os_monitor();
    cptr_t got;

    TRY(cap_copy(CPTR_NULL, r->wake, CPTR_NULL, r->notify, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT));
    rpc_receive_into(m, r->page);
    const err_t err = monitor_remote_open(m, service, r->wake, &r->end.connection, &got);
    if (!err_ok(err)) {
        rpc_drop_cap(r->wake);          /* if it was not sent */
    }
    return err;
}

static err_t connect(struct remote *r)
{
    struct rpc_client *const m = os_monitor();
    cptr_t got;

    TRY(vspace_map(os_vspace(), r->page, 0, CONNECTION_BYTES, MAP_READ | MAP_WRITE, &r->address));
    rpc_receive_into(m, r->wake);
    const err_t err = monitor_remote_ready(m, r->end.connection, &got);
    if (!err_ok(err)) {
        err_ignore(vspace_unmap(os_vspace(), r->address, CONNECTION_BYTES));
    }
    return err;
}

static err_t bind(struct remote *r, iref_t service)
{
    TRY(remote_notify(&r->ram, r->event, r->notify));
    err_t err = open(r, service);
    if (err_ok(err)) {
        err = connect(r);
        if (!err_ok(err)) {
            err_ignore(monitor_remote_close(os_monitor(), r->end.connection));
            rpc_drop_cap(r->page);
        }
    }
    if (!err_ok(err)) {
        const err_t undo = reserve_unmake(&os_stock()->reserve, &r->ram);
        OS_ASSERT(err_ok(undo));        /* whoever else has copies does not mind */
    }
    return err;
}

static err_t make_record(struct remote **made)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t first;

    REQUIRE(EVENT_REMOTE + state.events < EVENT_REMOTE_END, E_RPC_SEATS);
    TRY(slots_alloc_run(slots, 4, &first));
    struct remote *const r = slab_alloc(&state.slab);
    if (!r) {
        slots_free_run(slots, first, 4);
        return ERR(E_SLAB_EMPTY);
    }
    *r = (struct remote){ .notify = first, .page = first + 1, .wake = first + 2, .end.receive = first + 3,
                          .event = EVENT_REMOTE + state.events++ };
    *made = r;
    return OK;
}

static void keep(struct remote *r)
{
    r->next = state.unused;
    state.unused = r;
}

err_t service_bind_remote(struct rpc_client *c, iref_t service)
{
    struct remote *r;

    TRY(ready());
    if ((r = state.unused)) {
        state.unused = r->next;
    } else {
        TRY(make_record(&r));
    }
    const err_t err = bind(r, service);
    if (!err_ok(err)) {
        keep(r);
        return err;
    }
    const struct ump_seat seat = {
        .frame = (void *)r->address, .side = 1, .slots = UMP_RPC_SLOTS, .event = r->event, .wake = r->wake,
        .poll = ump_poll_ticks(2), .caps = &remote_client_caps, .state = &r->end,
    };
    rpc_client_init_ump(c, &r->ump, &seat);
    return OK;
}

void service_unbind_remote(struct rpc_client *c)
{
    struct remote *const r = (struct remote *)c->link;

    rpc_client_close_ump(c);
    err_ignore(vspace_unmap(os_vspace(), r->address, CONNECTION_BYTES));
    rpc_drop_cap(r->page);
    rpc_drop_cap(r->wake);
    rpc_drop_cap(r->end.receive);
    err_ignore(monitor_remote_close(os_monitor(), r->end.connection));      /* the other side may have ended it */
    const err_t err = reserve_unmake(&os_stock()->reserve, &r->ram);
    OS_ASSERT(err_ok(err));             /* the Notify: whoever else has copies does not mind */
    keep(r);
}

bool service_ended(const struct rpc_client *c)
{
    return ump_end_closed(&((const struct ump_client *)c->link)->end);
}
