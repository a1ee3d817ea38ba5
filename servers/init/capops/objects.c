/** @file objects.c  Anchors and tallies: a treap by (owner, line, base), and the lists of tallies that are alone. */
#include "job.h"

#include <os/bug.h>

unsigned type_line(enum cap_type type)
{
    switch (type) {
    case CAP_IRQ:
        return 1;
    case CAP_ID:
        return 2;
    case CAP_REMOTENOTIFY:
        return 3;
    default:
        return 0;
    }
}

/* ---- the tree ------------------------------------------------------------------------------------------------------ */

struct key {
    uint64_t owner, line, base;
};

static struct key key_of(const struct cap_name *name)
{
    return (struct key){ name->owner, type_line(name->type), name->base };
}

static bool before(const struct key *a, const struct key *b)
{
    return a->owner != b->owner ? a->owner < b->owner : a->line != b->line ? a->line < b->line : a->base < b->base;
}

static struct capops_object **link_of(struct capops *co, const struct capops_object *o)
{
    struct capops_object *const p = o->parent;
    return !p ? &co->objects : p->left == o ? &p->left : &p->right;
}

/* @p child, a child of @p o, takes its place. */
static void rotate(struct capops *co, struct capops_object *o, struct capops_object *child)
{
    const bool left = o->left == child;
    struct capops_object *const inner = left ? child->right : child->left;

    *link_of(co, o) = child;
    child->parent = o->parent;
    o->parent = child;
    *(left ? &child->right : &child->left) = o;
    *(left ? &o->left : &o->right) = inner;
    if (inner) {
        inner->parent = o;
    }
}

static void insert(struct capops *co, struct capops_object *o)
{
    const struct key k = key_of(&o->name);
    struct capops_object **at = &co->objects, *parent = NULL;

    while (*at) {
        const struct key there = key_of(&(*at)->name);
        parent = *at;
        at = before(&k, &there) ? &parent->left : &parent->right;
    }
    *at = o;
    o->parent = parent;
    co->random = co->random * 1664525u + 1013904223u;
    o->weight = co->random ^ co->random >> 16;
    while (o->parent && o->parent->weight < o->weight) {
        rotate(co, o->parent, o);
    }
}

static void take_out(struct capops *co, struct capops_object *o)
{
    while (o->left && o->right) {
        rotate(co, o, o->left->weight > o->right->weight ? o->left : o->right);
    }
    struct capops_object *const child = o->left ? o->left : o->right;
    *link_of(co, o) = child;
    if (child) {
        child->parent = o->parent;
    }
}

/* The first that is not before @p k. */
static struct capops_object *lower_bound(const struct capops *co, const struct key *k)
{
    struct capops_object *o = co->objects, *found = NULL;

    while (o) {
        const struct key there = key_of(&o->name);
        if (before(&there, k)) {
            o = o->right;
        } else {
            found = o;
            o = o->left;
        }
    }
    return found;
}

static struct capops_object *last_before(const struct capops *co, const struct key *k)
{
    struct capops_object *o = co->objects, *found = NULL;

    while (o) {
        const struct key there = key_of(&o->name);
        if (before(&there, k)) {
            found = o;
            o = o->right;
        } else {
            o = o->left;
        }
    }
    return found;
}

static bool on_line(const struct capops_object *o, uint64_t owner, unsigned line)
{
    return o && o->name.owner == owner && type_line(o->name.type) == line;
}

struct capops_object *object_find(const struct capops *co, const struct cap_name *name)
{
    const struct key k = key_of(name);
    struct capops_object *const o = lower_bound(co, &k);
    return o && o->name.owner == name->owner && o->name.type == name->type && o->name.base == name->base &&
           o->name.bytes == name->bytes ? o : NULL;
}

struct capops_object *object_from(const struct capops *co, uint64_t owner, enum cap_type type, uint64_t from)
{
    const struct key k = { owner, type_line(type), from };
    struct capops_object *o = last_before(co, &k);      /* may reach into it */
    if (!on_line(o, owner, (unsigned)k.line) || o->name.base + o->name.bytes <= from) {
        o = lower_bound(co, &k);
    }
    return on_line(o, owner, (unsigned)k.line) ? o : NULL;
}

struct capops_object *object_first(const struct capops *co, uint64_t owner)
{
    const struct key k = { owner, 0, 0 };
    struct capops_object *const o = lower_bound(co, &k);
    return o && o->name.owner == owner ? o : NULL;
}

struct capops_object *object_next(struct capops_object *o)
{
    const uint64_t owner = o->name.owner;

    if (o->right) {
        for (o = o->right; o->left; o = o->left) {
        }
    } else {
        while (o->parent && o->parent->right == o) {
            o = o->parent;
        }
        o = o->parent;
    }
    return o && o->name.owner == owner ? o : NULL;
}

