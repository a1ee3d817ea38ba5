/** @file lend.c  RAM goes to another core and comes back: only between the boot core and the others, only whole and unused.  Whoever
 * gives away keeps a husk, until the other side has answered (return) or given back (lend). */
#include "job.h"

static err_t give(struct capops *co, enum job_kind kind, cptr_t slot, uint64_t core, uint64_t cookie)
{
    const struct capops_kernel *const k = co->config.kernel;
    struct cap_name name;
    uint64_t rights, husk;

    TRY(k->identify(co->config.context, slot, &name, &rights));
    REQUIRE(peer_reachable(co, core), E_GONE);
    struct capops_job *const job = job_new(co, kind, cookie);
    REQUIRE(job, E_CAPOPS_JOBS);
    struct capops_loan *const loan = slab_alloc(co->config.loans);
    const err_t err = loan ? k->to_husk(co->config.context, slot, core, &husk) : ERR(E_CAPOPS_LOANS);
    if (!err_ok(err)) {
        if (loan) {
            slab_free(co->config.loans, loan);
        }
        job_free(co, job);
        return err;
    }
    *loan = (struct capops_loan){ co->loans, core, name.base, name.bytes, husk };
    co->loans = loan;
    job->loan = loan;
    job->slot = slot;
    job_ask(co, job, core);
    return OK;
}

err_t capops_lend(struct capops *co, cptr_t slot, uint64_t core, uint64_t cookie)
{
    REQUIRE(co->config.core == co->config.boot && core < co->config.cores && core != co->config.core, E_ARG);
    return give(co, JOB_LEND, slot, core, cookie);
}

err_t capops_return(struct capops *co, cptr_t slot, uint64_t cookie)
{
    REQUIRE(co->config.core != co->config.boot, E_ARG);
    return give(co, JOB_RETURN, slot, co->config.boot, cookie);
}

err_t capops_recall(struct capops *co, uint64_t core, uint64_t bytes, uint64_t cookie)
{
    REQUIRE(co->config.core == co->config.boot && core < co->config.cores && core != co->config.core, E_ARG);
    REQUIRE(peer_reachable(co, core), E_GONE);
    struct capops_job *const job = job_new(co, JOB_RECALL, cookie);
    REQUIRE(job, E_CAPOPS_JOBS);
    job->name.bytes = bytes;
    job_ask(co, job, core);
    return OK;
}

static void forget(struct capops *co, struct capops_loan *loan)
{
    struct capops_loan **at = &co->loans;

    while (*at != loan) {
        at = &(*at)->next;
    }
    *at = loan->next;
    slab_free(co->config.loans, loan);
}

void lend_asked(struct capops *co, struct capops_job *job, uint64_t core)
{
    struct capops_request r = { .kind = CAPOPS_RECALL, .bytes = job->name.bytes };

    if (job->kind != JOB_RECALL) {
        r = (struct capops_request){
            .kind = job->kind == JOB_LEND ? CAPOPS_LEND : CAPOPS_RETURN, .base = job->loan->base, .bytes = job->loan->bytes,
        };
    }
    job->out |= BIT(core);
    peer_ask(co, core, job, &r, 0);
}

static void refused(struct capops *co, struct capops_job *job, uint64_t err)
{
    job->loan->core = co->config.core;              /* nobody else's: the end of that core does not concern it */
    job->err = err;
    job_go_on(job, STATE_BACK);
}

void lend_answered(struct capops *co, struct capops_job *job, const struct capops_answer *answer)
{
    if (job->kind != JOB_RECALL && answer->err != E_OK) {
        refused(co, job, answer->err);
        return;
    }
    if (job->kind == JOB_RETURN) {
        (void)err_ok(co->config.kernel->drop_husk(co->config.context, job->loan->husk));
        forget(co, job->loan);
    }
    job_end(co, job, E_OK);
}

void lend_lost(struct capops *co, struct capops_job *job, bool asked, enum capops_peer_state state)
{
    if (state == CAPOPS_LEFT) {
        refused(co, job, E_LEAVING);                /* what it accepted it answered before it said that it leaves */
    } else if (asked) {
        job_end(co, job, E_GONE);                   /* the husk stays until the core is off */
    } else {
        refused(co, job, E_GONE);
    }
}

/* It was refused: from husk to RAM again.  While the range is being revoked that has to wait. */
static void take_back(struct capops *co, struct capops_job *job)
{
    const err_t err = co->config.kernel->from_husk(co->config.context, job->loan->husk, job->slot);

    if (err_root(err) != E_REVOKED) {
        forget(co, job->loan);
        job_end(co, job, job->err);
    }
}

/* ---- the other side ------------------------------------------------------------------------------------------------ */

static err_t borrow(struct capops *co, const struct capops_request *r)
{
    const struct capops_kernel *const k = co->config.kernel;
    cptr_t slot;

    REQUIRE(!co->refusing, E_LEAVING);
    TRY(k->slot_alloc(co->config.context, &slot));
    err_t err = k->make_root(co->config.context, r->base, r->bytes, slot);
    if (err_ok(err)) {
        err = co->config.events->lent(co->config.context, slot, r->base, r->bytes);
    }
    if (!err_ok(err)) {
        k->remove(co->config.context, slot);
        k->slot_free(co->config.context, slot);
    }
    return err;
}

void lend_request(struct capops *co, uint64_t core, const struct capops_request *r)
{
    const err_t err = core == co->config.boot ? borrow(co, r) : ERR(E_ARG);
    peer_answer(co, core, r->id, err_root(err), false);
}

/* @return E_REVOKED not now; errors of slot_alloc */
static err_t take(struct capops *co, struct capops_loan *loan)
{
    const struct capops_loan l = *loan;
    cptr_t slot;

    TRY(co->config.kernel->slot_alloc(co->config.context, &slot));
    const err_t err = co->config.kernel->from_husk(co->config.context, l.husk, slot);
    if (!err_ok(err)) {
        co->config.kernel->slot_free(co->config.context, slot);
        return err;
    }
    forget(co, loan);
    co->config.events->returned(co->config.context, l.core, slot, l.base, l.bytes);
    return OK;
}

static struct capops_loan *find(const struct capops *co, uint64_t core, uint64_t base, uint64_t bytes)
{
    struct capops_loan *l = co->loans;

    while (l && !(l->core == core && l->base == base && l->bytes == bytes)) {
        l = l->next;
    }
    return l;
}

static void take_step(struct capops *co, struct capops_job *job)
{
    struct capops_loan *const loan = find(co, job->from, job->name.base, job->name.bytes);
    const err_t err = loan ? take(co, loan) : ERR(E_CAP_RANGE);

    if (err_root(err) != E_REVOKED) {
        job_end(co, job, err_root(err));
    }
}

void return_request(struct capops *co, uint64_t core, const struct capops_request *r)
{
    struct capops_job *const job = job_incoming(co, JOB_TAKE, core, r);

    if (job) {
        job_go_on(job, STATE_BACK);
    } else {
        peer_answer(co, core, r->id, E_CAPOPS_JOBS, false);
    }
}

void lend_step(struct capops *co, struct capops_job *job)
{
    if (job->kind == JOB_TAKE) {
        take_step(co, job);
    } else {
        take_back(co, job);
    }
}

bool loans_return(struct capops *co, uint64_t core)
{
    bool all = true;
    struct capops_loan *next;

    for (struct capops_loan *l = co->loans; l; l = next) {
        next = l->next;
        if (l->core == core) {
            all &= err_ok(take(co, l));
        }
    }
    return all;
}
