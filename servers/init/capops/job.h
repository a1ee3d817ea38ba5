/**
 * @file job.h  What the files of capops share; contracts of the whole in capops.h.
 *
 * Calls from outside only write down what is to be done: jobs, and cores that something is to be sent to.  capops_step() does it, a
 * bounded part at a time, and makes all calls of completed(); so nothing here is entered twice.
 */
#ifndef CAPOPS_JOB_H
#define CAPOPS_JOB_H

#include "capops.h"

#define BIT(core)    (1ull << (core))
#define PART         16u                /* objects looked at in one step */
#define RIGHTS_SENT  ((uint64_t)RIGHTS_ALL & ~(uint64_t)RIGHT_OWN)

enum job_kind {
    JOB_SEND,           /* this core's: export, forward, or an ID straight to the target                              */
    JOB_EXPORT,         /* a peer's forward                                                                           */
    JOB_REVOKE,
    JOB_PURGE,          /* a peer's                                                                                   */
    JOB_LEND, JOB_RETURN, JOB_RECALL,
    JOB_TAKE,           /* a peer's return                                                                            */
    JOB_LEAVE,
    JOB_LEFT,           /* a peer's leaving                                                                           */
    JOB_GONE,           /* the boot core's                                                                            */
    JOB_DEAD,           /* the boot core's gone, at the others                                                        */
};

enum job_state {
    STATE_ASK,          /* cores in `todo` are to be asked, those in `out` were                                       */
    STATE_BACK,         /* lend, return: was refused; take: to be taken                                               */
    STATE_SWEEP,        /* revoke                                                                                     */
    STATE_COLLECT, STATE_WIPE,          /* before and after STATE_ASK                                                 */
    STATE_SETS,         /* left, dead, gone: the core leaves all sets                                                 */
    STATE_TURN,         /* a purge waits until no other is swept                                                      */
    STATE_PURGE, STATE_FORGET,
    STATE_QUIET,        /* leave: waits until nothing is under way                                                    */
    STATE_LOANS,        /* gone: what was lent comes back                                                             */
    STATE_ENDED,
};

/* ---- objects.c ---- */

/** Number lines, as the kernel has them: what lies on different ones does not overlap. */
unsigned type_line(enum cap_type type);

/** @return NULL: this core has neither anchor nor tally of it */
struct capops_object *object_find(const struct capops *co, const struct cap_name *name);

/** The first object of @p owner on the line of @p type that ends behind @p from.  O(log n) */
struct capops_object *object_from(const struct capops *co, uint64_t owner, enum cap_type type, uint64_t from);

/** The next one of the same owner, on any line; NULL: there is none. */
struct capops_object *object_next(struct capops_object *o);

/** The first object of @p owner. */
struct capops_object *object_first(const struct capops *co, uint64_t owner);

/** A record of what is in @p slot, which from now on is watched and the record's.  @return E_CAPOPS_OBJECTS, errors of watch */
err_t object_new(struct capops *co, const struct cap_name *name, cptr_t slot, struct capops_object **made);

/** Delete anchor or tally, and the record. */
void object_end(struct capops *co, struct capops_object *o);

/** @p core knows the Notify @p o by @p index.  The kernel's copy there may be revoked before the core is rid of it, so we have to
 *  know by ourselves.  @return E_CAPOPS_OBJECTS */
err_t alias_new(struct capops *co, struct capops_object *o, uint64_t core, uint64_t index);
struct capops_object *alias_find(const struct capops *co, uint64_t core, uint64_t index);

/** @p core has no copy of @p o any more.  If it was the last, @p o ends. */
void object_leave(struct capops *co, struct capops_object *o, uint64_t core);

/** Find out which tallies are alone, up to the kernel's latest.  After this, until a copy is made, `alone` is true of exactly
 *  those that are. */
void tallies_look(struct capops *co);

/** @p o, a tally, is not alone any more. */
void tally_used(struct capops *co, struct capops_object *o);

/** Is something of @p name's range being purged elsewhere (C4)? */
bool name_shut(const struct capops *co, const struct cap_name *name);

/* ---- jobs.c ---- */

