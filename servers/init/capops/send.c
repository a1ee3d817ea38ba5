/** @file send.c  A copy for a process of another core: export by the owner, forward by a holder, import by the target. */
#include "job.h"

static bool travels(enum cap_type type)
{
    return type == CAP_FRAME || type == CAP_DEVFRAME || type == CAP_NOTIFY || type == CAP_REMOTENOTIFY || type == CAP_IRQ ||
           type == CAP_ID;
}

const char *capops_local_text(enum cap_type type)
{
    switch (type) {
    case CAP_RAM:
        return "RAM stays with the memory server of its core: send a Frame made of it";
    case CAP_DEVRANGE:
        return "a device range stays on the boot core: send a DevFrame made of it";
    case CAP_ENDPOINT:
        return "an endpoint stays on its core: send the reference of an exported service, which binds from any core";
    case CAP_DISPATCHER:
        return "a dispatcher stays on its core: send the number of the process";
    case CAP_IRQTABLE:
        return "the interrupt table stays on the boot core: send an IRQ made of it";
    case CAP_L1CNODE:
    case CAP_L2CNODE:
        return "a CNode stays on its core, whose kernel alone writes it: send the capabilities in it";
    case CAP_VNODE_L0:
    case CAP_VNODE_L1:
    case CAP_VNODE_L2:
    case CAP_VNODE_L3:
    case CAP_MAPPING:
        return "page tables stay on their core, whose kernel alone writes them: send the Frame, and map it there";
    default:
        return "this is a part of its core";
    }
}

/* ---- names --------------------------------------------------------------------------------------------------------- */

/* A RemoteNotify's place on the line of cores: cap/cte.h of the kernel. */
#define REMOTE_NOTIFY (1ull << 40)

struct cap_name name_there(const struct capops *co, const struct capops_object *o, uint64_t core)
{
    if (o->name.type != CAP_NOTIFY) {
        return o->name;
    }
    return (struct cap_name){ CAP_REMOTENOTIFY, REMOTE_NOTIFY | co->config.core << 16 | o->to[core].index, 1, co->config.core };
}

struct capops_object *object_named(const struct capops *co, uint64_t core, const struct capops_request *r)
{
    const struct cap_name name = { (enum cap_type)r->type, r->base, r->bytes, co->config.core };

    return r->type == CAP_REMOTENOTIFY ? alias_find(co, core, r->base & 0xffff) : object_find(co, &name);
}

/* ---- the sender's core, and the owner's ---------------------------------------------------------------------------- */

err_t capops_send(struct capops *co, cptr_t slot, uint64_t rights, uint64_t core, uint64_t conn, uint64_t cookie)
{
    const struct capops_kernel *const k = co->config.kernel;
    void *const c = co->config.context;
    struct cap_name name;
    uint64_t had;
    cptr_t held;

    REQUIRE(core < co->config.cores && core != co->config.core, E_ARG);
    REQUIRE(!co->refusing, E_LEAVING);
    TRY(k->identify(c, slot, &name, &had));
    REQUIRE(travels(name.type), E_CAP_LOCAL);
    const bool forward = name.owner != co->config.core && name.type != CAP_ID;
    REQUIRE(peer_reachable(co, core) && (!forward || peer_reachable(co, name.owner)), E_GONE);
    TRY(k->slot_alloc(c, &held));
    const err_t err = k->copy(c, held, slot, rights & RIGHTS_SENT);
    struct capops_job *const job = err_ok(err) ? job_new(co, JOB_SEND, cookie) : NULL;
    if (!job) {
        k->remove(c, held);
        k->slot_free(c, held);
        TRY(err);
        return ERR(E_CAPOPS_JOBS);
    }
    job->name = name;
    job->rights = had & rights & RIGHTS_SENT;
    job->to = core;
    job->conn = conn;
    job->slot = held;
    job_ask(co, job, forward ? name.owner : core);
    return OK;
}

static void let_go(struct capops *co, struct capops_job *job)
{
    co->config.kernel->remove(co->config.context, job->slot);
    co->config.kernel->slot_free(co->config.context, job->slot);
    job->slot = CPTR_NULL;
}

static void ask_import(struct capops *co, struct capops_job *job, const struct cap_name *name, uint64_t count)
{
    struct capops_request r = {
        .kind = CAPOPS_IMPORT, .type = name->type, .base = name->base, .bytes = name->bytes, .rights = job->rights, .count = count,
        .conn = job->conn,
    };
    job->count = count;
    job->out |= BIT(job->to);
    peer_ask(co, job->to, job, &r, 0);
    let_go(co, job);                                /* the anchor holds the object now */
}

/* What is in job->slot becomes the anchor, or a copy of it makes a better one than there is: a copy that is handed over on
 * this core is made of the anchor. */