/* ---- tallies that are alone ---------------------------------------------------------------------------------------- */

void tally_used(struct capops *co, struct capops_object *o)
{
    struct capops_peer *const p = &co->config.peers[o->name.owner];

    if (!o->alone) {
        return;
    }
    *(o->drop_prev ? &o->drop_prev->drop_next : &p->drop_first) = o->drop_next;
    *(o->drop_next ? &o->drop_next->drop_prev : &p->drop_last) = o->drop_prev;
    o->drop_next = o->drop_prev = NULL;
    o->alone = false;
}

static void tally_alone(struct capops *co, struct capops_object *o)
{
    struct capops_peer *const p = &co->config.peers[o->name.owner];

    if (o->alone) {
        return;
    }
    o->alone = true;
    o->drop_prev = p->drop_last;
    *(p->drop_last ? &p->drop_last->drop_next : &p->drop_first) = o;
    p->drop_last = o;
    co->pump |= BIT(o->name.owner);
}

void tallies_look(struct capops *co)
{
    struct cap_name name;

    while (err_ok(co->config.kernel->lonely(co->config.context, &name))) {
        struct capops_object *const o = object_find(co, &name);
        if (o && o->name.owner != co->config.core) {    /* an anchor that is alone stays: others have copies */
            tally_alone(co, o);
        }
    }
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

err_t object_new(struct capops *co, const struct cap_name *name, cptr_t slot, struct capops_object **made)
{
    const bool anchor = name->owner == co->config.core;
    struct slab *const slab = anchor ? co->config.anchors : co->config.tallies;
    struct capops_object *const o = slab_alloc(slab);

    REQUIRE(o, E_CAPOPS_OBJECTS);
    *o = (struct capops_object){ .name = *name, .slot = slot };
    for (uint64_t i = 0; anchor && i < co->config.cores; i++) {
        o->to[i] = (struct capops_export){ 0 };
    }
    const err_t err = co->config.kernel->watch(co->config.context, slot, true);
    if (!err_ok(err)) {
        slab_free(slab, o);
        return err;
    }
    insert(co, o);
    *made = o;
    return OK;
}

void object_end(struct capops *co, struct capops_object *o)
{
    const bool anchor = o->name.owner == co->config.core;

    tally_used(co, o);
    take_out(co, o);
    co->config.kernel->remove(co->config.context, o->slot);
    co->config.kernel->slot_free(co->config.context, o->slot);
    slab_free(anchor ? co->config.anchors : co->config.tallies, o);
    jobs_wake(co, JOB_LEAVE);
}

/* On the line of cores this core has no objects of its own: there is room for them. */
static struct cap_name alias_name(const struct capops *co, uint64_t core, uint64_t index)
{
    return (struct cap_name){ CAP_REMOTENOTIFY, core << 32 | index, 1, co->config.core };
}

err_t alias_new(struct capops *co, struct capops_object *o, uint64_t core, uint64_t index)
{
    struct capops_object *const a = slab_alloc(co->config.tallies);

    REQUIRE(a, E_CAPOPS_OBJECTS);
    *a = (struct capops_object){ .name = alias_name(co, core, index), .of = o };
    insert(co, a);
    return OK;
}

static struct capops_object *alias_record(const struct capops *co, uint64_t core, uint64_t index)
{
    const struct cap_name name = alias_name(co, core, index);
    return object_find(co, &name);
}

struct capops_object *alias_find(const struct capops *co, uint64_t core, uint64_t index)
{
    struct capops_object *const a = alias_record(co, core, index);
    return a ? a->of : NULL;
}

static void alias_end(struct capops *co, uint64_t core, uint64_t index)
{
    struct capops_object *const a = alias_record(co, core, index);

    OS_ASSERT(a);
    take_out(co, a);
    slab_free(co->config.tallies, a);
}

void object_leave(struct capops *co, struct capops_object *o, uint64_t core)
{
    OS_ASSERT(o->cores & BIT(core));
    o->cores &= ~BIT(core);
    if (o->name.type == CAP_NOTIFY) {
        alias_end(co, core, o->to[core].index);
        co->config.kernel->withdraw(co->config.context, core, o->to[core].index);
    }
    o->to[core] = (struct capops_export){ 0 };
    if (o->name.type == CAP_IRQ) {
        (void)err_ok(co->config.kernel->irq_target(co->config.context, o->slot, co->config.core));
    }
    if (o->cores == 0) {
        object_end(co, o);
    }
}

bool name_shut(const struct capops *co, const struct cap_name *name)
{
    for (const struct capops_job *j = co->first; j; j = j->next) {
        if (j->kind == JOB_REVOKE && (j->state == STATE_ASK || j->state == STATE_WIPE) && j->lo < name->base + name->bytes &&
            name->base < j->hi && type_line(j->name.type) == type_line(name->type)) {
            return true;
        }
    }
    return false;
}
