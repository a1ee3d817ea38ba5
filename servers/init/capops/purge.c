/** @file purge.c  The holder's part of a revoke, and what happens to the copies of what a core made that is gone.  One range is swept
 * at a time; the others wait for their turn. */
#include "job.h"

#include <os/bug.h>

void purge_request(struct capops *co, uint64_t core, const struct capops_request *r)
{
    struct capops_job *const job = job_incoming(co, JOB_PURGE, core, r);

    if (job) {
        job_go_on(job, STATE_TURN);
    } else {
        peer_answer(co, core, r->id, E_CAPOPS_JOBS, false);
    }
}

static void begin(struct capops *co, struct capops_job *job)
{
    if (co->sweeping) {
        return;                                     /* forget() wakes it */
    }
    const err_t err = co->config.kernel->purge_begin(co->config.context, &job->name, &job->handle);
    OS_ASSERT(err_root(err) != E_KERNEL_FULL);      /* CAPOPS_REVOKES */
    if (!err_ok(err)) {
        job->handle = 0;                            /* no such range: nothing can be in it */
    }
    co->sweeping = job;
    job_go_on(job, job->handle ? STATE_PURGE : STATE_FORGET);
}

/* The tallies have been swept, too; their records go. */
static bool forget(struct capops *co, struct capops_job *job)
{
    const bool all = job->name.type == CAP_NULL;
    struct capops_object *o =
        all ? object_first(co, job->name.owner) : object_from(co, job->name.owner, job->name.type, job->name.base);

    for (unsigned i = 0; i < PART; i++) {
        if (!o || (!all && (type_line(o->name.type) != type_line(job->name.type) ||
                            o->name.base >= job->name.base + job->name.bytes))) {
            if (job->handle) {
                (void)err_ok(co->config.kernel->sweep_end(co->config.context, job->handle));
            }
            co->sweeping = NULL;
            for (struct capops_job *j = co->first; j; j = j->next) {
                j->runnable |= j->state == STATE_TURN;
            }
            return true;
        }
        struct capops_object *const next = object_next(o);
        object_end(co, o);
        o = next;
    }
    job->runnable = true;
    return false;
}

bool purge_step(struct capops *co, struct capops_job *job)
{
    if (job->state == STATE_TURN) {
        begin(co, job);
    } else if (job->state == STATE_PURGE) {
        const bool again = err_root(co->config.kernel->sweep(co->config.context, job->handle)) == E_AGAIN;
        job_go_on(job, again ? STATE_PURGE : STATE_FORGET);
    } else {
        return forget(co, job);
    }
    return false;
}