static err_t make_anchor(struct capops *co, struct capops_job *job, struct capops_object **anchor)
{
    const struct capops_kernel *const k = co->config.kernel;
    void *const c = co->config.context;
    struct capops_object *o = object_find(co, &job->name);
    cptr_t slot;

    TRY(k->slot_alloc(c, &slot));
    err_t err = k->copy(c, slot, job->slot, RIGHTS_SENT);   /* E_REVOKED: being swept; E_CAP_EMPTY: was swept */
    if (err_ok(err) && !o) {
        struct cap_name name;
        uint64_t rights = 0;
        err = k->identify(c, slot, &name, &rights);
        if (err_ok(err)) {
            err = object_new(co, &job->name, slot, &o);
        }
        if (err_ok(err)) {
            o->rights = rights;
            *anchor = o;
            return OK;
        }
    } else if (err_ok(err) && job->kind == JOB_SEND && (job->rights & ~o->rights) != 0) {
        const cptr_t old = o->slot;
        err = k->watch(c, old, false);
        if (err_ok(err)) {
            err = k->watch(c, slot, true);
        }
        o->slot = slot;
        o->rights = job->rights;
        slot = old;
    }
    k->remove(c, slot);
    k->slot_free(c, slot);
    TRY(err);
    *anchor = o;
    return OK;
}

/* The core joins the set: whatever is needed for it there. */
static err_t join(struct capops *co, struct capops_object *o, uint64_t core)
{
    if (o->name.type == CAP_IRQ) {
        REQUIRE((o->cores & ~BIT(core)) == 0, E_IRQ_ELSEWHERE);
        TRY(co->config.kernel->irq_target(co->config.context, o->slot, core));
    } else if (o->name.type == CAP_NOTIFY && !(o->cores & BIT(core))) {
        uint64_t index = 0;
        TRY(co->config.kernel->publish(co->config.context, core, o->slot, &index));
        const err_t err = alias_new(co, o, core, index);
        if (!err_ok(err)) {
            co->config.kernel->withdraw(co->config.context, core, index);
            return err;
        }
        o->to[core].index = (uint32_t)index;
    }
    o->cores |= BIT(core);
    return OK;
}

static err_t export_now(struct capops *co, struct capops_job *job)
{
    struct capops_object *o = NULL;

    REQUIRE(!name_shut(co, &job->name), E_REVOKED);
    TRY(make_anchor(co, job, &o));
    const err_t err = join(co, o, job->to);
    if (!err_ok(err)) {
        if (o->cores == 0) {
            object_end(co, o);
        }
        return err;
    }
    const struct cap_name name = name_there(co, o, job->to);
    ask_import(co, job, &name, ++o->to[job->to].count);
    return OK;
}

void send_asked(struct capops *co, struct capops_job *job, uint64_t core)
{
    struct cap_name name;
    uint64_t rights;
    const err_t held = co->config.kernel->identify(co->config.context, job->slot, &name, &rights);

    if (!err_ok(held)) {                            /* swept while it waited */
        job_end(co, job, E_REVOKED);
    } else if (job->name.type == CAP_ID) {
        ask_import(co, job, &job->name, job->name.owner);
    } else if (job->name.owner == co->config.core) {
        const err_t err = export_now(co, job);
        if (!err_ok(err)) {
            job_end(co, job, err_root(err) == E_CAP_EMPTY ? E_REVOKED : err_root(err));
        }
    } else {
        struct capops_request r = {
            .kind = CAPOPS_FORWARD, .type = name.type, .base = name.base, .bytes = name.bytes, .rights = job->rights,
            .core = job->to, .conn = job->conn,
        };
        job->out |= BIT(core);
        peer_ask(co, core, job, &r, 0);
        let_go(co, job);
    }
}

/* @p core has no copy, by its own account of @p count imports.  What it calls a Notify by must not be given to another one as long as
 * a purge of that name is under way: then it is the purge's answer that ends it. */
static void without(struct capops *co, struct capops_object *o, uint64_t core, uint64_t count)
{
    if (o && o->cores & BIT(core) && o->to[core].count == count &&
        !(o->name.type == CAP_NOTIFY && name_shut(co, &o->name))) {
        object_leave(co, o, core);                  /* other counts: an import is under way there */
    }
}

void send_answered(struct capops *co, struct capops_job *job, uint64_t core, const struct capops_answer *answer, bool import)
{
    if (import && !answer->holds) {
        without(co, object_find(co, &job->name), core, job->count);
    }
    job_end(co, job, answer->err);
}

/* A holder's process sends it to one of ours. */
static err_t hand_over(struct capops *co, const struct capops_object *o, uint64_t core, const struct capops_request *r)
{
    const struct capops_kernel *const k = co->config.kernel;
    cptr_t slot;

    TRY(k->slot_alloc(co->config.context, &slot));
    err_t err = k->copy(co->config.context, slot, o->slot, r->rights & RIGHTS_SENT);
    if (err_ok(err)) {
        err = co->config.events->arrived(co->config.context, core, r->conn, slot);
    }
    if (!err_ok(err)) {
        k->remove(co->config.context, slot);
        k->slot_free(co->config.context, slot);
    }
    return err;
}

