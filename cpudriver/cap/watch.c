#include <cap/watch.h>

#include <dispatch/notify.h>

/* ---- the list ------------------------------------------------------------------------------------------------------ */

static struct cte *before(const struct cte *c)
{
    return (struct cte *)c->word[0];
}

static struct cte *behind(const struct cte *c)
{
    return (struct cte *)c->word[1];
}

static void list(struct kcb *k, struct cte *c)
{
    c->flags |= CTE_LONELY;
    c->word[0] = 0;
    c->word[1] = (uint64_t)k->lonely;
    if (k->lonely) {
        k->lonely->word[0] = (uint64_t)c;
    } else {
        monitor_signal(k);
    }
    k->lonely = c;
}

static void unlist(struct kcb *k, struct cte *c)
{
    if (before(c)) {
        before(c)->word[1] = c->word[1];
    } else {
        k->lonely = behind(c);
    }
    if (behind(c)) {
        behind(c)->word[0] = c->word[0];
    }
    c->flags &= (uint8_t)~CTE_LONELY;
    c->word[0] = c->word[1] = 0;
}

static void look(struct kcb *k, struct cte *c)
{
    if ((c->flags & (CTE_WATCHED | CTE_LONELY)) == CTE_WATCHED && !mdb_other_copy(c, false) &&
        !mdb_first_inside(&k->mdb, c, c->base, c->base + c->bytes)) {
        list(k, c);
    }
}

/* ---- operations ---------------------------------------------------------------------------------------------------- */

static bool travels(enum cap_type type)
{
    return type == CAP_FRAME || type == CAP_DEVFRAME || type == CAP_NOTIFY || type == CAP_IRQ || type == CAP_REMOTENOTIFY;
}

static void unwatch(struct kcb *k, struct cte *c)
{
    if (c->flags & CTE_LONELY) {
        unlist(k, c);
    }
    if (c->flags & CTE_WATCHED) {
        c->flags &= (uint8_t)~CTE_WATCHED;
        k->special--;
    }
}

err_t watch_set(struct kcb *k, struct cte *c, bool on)
{
    REQUIRE(travels(cte_type(c)), E_CAP_TYPE);
    unwatch(k, c);
    if (on) {
        c->flags |= CTE_WATCHED;
        k->special++;
        look(k, c);
    }
    return OK;
}

struct cte *watch_take_lonely(struct kcb *k)
{
    struct cte *const c = k->lonely;
    if (c) {
        unlist(k, c);
    }
    return c;
}

/* Whom it leaves alone is its neighbour: between the two of them stands nothing that is not made from the same object. */
void watch_drop(struct kcb *k, struct cte *c)
{
    struct cte *const prev = mdb_prev(c), *const next = mdb_next(c);
    const bool below = prev && c->base < prev->base + prev->bytes, copy = next && mdb_is_copy(c, next);

    sweep_slot_goes(k, c, NULL);
    unwatch(k, c);
    mdb_remove(&k->mdb, c);
    *c = (struct cte){ 0 };
    if (below) {
        look(k, prev);
    }
    if (copy) {
        look(k, next);
    }
}

void watch_move(struct kcb *k, struct cte *from, struct cte *to)
{
    sweep_slot_goes(k, from, to);
    if (from->flags & CTE_LONELY) {
        if (before(from)) {
            before(from)->word[1] = (uint64_t)to;
        } else {
            k->lonely = to;
        }
        if (behind(from)) {
            behind(from)->word[0] = (uint64_t)to;
        }
    }
}
