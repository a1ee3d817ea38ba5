/**
 * @file commit.c  Promises of the account.  Contract in os/fault.h.
 *
 * The account counts what is granted already, so the promise is: what is in use for other things, and all that was
 * committed, with what it takes to map it on top.
 *
 * Stacks grow by what the pager commits, while some thread may be in os_commit() and wait for it: so the pager takes no lock
 * here, the numbers change disabled or by the pager (which nobody interrupts), and whoever has computed how much is needed
 * says how far stacks had grown then.
 */
#include "internal.h"

#include <os/err.h>
#include <os/startup.h>
#include <os/sync.h>
#include <stubs/mem.h>

#define STEP_LEAST  (64u * 1024)
#define STEP_MOST   (16u * 1024 * 1024)
#define STACK_STEP  (64u * 1024)

static struct {
    struct mutex lock;                  /* one thread at a time asks */
    uint64_t base;                      /* granted, but not by the stock */
    uint64_t committed;                 /* bytes */
    uint64_t promised;                  /* written by the pager */
    uint64_t grown;                     /* bytes by which stacks have grown, ever: part of what is committed */
    uint64_t step;
} own;

void commit_start(uint64_t granted, uint64_t promised)
{
    own.promised = promised;
    own.base = granted - os_stock()->obtained;
    own.step = STEP_LEAST;
}

/* What the account must have promised in all so that @p committed bytes will be there. */
static uint64_t need(uint64_t committed)
{
    const struct stock *const stock = os_stock();
    const uint64_t filled = os_vspace()->filled;
    const uint64_t to_come = committed > filled ? committed - filled : 0, in_hand = stock->reserve.free * SHOAL_PAGE_SIZE;

    return own.base + stock->obtained - in_hand + os_commit_room(to_come);
}

/* ---- the pager ----------------------------------------------------------------------------------------------------- */

static err_t promise_here(struct rpc_client *mem, uint64_t bytes)
{
    TRY(mem_commit(mem, bytes));
    own.promised = bytes;
    return OK;
}

err_t commit_here(struct rpc_client *mem, uint64_t bytes, uint64_t grown)
{
    return promise_here(mem, bytes + (own.grown - grown));
}

static err_t grow(struct rpc_client *mem, uint64_t stack, uint64_t to)
{
    struct vspace *const vs = os_vspace();
    const uint64_t low = stack + (to - stack) / SHOAL_PAGE_SIZE * SHOAL_PAGE_SIZE;
    struct vspace_info info;

    (void)vspace_lookup(vs, stack, &info);
    const uint64_t bytes = info.end - low - vspace_stack_promise(vs, stack, VSPACE_HIGH);
    const uint64_t want = need(own.committed + bytes);
    if (want > own.promised) {
        TRY(promise_here(mem, want));
    }
    own.committed += bytes;
    own.grown += bytes;
    (void)vspace_stack_promise(vs, stack, low);
    return OK;
}

err_t commit_stack(struct rpc_client *mem, uint64_t address)
{
    struct vspace_info info;

    if (!vspace_lookup(os_vspace(), address, &info) || info.kind != REGION_STACK) {
        return OK;                      /* its thread was ended meanwhile: it finds out by itself */
    }
    const uint64_t step = address - info.base < STACK_STEP ? info.base : address - STACK_STEP;
    if (err_ok(grow(mem, info.base, step))) {
        return OK;
    }
    return grow(mem, info.base, address);
}

/* ---- all others ---------------------------------------------------------------------------------------------------- */

/* Commit @p bytes more if what is promised is enough.  *want: how much would be, and *grown: by then */
static bool enough(uint64_t bytes, uint64_t *want, uint64_t *grown)
{
    thread_disable();
    *want = need(own.committed + bytes);
    *grown = own.grown;
    const bool is = *want <= own.promised;
    own.committed += is ? bytes : 0;
    thread_enable();
    return is;
}

static err_t more(uint64_t bytes)
{
    uint64_t want, grown;

    while (!enough(bytes, &want, &grown)) {
        const uint64_t round = own.promised + own.step;
        if (round <= want || !err_ok(pager_promise(round, grown))) {
            TRY(pager_promise(want, grown));
        }
        own.step = 2 * own.step < STEP_MOST ? 2 * own.step : STEP_MOST;
    }
    return OK;
}

static void less(uint64_t bytes)
{
    thread_disable();
    own.committed -= bytes < own.committed ? bytes : own.committed;
    const uint64_t want = need(own.committed), grown = own.grown;
    const bool too_much = own.promised > want + 2 * own.step;
    thread_enable();
    if (too_much) {
        own.step = own.step / 2 > STEP_LEAST ? own.step / 2 : STEP_LEAST;
        err_ignore(pager_promise(want + own.step, grown));      /* more than is needed stays promised, that is all */
    }
}

uint64_t os_committed(void)
{
    return own.committed;
}

err_t os_commit(int64_t bytes)
{
    err_t err = OK;

    mutex_lock(&own.lock);
    if (bytes > 0) {
        err = more((uint64_t)bytes);
    } else {
        less((uint64_t)-bytes);
    }
    mutex_unlock(&own.lock);
    return err_ok(err) ? OK : err_wrap(err, E_COMMIT);
}
