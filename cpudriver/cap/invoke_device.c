/* Interrupts. */
#include <cap/cspace.h>
#include <cap/invoke.h>
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
    REQUIRE(!(cap->flags & CTE_FOREIGN), E_FOREIGN);    /* registers with several lines in a word are the boot core's */
    REQUIRE(a[0] <= 1, E_ARG);
    gic_set_trigger(&k->plat, (uint32_t)cte_addr(cap), a[0] == 1);
    return OK;
}

static err_t op_set_target(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(!(cap->flags & CTE_FOREIGN), E_FOREIGN);
    REQUIRE(a[0] < k->core_count && cte_addr(cap) >= 32, E_ARG);    /* below: each core has its own */
    gic_set_target(&k->plat, (uint32_t)cte_addr(cap), k->machine->cpu[a[0]]);
    return OK;
}

INVOKE_TABLE(invoke_irq, [IRQ_BIND] = op_irq_bind, [IRQ_UNBIND] = op_irq_unbind, [IRQ_ACK] = op_irq_ack,
             [IRQ_SET_TRIGGER] = op_set_trigger, [IRQ_SET_TARGET] = op_set_target);
