/** @file crossing.c  Contracts in crossing.h. */
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>

struct capops crossing;

static struct {
    struct slab anchors, tallies, jobs, loans;
    struct rpc_session signal;          /* of the kernel: something is alone */
} state;

/* --- the kernel of this core --- */

static err_t slot_alloc(void *context, cptr_t *slot)
{
    (void)context;
    err_ignore(stock_refill(&monitor.stock));           /* what lacks shows in what fails */
    return slots_alloc(&monitor.stock.slots, slot);
}

static void slot_free(void *context, cptr_t slot)
{
    (void)context;
    slots_free(&monitor.stock.slots, slot);
}

static err_t identify(void *context, cptr_t slot, struct cap_name *name, uint64_t *rights)
{
    struct cap_info info;

    (void)context;
    TRY(cap_identify(CPTR_NULL, slot, &info));
    *name = (struct cap_name){ info.type, info.base, info.bytes, info.owner };
    *rights = info.rights;
    return OK;
}

static err_t copy(void *context, cptr_t dst, cptr_t src, uint64_t rights)
{
    (void)context;
    return cap_copy(CPTR_NULL, dst, CPTR_NULL, src, rights);
}

static void drop(void *context, cptr_t slot)
{
    (void)context;
    err_ignore(cap_delete(CPTR_NULL, slot));
}

static err_t make_foreign(void *context, const struct cap_name *name, uint64_t rights, cptr_t dst)
{
    (void)context;
    return kernel_make_foreign(TASK_KERNEL, name, rights, CPTR_NULL, dst);
}

static err_t remote_notify(void *context, uint64_t core, uint64_t index, cptr_t dst)
{
    (void)context;
    return kernel_remote_notify(TASK_KERNEL, core, index, CPTR_NULL, dst);
}

static err_t make_root(void *context, uint64_t base, uint64_t bytes, cptr_t dst)
{
    (void)context;
    return kernel_make_root(TASK_KERNEL, base, bytes, CPTR_NULL, dst);
}

static err_t watch(void *context, cptr_t slot, bool on)
{
    (void)context;
    return kernel_watch(TASK_KERNEL, slot, on);
}

static err_t lonely(void *context, struct cap_name *name)
{
    (void)context;
    return kernel_lonely(TASK_KERNEL, name);
}

static err_t revoke_begin(void *context, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t *handle)
{
    (void)context;
    return kernel_revoke_begin(TASK_KERNEL, disp, address, offset, bytes, handle);
}

static err_t purge_begin(void *context, const struct cap_name *name, uint64_t *handle)
{
    (void)context;
    return kernel_purge_begin(TASK_KERNEL, name, handle);
}

static err_t sweep(void *context, uint64_t handle)
{
    (void)context;
    return kernel_sweep_step(TASK_KERNEL, handle);
}

static err_t sweep_left(void *context, uint64_t handle, uint64_t *position, struct cap_name *name, bool *husk)
{
    (void)context;
    return kernel_sweep_left(TASK_KERNEL, handle, position, name, husk);
}

static err_t sweep_end(void *context, uint64_t handle)
{
    (void)context;
    return kernel_sweep_end(TASK_KERNEL, handle);
}

static err_t to_husk(void *context, cptr_t ram, uint64_t core, uint64_t *husk)
{
    (void)context;
    return kernel_to_husk(TASK_KERNEL, ram, core, husk);
}

static err_t from_husk(void *context, uint64_t husk, cptr_t dst)
{
    (void)context;
    return kernel_from_husk(TASK_KERNEL, husk, CPTR_NULL, dst);
}

static err_t drop_husk(void *context, uint64_t husk)
{
    (void)context;
    return kernel_drop_husk(TASK_KERNEL, husk);
}

static err_t publish(void *context, uint64_t core, cptr_t notify, uint64_t *index)
{
    struct peer *const peer = peer_of(core);

    (void)context;
    REQUIRE(peer, E_CORE_DOWN);
    return peer_publish(peer, notify, index);
}