/* A job that holds a copy of @p o until it can go out. */
static err_t export_later(struct capops *co, const struct capops_object *o, uint64_t core, const struct capops_request *r)
{
    const struct capops_kernel *const k = co->config.kernel;
    cptr_t slot;

    REQUIRE(peer_reachable(co, r->core), E_GONE);
    TRY(k->slot_alloc(co->config.context, &slot));
    const err_t err = k->copy(co->config.context, slot, o->slot, RIGHTS_SENT);
    struct capops_job *const job = err_ok(err) ? job_incoming(co, JOB_EXPORT, core, r) : NULL;
    if (!job) {
        k->remove(co->config.context, slot);
        k->slot_free(co->config.context, slot);
        TRY(err);
        return ERR(E_CAPOPS_JOBS);
    }
    job->name = o->name;
    job->slot = slot;
    job_ask(co, job, r->core);
    return OK;
}

void send_forward(struct capops *co, uint64_t core, const struct capops_request *r)
{
    const struct capops_object *const o = object_named(co, core, r);
    const bool here = r->core == co->config.core;
    err_t err;

    if (co->refusing || r->core >= co->config.cores) {
        err = ERR(co->refusing ? E_LEAVING : E_ARG);
    } else if (!o || !(o->cores & BIT(core))) {
        err = ERR(E_GONE);
    } else if (name_shut(co, &o->name)) {
        err = ERR(E_REVOKED);
    } else {
        err = here ? hand_over(co, o, core, r) : export_later(co, o, core, r);
    }
    if (here || !err_ok(err)) {
        peer_answer(co, core, r->id, err_root(err), false);
    }
}

void send_dropped(struct capops *co, uint64_t core, const struct capops_request *r)
{
    without(co, object_named(co, core, r), core, r->count);
    peer_answer(co, core, r->id, E_OK, false);
}

/* ---- the target's core --------------------------------------------------------------------------------------------- */

/* A RemoteNotify is made with all rights it can have, so copies have those that were sent. */
static err_t make(struct capops *co, const struct cap_name *name, uint64_t rights, cptr_t slot)
{
    const struct capops_kernel *const k = co->config.kernel;

    if (name->type != CAP_REMOTENOTIFY) {
        return k->make_foreign(co->config.context, name, rights, slot);
    }
    REQUIRE((name->base & ~0xffffull) == (REMOTE_NOTIFY | name->owner << 16) && name->bytes == 1, E_ARG);
    return k->remote_notify(co->config.context, name->owner, name->base & 0xffff, slot);
}

/* The first copy of it on this core: the tally beside it.  That is watched when both are there, and so not alone. */
static err_t make_first(struct capops *co, const struct cap_name *name, uint64_t rights, cptr_t slot, struct capops_object **tally)
{
    const struct capops_kernel *const k = co->config.kernel;
    void *const c = co->config.context;
    cptr_t kept;

    TRY(k->slot_alloc(c, &kept));
    err_t err = make(co, name, rights, kept);
    if (err_ok(err)) {
        err = k->copy(c, slot, kept, rights);
    }
    if (err_ok(err)) {
        err = object_new(co, name, kept, tally);
    }
    if (!err_ok(err)) {
        k->remove(c, kept);
        k->slot_free(c, kept);
    }
    return err;
}

/* With a copy of it in @p slot. */
static err_t import_into(struct capops *co, uint64_t core, const struct cap_name *name, const struct capops_request *r, cptr_t slot)
{
    const uint64_t rights = r->rights & RIGHTS_SENT;
    struct capops_object *const o = object_find(co, name);
    struct capops_object *made = NULL;

    if (name->type == CAP_ID) {
        TRY(make(co, name, rights, slot));
    } else if (!o) {
        TRY(make_first(co, name, rights, slot, &made));
        made->latest = (uint32_t)r->count;
    } else if (name->type == CAP_REMOTENOTIFY) {
        TRY(co->config.kernel->copy(co->config.context, slot, o->slot, rights));
    } else {
        TRY(make(co, name, rights, slot));
    }
    if (o) {
        tally_used(co, o);
    }
    const err_t err = co->config.events->arrived(co->config.context, core, r->conn, slot);
    if (!err_ok(err) && made) {
        object_end(co, made);
    }
    return err;
}

void send_import(struct capops *co, uint64_t core, const struct capops_request *r)
{
    const struct capops_kernel *const k = co->config.kernel;
    const struct cap_name name = { (enum cap_type)r->type, r->base, r->bytes, r->type == CAP_ID ? r->count : core };
    struct capops_object *const o = object_find(co, &name);
    cptr_t slot;

    tallies_look(co);                               /* before the copy: then none is taken for alone that has one */
    if (o) {
        o->latest = (uint32_t)r->count;
    }
    err_t err = co->refusing ? ERR(E_LEAVING) : k->slot_alloc(co->config.context, &slot);
    if (err_ok(err)) {
        err = import_into(co, core, &name, r, slot);
        if (!err_ok(err)) {
            k->remove(co->config.context, slot);
            k->slot_free(co->config.context, slot);
        }
    }
    peer_answer(co, core, r->id, err_root(err), object_find(co, &name) != NULL);
}