/** A job of this core's; all zero but kind, cookie, and `from`.  @return NULL: there is no room */
struct capops_job *job_new(struct capops *co, enum job_kind kind, uint64_t cookie);

/** The same in a record that is free. */
void job_init(struct capops *co, struct capops_job *job, enum job_kind kind, uint64_t cookie);

/** A job for a request of @p core.  @return NULL: it has too many */
struct capops_job *job_incoming(struct capops *co, enum job_kind kind, uint64_t core, const struct capops_request *request);

/** Give it up without a word. */
void job_free(struct capops *co, struct capops_job *job);

/** It is done: completed() is called at the next step; a peer's is answered at once, and is gone after that. */
void job_end(struct capops *co, struct capops_job *job, uint64_t err);

/** Ask one core; job_asked() makes the request when there is room. */
void job_ask(struct capops *co, struct capops_job *job, uint64_t core);

static inline void job_go_on(struct capops_job *job, enum job_state state)
{
    job->state = (uint8_t)state;
    job->runnable = true;
}

/** All jobs of that kind may go on. */
void jobs_wake(struct capops *co, enum job_kind kind);

/* ---- peers.c ---- */

/** Cores in this state. */
uint64_t peers_in(const struct capops *co, enum capops_peer_state state);

/** Whether it makes sense to wait for a channel with @p core. */
bool peer_reachable(const struct capops *co, uint64_t core);

void peer_answer(struct capops *co, uint64_t core, uint64_t id, uint64_t err, bool holds);

/** Send @p request to @p core, for @p job or nobody; there is room. */
void peer_ask(struct capops *co, uint64_t core, struct capops_job *job, struct capops_request *request, uint64_t base);

/** Send one thing to @p core if there is one and it has room for it; else it leaves co->pump. */
void peer_pump(struct capops *co, uint64_t core);

/** Nothing comes from @p core any more: whoever waits for it goes on without. */
void peer_lost(struct capops *co, uint64_t core, enum capops_peer_state state);

/* ---- by kind: the request for @p core (todo), its answer, the end of a core in todo or out, a step ---- */

void send_asked(struct capops *co, struct capops_job *job, uint64_t core);
void send_answered(struct capops *co, struct capops_job *job, uint64_t core, const struct capops_answer *answer, bool import);
void send_import(struct capops *co, uint64_t core, const struct capops_request *r);
void send_forward(struct capops *co, uint64_t core, const struct capops_request *r);
void send_dropped(struct capops *co, uint64_t core, const struct capops_request *r);

/** @p name in messages between this core and @p core <-> as this core, its owner, knows it.  Differ for a Notify. */
struct cap_name name_there(const struct capops *co, const struct capops_object *o, uint64_t core);
struct capops_object *object_named(const struct capops *co, uint64_t core, const struct capops_request *r);

void revoke_asked(struct capops *co, struct capops_job *job, uint64_t core);
void revoke_answered(struct capops *co, struct capops_job *job, uint64_t core, const struct capops_sent *sent);
void revoke_step(struct capops *co, struct capops_job *job);

void purge_request(struct capops *co, uint64_t core, const struct capops_request *r);
/** States TURN to FORGET.  @return true: all is done */
bool purge_step(struct capops *co, struct capops_job *job);

void lend_asked(struct capops *co, struct capops_job *job, uint64_t core);
void lend_answered(struct capops *co, struct capops_job *job, const struct capops_answer *answer);
void lend_lost(struct capops *co, struct capops_job *job, bool asked, enum capops_peer_state state);
void lend_step(struct capops *co, struct capops_job *job);
void lend_request(struct capops *co, uint64_t core, const struct capops_request *r);
void return_request(struct capops *co, uint64_t core, const struct capops_request *r);

/** Take back all that was lent to @p core.  @return false: not all could be taken yet */
bool loans_return(struct capops *co, uint64_t core);

void cores_asked(struct capops *co, struct capops_job *job, uint64_t core);
void cores_heard(struct capops *co, struct capops_job *job);
void cores_step(struct capops *co, struct capops_job *job);
void leaving_request(struct capops *co, uint64_t core, const struct capops_request *r);
void gone_request(struct capops *co, uint64_t core, const struct capops_request *r);

#endif