static void withdraw(void *context, uint64_t core, uint64_t index)
{
    struct peer *const peer = peer_of(core);

    (void)context;
    if (peer) {
        peer_withdraw(peer, index);
    }
}

static err_t irq_target(void *context, cptr_t irq, uint64_t core)
{
    (void)context;
    return irq_set_target(irq, core);
}

static const struct capops_kernel kernel = {
    .slot_alloc = slot_alloc, .slot_free = slot_free, .identify = identify, .copy = copy, .remove = drop,
    .make_foreign = make_foreign, .remote_notify = remote_notify, .make_root = make_root, .watch = watch, .lonely = lonely,
    .revoke_begin = revoke_begin, .purge_begin = purge_begin, .sweep = sweep, .sweep_left = sweep_left, .sweep_end = sweep_end,
    .to_husk = to_husk, .from_husk = from_husk, .drop_husk = drop_husk, .publish = publish, .withdraw = withdraw,
    .irq_target = irq_target,
};

/* --- results --- */

static void completed(void *context, uint64_t cookie, err_t err)
{
    struct crossing_op *const op = (struct crossing_op *)cookie;

    (void)context;
    op->done(op, err);
}

static err_t arrived(void *context, uint64_t core, uint64_t conn, cptr_t slot)
{
    (void)context;
    return delivery_arrived(core, conn, slot);
}

static err_t lent(void *context, cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)context;
    return lending_lent(slot, base, bytes);
}

static void returned(void *context, uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)context;
    lending_returned(core, slot, base, bytes);
}

static void recalled(void *context, uint64_t bytes)
{
    (void)context;
    lending_recalled(bytes);
}

static void leaving(void *context, uint64_t core)
{
    (void)context;
    core_has_left(core);
}

static const struct capops_events events = {
    .completed = completed, .arrived = arrived, .lent = lent, .returned = returned, .recalled = recalled, .leaving = leaving,
};

/* --- set-up --- */

static void alone(struct rpc_session *session)
{
    (void)session;
    capops_lonely(&crossing);
    deaths_look();
}

static err_t add_slab(struct slab *slab, size_t bytes)
{
    slab_init(slab, bytes, &monitor.stock.pool, SLAB_KEEP);
    return stock_add_slab(&monitor.stock, slab, E_REFILL_SESSIONS);
}

static err_t listen(void)
{
    struct ram_block block;
    uint64_t event;
    cptr_t notify;

    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &notify));
    TRY(reserve_make(&monitor.stock.reserve, CAP_NOTIFY, 0, CPTR_NULL, notify, &block));
    TRY(monitor_event(&event));
    state.signal = (struct rpc_session){ .end.event = event, .notified = alone };
    monitor.session[event] = &state.signal;
    TRY(notify_bind(notify, TASK_DISPATCHER, event));
    return kernel_bind(TASK_KERNEL, notify);
}

err_t crossing_setup(void)
{
    const uint64_t cores = init.boot->core_count;
    struct capops_config config = {
        .kernel = &kernel, .net = &crossing_net, .events = &events, .core = init.boot->core, .cores = cores, .boot = 0,
        .anchors = &state.anchors, .tallies = &state.tallies, .jobs = &state.jobs, .loans = &state.loans,
    };
    uint64_t peers;

    TRY(add_slab(&state.anchors, capops_anchor_bytes(cores)));
    TRY(add_slab(&state.tallies, sizeof(struct capops_object)));
    TRY(add_slab(&state.jobs, sizeof(struct capops_job)));
    TRY(add_slab(&state.loans, sizeof(struct capops_loan)));
    TRY(monitor_memory((cores * sizeof(struct capops_peer) + SHOAL_PAGE_SIZE - 1) & ~(SHOAL_PAGE_SIZE - 1ull), &peers));
    config.peers = (struct capops_peer *)peers;
    capops_init(&crossing, &config);
    return listen();
}

#define STEPS 8u                        /* between two looks at what clients want */

bool crossing_step(void)
{
    bool more = true;

    for (unsigned i = 0; i < STEPS && more; i++) {
        more = capops_step(&crossing);
    }
    return more;
}
