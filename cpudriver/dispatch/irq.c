#include <dispatch/irq.h>

#include <cap/copy.h>
#include <cap/delete.h>
#include <cap/destroy.h>
#include <dispatch/mailbox.h>
#include <dispatch/notify.h>
#include <dispatch/sched.h>

void irq_handle(struct kcb *k)
{
    const uint32_t intid = gic_acknowledge();
    if (intid >= KCB_IRQS - 4) {        /* 1020 to 1023: none after all; above: message interrupts that firmware left on */
        if (intid >= KCB_IRQS) {
            gic_end(intid);             /* else its priority would hold back all others */
        }
        return;
    }
    k->irqs++;
    if (intid == k->plat.timer_irq) {
        sched_timer(k);
        gic_end(intid);
        return;
    }
    if (intid == GIC_DOORBELL) {
        mailbox_doorbell(k);
        gic_end(intid);
        return;
    }
    gic_mask(&k->plat, intid);
    gic_end(intid);
    if (k->irq[intid].type == CAP_NOTIFY) {
        notify_signal(k, cte_object(&k->irq[intid]));
    }
}

err_t irq_bind(struct kcb *k, uint32_t intid, struct cte *notify)
{
    REQUIRE(cte_empty(&k->irq[intid]), E_BOUND);
    cap_embed(k, notify, &k->irq[intid], EMBED_IRQ_NOTIFY, 0);
    return OK;
}

err_t irq_unbind(struct kcb *k, uint32_t intid)
{
    REQUIRE(!cte_empty(&k->irq[intid]), E_UNBOUND);
    cap_unembed(k, &k->irq[intid]);
    return OK;
}

err_t irq_ack(struct kcb *k, uint32_t intid)
{
    REQUIRE(!cte_empty(&k->irq[intid]), E_UNBOUND);
    gic_unmask(&k->plat, intid);
    return OK;
}

void irq_lost(struct kcb *k, uint32_t intid)
{
    gic_mask(&k->plat, intid);
    cap_unembed(k, &k->irq[intid]);
}
