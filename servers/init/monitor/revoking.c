/** @file revoking.c  monitor.revoke: what a process revokes and has copies on other cores; contract in crossing.h. */
#include "crossing.h"
#include "monitor.h"
#include <os/err.h>

struct revoking {
    struct crossing_op op;              /* first */
    uint64_t pid;                       /* it may end meanwhile */
    bool done;
    err_t err;
};

_Static_assert(sizeof(struct revoking) <= REVOKING_BYTES, "crossing.h");

static void forget(struct client *c)
{
    slab_free(&monitor.revoking_slab, c->revoking);
    c->revoking = NULL;
}

static void ended(struct crossing_op *op, err_t err)
{
    struct revoking *const r = (struct revoking *)op;
    struct client *const c = client_find(r->pid);

    if (!c || c->revoking != r) {
        slab_free(&monitor.revoking_slab, r);       /* nobody waits for it any more */
        return;
    }
    r->done = true;
    r->err = err;
    client_retry(c);
    if (c->revoking == r) {
        forget(c);                                  /* it has asked for something else since */
    }
}

static err_t begin(struct client *c, cptr_t address, uint64_t offset, uint64_t bytes)
{
    REQUIRE(c->dispatcher, E_MONITOR_PID);
    TRY(stock_refill(&monitor.stock));
    struct revoking *const r = slab_alloc(&monitor.revoking_slab);
    REQUIRE(r, E_MONITOR_MEMORY);
    *r = (struct revoking){ .op.done = ended, .pid = c->pid };
    const err_t err = capops_revoke(&crossing, c->dispatcher, address, offset, bytes, crossing_cookie(&r->op));
    if (!err_ok(err)) {
        slab_free(&monitor.revoking_slab, r);
        return err;
    }
    c->revoking = r;
    return OK;
}

err_t revoking_request(struct client *c, cptr_t address, uint64_t offset, uint64_t bytes)
{
    if (!c->retrying) {
        c->revoking = NULL;                         /* one that was cancelled ends by itself */
        TRY(begin(c, address, offset, bytes));
    }
    REQUIRE(!c->revoking || c->revoking->done, E_RPC_LATER);
    REQUIRE(c->revoking, E_MONITOR_PID);
    const err_t err = c->revoking->err;
    forget(c);
    return err;
}
