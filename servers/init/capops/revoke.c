/** @file revoke.c  Revoke what has copies on other cores: the owner's side, and purge, the holders'.
 *
 * 1. SWEEP    the kernel closes the range and deletes what is in it on this core, all but anchors and husks.
 * 2. COLLECT  which anchors are left; nothing is added to their sets while the kernel's entry is there.
 * 3. ASK      their holders are told to purge everything from the first of them to the end of the last.  Only what was made of the
 *             range lies there, so this range is good enough, and the caller's need not be known.  From here on it is this
 *             file that keeps it closed (C4): the kernel's entry may go with the invoked capability.
 *             A Notify has another name elsewhere, so each gets a purge of its own.
 * 4. WIPE     the anchors go.  What a core in quarantine may have stays.
 */
#include "job.h"

#include <os/bug.h>

err_t capops_revoke(struct capops *co, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t cookie)
{
    struct capops_job *const job = co->revokes < CAPOPS_REVOKES ? job_new(co, JOB_REVOKE, cookie) : NULL;

    REQUIRE(job, E_CAPOPS_JOBS);
    const err_t err = co->config.kernel->revoke_begin(co->config.context, disp, address, offset, bytes, &job->handle);
    if (!err_ok(err)) {
        job_free(co, job);
        return err;
    }
    co->revokes++;
    job->lo = UINT64_MAX;
    job_go_on(job, STATE_SWEEP);
    return OK;
}

static void end(struct capops *co, struct capops_job *job)
{
    const bool listed = err_ok(co->config.kernel->sweep_end(co->config.context, job->handle));

    co->revokes--;
    job_end(co, job, !listed ? E_GONE : job->quarantined ? E_QUARANTINED : job->lent ? E_LENT : E_OK);
    jobs_wake(co, JOB_TAKE);                        /* what the kernel refused because of the range */
    jobs_wake(co, JOB_LEND);
    jobs_wake(co, JOB_RETURN);
    jobs_wake(co, JOB_GONE);
}

static void sweep(struct capops *co, struct capops_job *job)
{
    const err_t err = co->config.kernel->sweep(co->config.context, job->handle);

    if (err_ok(err)) {
        job_go_on(job, STATE_COLLECT);
    } else if (err_root(err) == E_AGAIN) {
        job->runnable = true;
    } else {
        end(co, job);
    }
}

static void note(struct capops *co, struct capops_job *job, const struct capops_object *o)
{
    const uint64_t there = ~(peers_in(co, CAPOPS_LEFT) | peers_in(co, CAPOPS_OFF) | peers_in(co, CAPOPS_QUARANTINED));

    job->name.type = o->name.type;
    job->lo = o->name.base < job->lo ? o->name.base : job->lo;
    job->hi = o->name.base + o->name.bytes > job->hi ? o->name.base + o->name.bytes : job->hi;
    job->count |= o->cores & there;                    /* whom to ask, when all anchors are known */
    if (o->name.type != CAP_NOTIFY) {
        job->ranged |= o->cores & there;
    }
}

/* Is the kernel's entry still there?  Then it was all the time. */
static bool listed(struct capops *co, const struct capops_job *job)
{
    return err_root(co->config.kernel->sweep(co->config.context, job->handle)) != E_CAP_EMPTY;
}

static void collect(struct capops *co, struct capops_job *job)
{
    for (unsigned i = 0; i < PART; i++) {
        struct cap_name name;
        bool husk;
        const err_t err = co->config.kernel->sweep_left(co->config.context, job->handle, &job->position, &name, &husk);
        if (!err_ok(err)) {
            if (!listed(co, job)) {
                end(co, job);
                return;
            }
            job_go_on(job, STATE_ASK);
            for (uint64_t c = 0; c < co->config.cores; c++) {
                if (job->count & BIT(c)) {
                    job_ask(co, job, c);
                }
            }
            return;
        }
        const struct capops_object *const o = husk ? NULL : object_find(co, &name);
        job->lent |= husk;
        if (o) {
            note(co, job, o);
        }
    }
    job->runnable = true;
}

/* The next Notify at or behind @p from of which @p core has a RemoteNotify. */
static struct capops_object *next_notify(struct capops *co, const struct capops_job *job, uint64_t core, uint64_t from)
{
    struct capops_object *o = object_from(co, co->config.core, job->name.type, from);

    while (o && type_line(o->name.type) == type_line(job->name.type) && o->name.base < job->hi) {
        if (o->name.type == CAP_NOTIFY && o->cores & BIT(core)) {
            return o;
        }
        o = object_next(o);
    }
    return NULL;
}

static void ask_purge(struct capops *co, struct capops_job *job, uint64_t core, const struct cap_name *name, uint64_t base)
{
    struct capops_request r = { .kind = CAPOPS_PURGE, .type = name->type, .base = name->base, .bytes = name->bytes };

    job->out |= BIT(core);
    peer_ask(co, core, job, &r, base);
}

void revoke_asked(struct capops *co, struct capops_job *job, uint64_t core)
{
    const struct cap_name range = { job->name.type == CAP_NOTIFY ? CAP_FRAME : job->name.type, job->lo, job->hi - job->lo, 0 };
    const struct capops_object *o;

    if (job->ranged & BIT(core)) {
        job->ranged &= ~BIT(core);
        ask_purge(co, job, core, &range, 0);
    } else if ((o = next_notify(co, job, core, job->lo))) {
        const struct cap_name name = name_there(co, o, core);
        ask_purge(co, job, core, &name, o->name.base);
    }
    job->runnable = true;
}

void revoke_answered(struct capops *co, struct capops_job *job, uint64_t core, const struct capops_sent *sent)
{
    struct capops_object *const o = sent->base != 0 ? object_from(co, co->config.core, CAP_NOTIFY, sent->base) : NULL;

    if (o && o->name.type == CAP_NOTIFY && o->name.base == sent->base && o->cores & BIT(core)) {
        object_leave(co, o, core);
    }
    if (next_notify(co, job, core, sent->base != 0 ? sent->base + 1 : job->lo)) {
        job_ask(co, job, core);
    }
    job->runnable = true;
}

/* Out of the sets go all cores but those in quarantine. */
static bool wipe_one(struct capops *co, struct capops_job *job, struct capops_object *o)
{
    const uint64_t stay = o->cores & peers_in(co, CAPOPS_QUARANTINED);
    uint64_t go = o->cores & ~stay;

    while (go) {
        const uint64_t core = (uint64_t)__builtin_ctzll(go);
        go &= go - 1;
        object_leave(co, o, core);
    }
    job->quarantined |= stay != 0;
    return stay == 0;
}

static void wipe(struct capops *co, struct capops_job *job)
{
    struct capops_object *o = object_from(co, co->config.core, job->name.type, job->position);

    for (unsigned i = 0; i < PART; i++) {
        if (!o || type_line(o->name.type) != type_line(job->name.type) || o->name.base >= job->hi) {
            end(co, job);
            return;
        }
        struct capops_object *const next = object_next(o);
        job->position = o->name.base + o->name.bytes;
        (void)wipe_one(co, job, o);
        o = next;
    }
    job->runnable = true;
}

void revoke_step(struct capops *co, struct capops_job *job)
{
    switch (job->state) {
    case STATE_SWEEP:
        sweep(co, job);
        break;
    case STATE_COLLECT:
        collect(co, job);
        break;
    case STATE_ASK:
        if (job->todo == 0 && job->out == 0) {
            job->position = job->lo;
            job_go_on(job, STATE_WIPE);
        }
        break;
    default:
        wipe(co, job);
        break;
    }
}
