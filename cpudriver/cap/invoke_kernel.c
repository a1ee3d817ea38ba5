/* This core's kernel: what init, as the monitor, may ask of it. */
#include <cap/cspace.h>
#include <cap/delete.h>
#include <cap/invoke_kernel.h>
#include <core/print.h>
#include <dispatch/dispatcher.h>

#define PRINT_BYTES 40
#define LOG_BYTES   32

static err_t op_print(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)k;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(a[0] <= PRINT_BYTES, E_ARG);
    kputs_n((const char *)&a[1], a[0]);
    return OK;
}

static err_t op_reap(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    return cap_reap(k);
}

/* The log ring keeps the last KCB_LOG_BYTES bytes; a reader that was too slow goes on with the oldest. */
static err_t op_read_log(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    const uint64_t oldest = k->log_head > KCB_LOG_BYTES ? k->log_head - KCB_LOG_BYTES : 0;
    uint64_t at = a[0] < oldest ? oldest : a[0];
    REQUIRE(at <= k->log_head, E_ARG);
    k->ret[5] = at;
    char *const out = (char *)&k->ret[1];
    uint64_t n = 0;
    for (; n < LOG_BYTES && at < k->log_head; n++, at++) {
        out[n] = k->log[at % KCB_LOG_BYTES];
    }
    k->ret[0] = n;
    return OK;
}

static err_t op_set_ceiling(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dispatcher;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap_of(k->current, a[0], CAP_DISPATCHER, RIGHT_WRITE, &dispatcher));
    REQUIRE(a[1] < KCB_PRIORITIES, E_PRIORITY);
    struct dcb *const d = cte_object(dispatcher);
    d->ceiling = a[1];
    return d->priority > a[1] ? dispatcher_set_priority(k, d, a[1]) : OK;
}

static err_t op_counters(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    k->ret[0] = k->mdb.count;
    k->ret[1] = k->dead || k->unfinished;
    k->ret[2] = k->switches;
    k->ret[3] = k->irqs;
    return OK;
}

static err_t op_stop(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(k->core != 0, E_BOOT_CORE);
    plat_core_off(&k->plat);
}

INVOKE_TABLE(invoke_kernel, [KERNEL_PRINT] = op_print, [KERNEL_REAP] = op_reap, [KERNEL_READ_LOG] = op_read_log,
             [KERNEL_SET_CEILING] = op_set_ceiling, [KERNEL_COUNTERS] = op_counters, [KERNEL_STOP] = op_stop,
             [KERNEL_TO_HUSK] = op_kernel_to_husk, [KERNEL_FROM_HUSK] = op_kernel_from_husk,
             [KERNEL_BIND] = op_kernel_bind, [KERNEL_UNBIND] = op_kernel_unbind, [KERNEL_CONNECT] = op_kernel_connect,
             [KERNEL_DISCONNECT] = op_kernel_disconnect, [KERNEL_PEER] = op_kernel_peer,
             [KERNEL_REMOTE_NOTIFY] = op_kernel_remote_notify, [KERNEL_DROP_HUSK] = op_kernel_drop_husk,
             [KERNEL_MAKE_FOREIGN] = op_kernel_make_foreign, [KERNEL_MAKE_ROOT] = op_kernel_make_root,
             [KERNEL_WATCH] = op_kernel_watch, [KERNEL_LONELY] = op_kernel_lonely,
             [KERNEL_REVOKE_BEGIN] = op_kernel_revoke_begin, [KERNEL_PURGE_BEGIN] = op_kernel_purge_begin,
             [KERNEL_SWEEP] = op_kernel_sweep, [KERNEL_SWEEP_LEFT] = op_kernel_sweep_left,
             [KERNEL_SWEEP_END] = op_kernel_sweep_end);
