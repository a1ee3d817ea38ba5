/* Interrupts, and the two singletons: Kernel and CoreControl. */
#include <cap/cspace.h>
#include <cap/delete.h>
#include <cap/invoke.h>
#include <core/print.h>
#include <dispatch/dispatcher.h>
#include <dispatch/irq.h>

static err_t op_irq_bind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *notify;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap_of(k->current, a[0], CAP_NOTIFY, RIGHT_WRITE, &notify));
    return irq_bind(k, (uint32_t)cte_addr(cap), notify);
}

static err_t op_irq_unbind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    return irq_unbind(k, (uint32_t)cte_addr(cap));
}

static err_t op_irq_ack(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    return irq_ack(k, (uint32_t)cte_addr(cap));
}

static err_t op_set_trigger(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(a[0] <= 1, E_ARG);
    gic_set_trigger(&k->plat, (uint32_t)cte_addr(cap), a[0] == 1);
    return OK;
}

INVOKE_TABLE(invoke_irq, [IRQ_BIND] = op_irq_bind, [IRQ_UNBIND] = op_irq_unbind, [IRQ_ACK] = op_irq_ack,
             [IRQ_SET_TRIGGER] = op_set_trigger);

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

INVOKE_TABLE(invoke_kernel, [KERNEL_PRINT] = op_print, [KERNEL_REAP] = op_reap, [KERNEL_READ_LOG] = op_read_log,
             [KERNEL_SET_CEILING] = op_set_ceiling, [KERNEL_COUNTERS] = op_counters);

static err_t op_power_off(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(a[0] <= 255, E_ARG);
    plat_power_off(&k->plat, (unsigned)a[0]);
}

static err_t op_reset(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    plat_reset(&k->plat);
}

INVOKE_TABLE(invoke_corecontrol, [CORE_POWER_OFF] = op_power_off, [CORE_RESET] = op_reset);
