#include <dispatch/notify.h>

#include <cap/copy.h>
#include <cap/delete.h>
#include <dispatch/dispatcher.h>

void notify_signal(struct kcb *k, struct notify *n)
{
    if (n->disp.type == CAP_DISPATCHER) {
        event_post(k, cte_object(&n->disp), n->disp.word[0]);
    } else {
        n->disp.word[0] = 1;
    }
}

err_t notify_bind(struct kcb *k, struct notify *n, struct cte *dispatcher, uint64_t id)
{
    struct dcb *const d = cte_object(dispatcher);

    REQUIRE(cte_empty(&n->disp), E_BOUND);
    REQUIRE(id < d->event_ids, E_EVENT);
    const bool remembered = n->disp.word[0];
    cap_embed(k, dispatcher, &n->disp, EMBED_NOTIFY_DISP, CTE_WEAK);
    n->disp.word[0] = id;
    if (remembered) {
        event_post(k, d, id);
    }
    return OK;
}

err_t notify_unbind(struct kcb *k, struct notify *n)
{
    REQUIRE(!cte_empty(&n->disp), E_UNBOUND);
    cap_unembed(k, &n->disp);
    return OK;
}
