#include <cap/destroy.h>

#include <dispatch/dispatcher.h>

#define HOLDER(slot, type, member) ((type *)((char *)(slot) - offsetof(type, member)))

static void endpoint_lost(struct endpoint *ep)
{
    ep->dead = 1;
    ep->dcb = NULL;
    ep->ring = NULL;
}

void embed_lost(struct kcb *k, struct cte *slot)
{
    struct dcb *d;

    switch ((enum cte_embed)slot->embed) {
    case EMBED_DISP_CSPACE:
        d = HOLDER(slot, struct dcb, cspace);
        d->l1 = NULL;
        d->l1_slots = 0;
        dispatcher_revoked(k, d);
        break;
    case EMBED_DISP_VSPACE:
        d = HOLDER(slot, struct dcb, vspace);
        dispatcher_revoked(k, d);
        /* Another dispatcher in the same VSpace may be the one that runs: it still holds the table. */
        if (k->loaded_ttbr0 == d->ttbr0 && (!k->current || k->current->ttbr0 != d->ttbr0)) {
            arch_load_ttbr0(k, k->empty_ttbr0);
        }
        d->ttbr0 = 0;
        break;
    case EMBED_DISP_FRAME:
        d = HOLDER(slot, struct dcb, frame_cap);
        dispatcher_revoked(k, d);
        d->frame = NULL;
        break;
    case EMBED_EP_DISP:
        endpoint_lost(HOLDER(slot, struct endpoint, disp));
        break;
    case EMBED_EP_RING:
        endpoint_lost(HOLDER(slot, struct endpoint, ring_cap));
        break;
    case EMBED_IRQ_NOTIFY:
        gic_mask(&k->plat, (uint32_t)(slot - k->irq));
        break;
    case EMBED_PEER_FRAME:
        HOLDER(slot, struct peer, frame)->out = NULL;       /* the signals that are still in it are lost */
        break;
    case EMBED_PEER_L1:         /* its indices lead nowhere */
    case EMBED_MONITOR:
    case EMBED_DISP_FAULT:
    case EMBED_NOTIFY_DISP:     /* unbound again: a signal is remembered */
    case EMBED_NONE:
        break;
    }
}
