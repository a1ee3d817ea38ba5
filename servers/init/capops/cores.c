/** @file cores.c  Cores come, leave in order, or die. */
#include "job.h"

#include <os/bug.h>

/* ---- what a kernel shared when it started another one -------------------------------------------------------------- */

/* A record for a copy of what is in @p slot. */
static err_t adopt(struct capops *co, const struct cap_name *name, cptr_t slot, struct capops_object **made)
{
    const struct capops_kernel *const k = co->config.kernel;
    cptr_t kept;

    TRY(k->slot_alloc(co->config.context, &kept));
    err_t err = k->copy(co->config.context, kept, slot, RIGHTS_SENT);
    if (err_ok(err)) {
        err = object_new(co, name, kept, made);
    }
    if (!err_ok(err)) {
        k->remove(co->config.context, kept);
        k->slot_free(co->config.context, kept);
    }
    return err;
}

err_t capops_given(struct capops *co, cptr_t slot, uint64_t core)
{
    struct cap_name name;
    uint64_t rights;

    REQUIRE(core < co->config.cores && core != co->config.core, E_ARG);
    TRY(co->config.kernel->identify(co->config.context, slot, &name, &rights));
    REQUIRE(name.type == CAP_FRAME || name.type == CAP_DEVFRAME, E_CAP_LOCAL);
    REQUIRE(name.owner == co->config.core, E_FOREIGN);
    struct capops_object *o = object_find(co, &name);
    if (!o) {
        TRY(adopt(co, &name, slot, &o));
        o->rights = rights & RIGHTS_SENT;
    }
    o->cores |= BIT(core);
    o->to[core].count = 1;
    return OK;
}

err_t capops_got(struct capops *co, cptr_t slot)
{
    struct capops_object *o;
    struct cap_name name;
    uint64_t rights;

    TRY(co->config.kernel->identify(co->config.context, slot, &name, &rights));
    REQUIRE(name.owner != co->config.core, E_CAP_LOCAL);
    if (!object_find(co, &name)) {
        TRY(adopt(co, &name, slot, &o));
        o->latest = 1;
    }
    return OK;
}

/* ---- steps of what the end of a core takes here -------------------------------------------------------------------- */

/* It leaves all sets.  One place on the number lines of our objects is what of this has been done. */
static void sets(struct capops *co, struct capops_job *job)
{
    static const enum cap_type line[] = { CAP_FRAME, CAP_IRQ };    /* where our objects are */

    for (unsigned i = 0; i < PART; i++) {
        struct capops_object *const o = object_from(co, co->config.core, line[job->count], job->position);
        if (o) {
            job->position = o->name.base + o->name.bytes;
            if (o->cores & BIT(job->name.owner)) {
                object_leave(co, o, job->name.owner);
            }
        } else if (job->count == 0) {
            job->count++;
            job->position = 0;
        } else {
            job_go_on(job, STATE_TURN);
            return;
        }
    }
    job->runnable = true;
}

static void begin(struct capops *co, struct capops_job *job, uint64_t core, bool off)
{
    job->name = (struct cap_name){ CAP_NULL, 0, 0, core };
    job_go_on(job, off ? STATE_SETS : STATE_TURN);  /* a core in quarantine stays in them */
    (void)co;
}

static void cleared(struct capops *co, uint64_t core)
{
    if (co->config.peers[core].state == CAPOPS_OFF) {
        co->config.peers[core].state = CAPOPS_NONE;
    }
}

/* ---- leaving ------------------------------------------------------------------------------------------------------- */

void capops_refuse(struct capops *co)
{
    co->refusing = true;
}

err_t capops_leave(struct capops *co, uint64_t cookie)
{
    REQUIRE(co->config.core != co->config.boot, E_BOOT_CORE);
    REQUIRE(co->leave.from == CAPOPS_NOBODY && !co->left, E_LEAVING);
    job_init(co, &co->leave, JOB_LEAVE, cookie);
    co->refusing = true;
    job_go_on(&co->leave, STATE_QUIET);
    return OK;
}

/* job_free() and object_end() wake it. */
static void try_to_leave(struct capops *co, struct capops_job *job)
{
    bool quiet = co->first == job && !job->next;

    tallies_look(co);
    for (uint64_t i = 0; i < co->config.cores; i++) {
        quiet &= !co->config.peers[i].drop_first;
    }
    if (!quiet) {
        return;
    }
    co->left = true;
    job->state = STATE_ASK;
    for (uint64_t i = 0; i < co->config.cores; i++) {
        if (peers_in(co, CAPOPS_UP) & BIT(i)) {
            job_ask(co, job, i);
        }
    }
    cores_heard(co, job);
}

