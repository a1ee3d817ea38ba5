/** @file jobs.c  Operations under way: their records, and their turns. */
#include "job.h"

#include <os/bug.h>

static void list(struct capops *co, struct capops_job *job)
{
    job->prev = co->last;
    *(co->last ? &co->last->next : &co->first) = job;
    co->last = job;
}

struct capops_job *job_new(struct capops *co, enum job_kind kind, uint64_t cookie)
{
    struct capops_job *const job = slab_alloc(co->config.jobs);

    if (job) {
        job_init(co, job, kind, cookie);
        job->pooled = true;
    }
    return job;
}

void job_init(struct capops *co, struct capops_job *job, enum job_kind kind, uint64_t cookie)
{
    *job = (struct capops_job){ .kind = (uint8_t)kind, .ours = true, .cookie = cookie, .from = co->config.core };
    list(co, job);
}

struct capops_job *job_incoming(struct capops *co, enum job_kind kind, uint64_t core, const struct capops_request *request)
{
    struct capops_peer *const p = &co->config.peers[core];
    struct capops_job *const jobs = kind == JOB_EXPORT ? p->forward : p->job;

    for (unsigned i = 0; i < CAPOPS_WINDOW; i++) {
        struct capops_job *const job = &jobs[i];
        if (job->from == CAPOPS_NOBODY) {
            *job = (struct capops_job){
                .kind = (uint8_t)kind, .from = core, .id = request->id,
                .name = { (enum cap_type)request->type, request->base, request->bytes, core },
                .rights = request->rights, .to = request->core, .conn = request->conn,
            };
            list(co, job);
            return job;
        }
    }
    return NULL;
}

void job_free(struct capops *co, struct capops_job *job)
{
    if (co->cursor == job) {
        co->cursor = job->next;
    }
    *(job->prev ? &job->prev->next : &co->first) = job->next;
    *(job->next ? &job->next->prev : &co->last) = job->prev;
    if (job->pooled) {
        slab_free(co->config.jobs, job);
    } else {
        job->from = CAPOPS_NOBODY;
    }
    jobs_wake(co, JOB_LEAVE);
    jobs_wake(co, JOB_GONE);                        /* may have been short of slots */
}

static void drop_slot(struct capops *co, struct capops_job *job)
{
    if (job->slot != CPTR_NULL) {
        co->config.kernel->remove(co->config.context, job->slot);
        co->config.kernel->slot_free(co->config.context, job->slot);
        job->slot = CPTR_NULL;
    }
}

void job_end(struct capops *co, struct capops_job *job, uint64_t err)
{
    OS_ASSERT(job->out == 0);
    job->todo = 0;
    if (job->kind == JOB_SEND || job->kind == JOB_EXPORT) {
        drop_slot(co, job);
    }
    if (job->ours) {
        job->err = err;
        job_go_on(job, STATE_ENDED);
        return;
    }
    if (!job->orphan) {
        peer_answer(co, job->from, job->id, err, false);
    }
    job_free(co, job);
}

void job_ask(struct capops *co, struct capops_job *job, uint64_t core)
{
    job->todo |= BIT(core);
    co->pump |= BIT(core);
}

void jobs_wake(struct capops *co, enum job_kind kind)
{
    for (struct capops_job *j = co->first; j; j = j->next) {
        if (j->kind == kind && j->state != STATE_ASK) {
            j->runnable = true;
        }
    }
}

/* One part of @p job, which is runnable. */
static void run(struct capops *co, struct capops_job *job)
{
    job->runnable = false;
    if (job->state == STATE_ENDED) {
        const uint64_t cookie = job->cookie;
        const err_t err = ERR(job->err);
        job_free(co, job);
        co->config.events->completed(co->config.context, cookie, err);
        return;
    }
    switch (job->kind) {
    case JOB_REVOKE:
        revoke_step(co, job);
        break;
    case JOB_PURGE:
        if (purge_step(co, job)) {
            job_end(co, job, E_OK);
        }
        break;
    case JOB_LEND:
    case JOB_RETURN:
    case JOB_TAKE:
        lend_step(co, job);
        break;
    default:
        cores_step(co, job);
        break;
    }
}

bool capops_step(struct capops *co)
{
    if (co->pump) {
        peer_pump(co, (uint64_t)__builtin_ctzll(co->pump));
        return true;
    }
    for (unsigned round = 0; round < 2; round++) {
        for (struct capops_job *j = round == 0 ? co->cursor : co->first; j; j = j->next) {
            if (j->runnable) {
                co->cursor = j->next;
                run(co, j);
                return true;
            }
        }
    }
    return false;
}
