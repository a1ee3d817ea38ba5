/* Dispatchers, endpoints, notifies. */
#include <cap/cspace.h>
#include <cap/invoke.h>
#include <cap/peek.h>
#include <dispatch/dispatcher.h>
#include <dispatch/endpoint.h>
#include <dispatch/notify.h>
#include <dispatch/sched.h>

static err_t op_nop(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)k, (void)cap, (void)a;
    return OK;
}

/* All that follow change the dispatcher, or let one look into it. */
#define DISPATCHER_OF(cap, right)                                                                                      \
    struct dcb *const d = cte_object(cap);                                                                             \
    REQUIRE((cap)->rights & (right), E_CAP_RIGHTS)

static err_t op_configure(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *l1, *vnode, *frame, *fault = NULL;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    TRY(cspace_cap(k->current, a[0], &l1));
    TRY(cspace_cap(k->current, a[1], &vnode));
    TRY(cspace_cap(k->current, a[2], &frame));
    if (a[4] != CPTR_NULL) {
        TRY(cspace_cap(k->current, a[4], &fault));
    }
    return dispatcher_configure(k, d, l1, vnode, frame, a[3], fault);
}

static err_t op_set_cspace(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *l1;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    TRY(cspace_cap(k->current, a[0], &l1));
    return dispatcher_set_cspace(k, d, l1);
}

static err_t op_set_priority(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    DISPATCHER_OF(cap, RIGHT_WRITE);
    return dispatcher_set_priority(k, d, a[0]);
}

static err_t op_start(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    return dispatcher_start(k, d);
}

static err_t op_hold(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    return dispatcher_hold(k, d);
}

static err_t op_release(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    return dispatcher_release(k, d);
}

static err_t op_stop(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    dispatcher_stop(k, d);
    return OK;
}

static err_t op_resume(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_WRITE);
    return dispatcher_resume(k, d);
}

#define REGS_PER_CALL 5

static err_t op_read_regs(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    DISPATCHER_OF(cap, RIGHT_READ);
    const uint64_t words = sizeof(struct save_area) / 8;
    REQUIRE(a[0] < words, E_ARG);
    REQUIRE(d->frame, E_CONFIG);
    /* What a park keeps lies in the enabled area; `resume` is then left over from an earlier interruption. */
    const bool disabled = d->resume == RESUME_DISABLED && (d->state & DISP_STATE_MASK) != DISP_PARKED;
    const uint64_t *const regs = disabled ? d->frame->disabled_area.x : d->frame->enabled.x;
    for (unsigned i = 0; i < REGS_PER_CALL && a[0] + i < words; i++) {
        k->ret[i] = regs[a[0] + i];
    }
    return OK;
}

static err_t op_peek(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    DISPATCHER_OF(cap, RIGHT_READ);
    REQUIRE(d->ttbr0, E_CONFIG);
    return peek(d->ttbr0 & PTE_ADDR_MASK, a[0], k->ret);
}

static err_t op_status(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    DISPATCHER_OF(cap, RIGHT_READ);
    k->ret[0] = d->state;
    k->ret[1] = d->fault_cause;
    k->ret[2] = d->fault_address;
    k->ret[3] = d->priority | d->ceiling << 8;
    k->ret[4] = d->time_used + (d == k->current ? timer_now() - k->switched : 0);
    return OK;
}

INVOKE_TABLE(invoke_dispatcher, [DISPATCHER_NOP] = op_nop, [DISPATCHER_CONFIGURE] = op_configure,
             [DISPATCHER_SET_CSPACE] = op_set_cspace, [DISPATCHER_SET_PRIORITY] = op_set_priority,
             [DISPATCHER_START] = op_start, [DISPATCHER_HOLD] = op_hold, [DISPATCHER_RELEASE] = op_release,
             [DISPATCHER_STOP] = op_stop, [DISPATCHER_RESUME] = op_resume, [DISPATCHER_READ_REGS] = op_read_regs,
             [DISPATCHER_PEEK] = op_peek, [DISPATCHER_STATUS] = op_status);

/* ---- endpoints: the receive capability only ------------------------------------------------------------------------ */

static err_t op_endpoint_bind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dispatcher, *frame;
    REQUIRE(cap->flags & CTE_RECV && cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap_of(k->current, a[0], CAP_DISPATCHER, RIGHT_WRITE, &dispatcher));
    TRY(cspace_cap_of(k->current, a[2], CAP_FRAME, RIGHT_READ | RIGHT_WRITE, &frame));
    return endpoint_bind(k, cte_object(cap), dispatcher, a[1], frame, a[3], a[4]);
}

static err_t op_set_recv_slot(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct endpoint *const ep = cte_object(cap);
    (void)k;
    REQUIRE(cap->flags & CTE_RECV && cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    ep->recv_slot = a[0];       /* looked up when a capability arrives: the CSpace may change until then */
    return OK;
}

INVOKE_TABLE(invoke_endpoint, [ENDPOINT_BIND] = op_endpoint_bind, [ENDPOINT_SET_RECV_SLOT] = op_set_recv_slot);

/* ---- notifies ------------------------------------------------------------------------------------------------------ */

static err_t op_signal(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    notify_signal(k, cte_object(cap));
    return OK;
}

static err_t op_notify_bind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dispatcher;
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    TRY(cspace_cap_of(k->current, a[0], CAP_DISPATCHER, RIGHT_WRITE, &dispatcher));
    return notify_bind(k, cte_object(cap), dispatcher, a[1]);
}

static err_t op_notify_unbind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    return notify_unbind(k, cte_object(cap));
}

INVOKE_TABLE(invoke_notify, [NOTIFY_SIGNAL] = op_signal, [NOTIFY_BIND] = op_notify_bind,
             [NOTIFY_UNBIND] = op_notify_unbind);