void leaving_request(struct capops *co, uint64_t core, const struct capops_request *r)
{
    peer_lost(co, core, CAPOPS_LEFT);
    struct capops_job *const job = job_incoming(co, JOB_LEFT, core, r);
    OS_ASSERT(job);                                 /* it says this when it has nothing else under way */
    begin(co, job, core, true);
}

static void left(struct capops *co, struct capops_job *job)
{
    const uint64_t core = job->from;
    const bool answer = !job->orphan;

    job_end(co, job, E_OK);
    if (!answer) {
        return;
    }
    if (co->config.core != co->config.boot) {
        co->config.peers[core].state = CAPOPS_NONE;
        co->config.net->close(co->config.context, core);
    }
    co->config.events->leaving(co->config.context, core);
}

void capops_core_off(struct capops *co, uint64_t core)
{
    if (co->config.peers[core].state == CAPOPS_LEFT) {
        peer_lost(co, core, CAPOPS_NONE);
        co->config.net->close(co->config.context, core);
        if (peers_in(co, CAPOPS_QUARANTINED) == 0) {    /* else one of those may have got a part of it */
            (void)loans_return(co, core);
        }
    }
}

/* ---- dead cores ---------------------------------------------------------------------------------------------------- */

static void end_of(struct capops *co, uint64_t core, bool off)
{
    co->config.net->close(co->config.context, core);        /* what it sent and was not read is not served any more */
    peer_lost(co, core, off ? CAPOPS_OFF : CAPOPS_QUARANTINED);
}

err_t capops_core_gone(struct capops *co, uint64_t core, bool off, uint64_t cookie)
{
    REQUIRE(core < co->config.cores && core != co->config.core, E_ARG);
    REQUIRE(co->config.peers[core].state != CAPOPS_QUARANTINED, E_QUARANTINED);
    struct capops_job *const job = &co->config.peers[core].gone;
    REQUIRE(job->from == CAPOPS_NOBODY, E_GONE);
    end_of(co, core, off);
    job_init(co, job, JOB_GONE, cookie);
    job->rights = off;
    begin(co, job, core, off);
    return OK;
}

static void tell(struct capops *co, struct capops_job *job)
{
    const uint64_t others = peers_in(co, CAPOPS_UP) | peers_in(co, CAPOPS_LEFT);

    job->quarantined = !job->rights || peers_in(co, CAPOPS_QUARANTINED) != 0;
    job->state = STATE_ASK;
    for (uint64_t i = 0; i < co->config.cores; i++) {
        if (others & BIT(i)) {
            job_ask(co, job, i);
        }
    }
    cores_heard(co, job);
}

static void loans(struct capops *co, struct capops_job *job)
{
    if (job->quarantined || loans_return(co, job->name.owner)) {
        cleared(co, job->name.owner);
        job_end(co, job, job->quarantined ? E_QUARANTINED : E_OK);
    }
}

void gone_request(struct capops *co, uint64_t core, const struct capops_request *r)
{
    struct capops_job *const job = job_incoming(co, JOB_DEAD, core, r);

    if (!job || core != co->config.boot || r->core >= co->config.cores || r->core == co->config.core || r->core == core) {
        if (job) {
            job_end(co, job, E_ARG);
        }
        return;
    }
    end_of(co, r->core, r->off);
    begin(co, job, r->core, r->off);
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

void cores_asked(struct capops *co, struct capops_job *job, uint64_t core)
{
    struct capops_request r = { .kind = CAPOPS_LEAVING };

    if (job->kind == JOB_GONE) {
        r = (struct capops_request){ .kind = CAPOPS_GONE, .core = job->name.owner, .off = job->rights != 0 };
    }
    job->out |= BIT(core);
    peer_ask(co, core, job, &r, 0);
}

void cores_heard(struct capops *co, struct capops_job *job)
{
    if (job->state != STATE_ASK || job->todo != 0 || job->out != 0) {
        return;
    }
    if (job->kind == JOB_LEAVE) {
        job_end(co, job, E_OK);
    } else {
        job_go_on(job, STATE_LOANS);
    }
}

static void purged(struct capops *co, struct capops_job *job)
{
    switch (job->kind) {
    case JOB_LEFT:
        left(co, job);
        break;
    case JOB_GONE:
        tell(co, job);
        break;
    default:
        cleared(co, job->name.owner);
        job_end(co, job, E_OK);
        break;
    }
}

void cores_step(struct capops *co, struct capops_job *job)
{
    switch (job->state) {
    case STATE_QUIET:
        try_to_leave(co, job);
        break;
    case STATE_SETS:
        sets(co, job);
        break;
    case STATE_TURN:
    case STATE_PURGE:
    case STATE_FORGET:
        if (purge_step(co, job)) {
            purged(co, job);
        }
        break;
    case STATE_LOANS:
        loans(co, job);
        break;
    default:
        break;
    }
}
