/** @file death.c  A core whose kernel has failed an assertion: it has told the others' kernels and switched itself off.  Contracts
 * in cores.h, design in docs/cores.md.
 *
 * Whoever had a connection with it is told first, and gets a moment to unmap what was the dead core's: then it goes, from under
 * those too that did not hurry.
 */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/print.h>

#define PATIENCE_SECONDS 1u

/* Does a server of this core still have a page of a connection with it? */
static bool in_use(uint64_t core)
{
    for (const struct connection *k = monitor.connections; k; k = k->next) {
        if (k->other == core && k->served) {
            return true;
        }
    }
    return false;
}

/* Nobody talks to it any more. */
static void part(struct peer *peer)
{
    peer_down(peer);
    connections_of_core_end(peer->core);
}

static void died(struct peer *peer)
{
    struct core *const core = core_of(peer->core);

    part(peer);
    if (core) {
        print("init: the kernel of core %lu has died\n", core->index);
        core->dead = true;
        core->patience = time_now() + PATIENCE_SECONDS * time_hz();
        core_wait_for_its_end(core);
    }
}

void deaths_look(void)
{
    struct kernel_peer state;

    for (struct peer *p = monitor.peers; p; p = p->next) {
        if (p->up && err_ok(kernel_peer(TASK_KERNEL, p->core, &state)) && state.state == PEER_DEAD) {
            if (p == monitor.home) {
                err_ignore(kernel_stop(TASK_KERNEL));       /* the machine ends; the boot core's kernel says why */
            }
            died(p);
        }
    }
}

/* --- home --- */

static void all_told(struct crossing_op *op, err_t err)
{
    for (uint64_t i = 1; i < init.boot->core_count; i++) {
        struct core *const core = core_of(i);
        if (core->told == op) {
            core->death = DEATH_DONE;
            core->told = NULL;
            if (!err_ok(err)) {
                print("init: core %lu: %s\n", i, err_text(err_root(err)));
            }
        }
    }
    slab_free(&monitor.sending_slab, op);
    monitor_wake_at(1);
}

bool death_settled(struct core *core, bool off)
{
    if (core->death == DEATH_UNTOLD) {
        if (in_use(core->index) && time_now() < core->patience) {
            return false;
        }
        struct crossing_op *const op = slab_alloc(&monitor.sending_slab);
        if (!op) {
            return false;
        }
        op->done = all_told;
        core->told = op;
        core->death = DEATH_TOLD;
        const err_t err = capops_core_gone(&crossing, core->index, off, crossing_cookie(op));
        if (!err_ok(err)) {
            all_told(op, err);
        }
    }
    return core->death == DEATH_DONE;
}

/* --- the others --- */

/* What home says, until it can be done.  More than one at a time is done at once. */
static struct {
    bool waits;
    uint64_t core, until;
    struct peer *from;
    struct capops_request request;
} heard;

bool death_heard(uint64_t core, struct peer *from, const struct capops_request *request)
{
    struct peer *const peer = peer_of(core);

    if (peer && peer->up) {
        part(peer);
    }
    if (heard.waits || !in_use(core)) {
        return true;
    }
    heard.waits = true;
    heard.core = core;
    heard.until = time_now() + PATIENCE_SECONDS * time_hz();
    heard.from = from;
    heard.request = *request;
    monitor_wake_at(heard.until);
    return false;
}

void death_step(void)
{
    if (!heard.waits) {
        return;
    }
    if (in_use(heard.core) && time_now() < heard.until) {
        monitor_wake_at(heard.until);
        return;
    }
    heard.waits = false;
    capops_request(&crossing, heard.from->core, &heard.request);
}
