/** @file peers.c  What is sent to the other monitors, and when: C2. */
#include "job.h"

#include <os/bug.h>

uint64_t peers_in(const struct capops *co, enum capops_peer_state state)
{
    uint64_t cores = 0;

    for (uint64_t i = 0; i < co->config.cores; i++) {
        if (co->config.peers[i].state == state && i != co->config.core) {
            cores |= BIT(i);
        }
    }
    return cores;
}

bool peer_reachable(const struct capops *co, uint64_t core)
{
    return co->config.peers[core].state <= CAPOPS_UP;
}

void peer_answer(struct capops *co, uint64_t core, uint64_t id, uint64_t err, bool holds)
{
    const struct capops_answer a = { .id = id, .err = err, .holds = holds };
    co->config.net->answer(co->config.context, core, &a);
}

void peer_ask(struct capops *co, uint64_t core, struct capops_job *job, struct capops_request *request, uint64_t base)
{
    struct capops_peer *const p = &co->config.peers[core];
    struct capops_sent *s = p->sent;

    while (s->id != 0) {
        s++;
        OS_ASSERT(s < p->sent + CAPOPS_WINDOW);
    }
    request->id = ++p->latest_id << 8 | (uint64_t)(s - p->sent);
    *s = (struct capops_sent){ .job = job, .id = request->id, .kind = request->kind, .base = base };
    p->under_way++;
    co->config.net->request(co->config.context, core, request);
}

/* ---- turns --------------------------------------------------------------------------------------------------------- */

static bool may_ask(const struct capops_peer *p, const struct capops_job *job)
{
    return p->state == CAPOPS_UP || (p->state == CAPOPS_LEFT && job->kind == JOB_GONE);
}

static struct capops_job *next_job(struct capops *co, uint64_t core)
{
    struct capops_job *job = co->first;

    while (job && !(job->todo & BIT(core))) {
        job = job->next;
    }
    return job;
}

static void ask(struct capops *co, struct capops_job *job, uint64_t core)
{
    job->todo &= ~BIT(core);
    switch (job->kind) {
    case JOB_SEND:
    case JOB_EXPORT:
        send_asked(co, job, core);
        break;
    case JOB_REVOKE:
        revoke_asked(co, job, core);
        break;
    case JOB_LEND:
    case JOB_RETURN:
    case JOB_RECALL:
        lend_asked(co, job, core);
        break;
    default:
        cores_asked(co, job, core);
        break;
    }
}

/* The tally goes with the message and not before it: C1, and no later import is taken for what this one was. */
static void drop(struct capops *co, struct capops_object *o)
{
    struct capops_request r = {
        .kind = CAPOPS_DROPPED, .type = o->name.type, .base = o->name.base, .bytes = o->name.bytes, .count = o->latest,
    };
    peer_ask(co, o->name.owner, NULL, &r, 0);
    object_end(co, o);
}

void peer_pump(struct capops *co, uint64_t core)
{
    struct capops_peer *const p = &co->config.peers[core];
    struct capops_job *const job = next_job(co, core);
    struct capops_object *const o = p->state == CAPOPS_UP && !co->left ? p->drop_first : NULL;

    if (p->state == CAPOPS_NONE && job) {
        p->state = CAPOPS_OPENING;
        co->pump &= ~BIT(core);
        co->config.net->open(co->config.context, core);
    } else if (p->under_way < CAPOPS_WINDOW && job && may_ask(p, job) && !(o && p->tally_next)) {
        p->tally_next = true;
        ask(co, job, core);
    } else if (p->under_way < CAPOPS_WINDOW && o) {
        p->tally_next = false;
        drop(co, o);
    } else {
        co->pump &= ~BIT(core);
    }
}

/* ---- channels come and go ------------------------------------------------------------------------------------------ */

void capops_connected(struct capops *co, uint64_t core)
{
    OS_ASSERT(core < co->config.cores && core != co->config.core && peer_reachable(co, core));
    co->config.peers[core].state = CAPOPS_UP;
    co->pump |= BIT(core);
}

void capops_unconnected(struct capops *co, uint64_t core)
{
    if (co->config.peers[core].state == CAPOPS_OPENING) {
        peer_lost(co, core, CAPOPS_NONE);
    }
}

static void lost(struct capops *co, struct capops_job *job, uint64_t core, enum capops_peer_state state)
{
    const bool asked = job->out & BIT(core);

    job->todo &= ~BIT(core);
    job->out &= ~BIT(core);
    switch (job->kind) {
    case JOB_REVOKE:
        job->ranged &= ~BIT(core);
        job->runnable = true;
        break;
    case JOB_LEND:
    case JOB_RETURN:
        lend_lost(co, job, asked, state);
        break;
    case JOB_LEAVE:
        cores_heard(co, job);
        break;
    case JOB_GONE:
        job->quarantined |= state == CAPOPS_QUARANTINED;
        cores_heard(co, job);
        break;
    default:
        job_end(co, job, E_GONE);
        break;
    }
}

static void orphan(struct capops *co, struct capops_job *job)
{
    job->orphan = true;
    if (job->kind == JOB_TAKE || (job->kind == JOB_EXPORT && job->out == 0)) {
        job_end(co, job, E_GONE);
    }
}

void peer_lost(struct capops *co, uint64_t core, enum capops_peer_state state)
{
    struct capops_peer *const p = &co->config.peers[core];
    struct capops_job *next;

    p->state = (uint8_t)state;
    for (unsigned i = 0; i < CAPOPS_WINDOW; i++) {
        struct capops_sent *const s = &p->sent[i];
        if (s->id != 0 && !(state == CAPOPS_LEFT && s->kind == CAPOPS_GONE)) {
            *s = (struct capops_sent){ 0 };
            p->under_way--;
        }
    }
    for (struct capops_job *j = co->first; j; j = next) {
        next = j->next;
        if (state == CAPOPS_LEFT && j->kind == JOB_GONE) {
            continue;
        }
        if (j->from == core) {
            orphan(co, j);
        } else if ((j->todo | j->out) & BIT(core)) {
            lost(co, j, core, state);
        }
    }
}

void capops_answered(struct capops *co, uint64_t core, const struct capops_answer *answer)
{
    struct capops_peer *const p = &co->config.peers[core];
    struct capops_sent *const s = &p->sent[(answer->id & 0xff) % CAPOPS_WINDOW];
    const struct capops_sent sent = *s;
    struct capops_job *const job = sent.job;

    if (answer->id == 0 || sent.id != answer->id) {
        return;                                     /* from before it was lost */
    }
    *s = (struct capops_sent){ 0 };
    p->under_way--;
    co->pump |= BIT(core);
    if (!job) {
        return;
    }
    job->out &= ~BIT(core);
    switch (job->kind) {
    case JOB_SEND:
    case JOB_EXPORT:
        send_answered(co, job, core, answer, sent.kind == CAPOPS_IMPORT);
        break;
    case JOB_REVOKE:
        revoke_answered(co, job, core, &sent);
        break;
    case JOB_LEND:
    case JOB_RETURN:
    case JOB_RECALL:
        lend_answered(co, job, answer);
        break;
    default:
        cores_heard(co, job);
        break;
    }
}
