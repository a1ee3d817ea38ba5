/**
 * @file commit.c  Promises of the account.  Contract in os/fault.h.
 *
 * The account counts what is granted already, so the promise is: what is in use for other things, and all that was
 * committed, with what it takes to map it on top.
 */
#include "internal.h"

#include <os/err.h>
#include <os/startup.h>
#include <os/sync.h>

#define STEP_LEAST  (64u * 1024)
#define STEP_MOST   (16u * 1024 * 1024)

static struct {
    struct mutex lock;
    uint64_t base;                      /* granted, but not by the stock */
    uint64_t committed;                 /* bytes */
    uint64_t promised;
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

static err_t promise(uint64_t bytes)
{
    TRY(pager_promise(bytes));
    own.promised = bytes;
    return OK;
}

static err_t more(uint64_t bytes)
{
    const uint64_t want = need(own.committed + bytes);

    if (want > own.promised) {
        const uint64_t round = own.promised + own.step > want ? own.promised + own.step : want;
        if (round == want || !err_ok(promise(round))) {
            TRY(promise(want));
        }
        own.step = 2 * own.step < STEP_MOST ? 2 * own.step : STEP_MOST;
    }
    own.committed += bytes;
    return OK;
}

static void less(uint64_t bytes)
{
    own.committed -= bytes < own.committed ? bytes : own.committed;
    const uint64_t want = need(own.committed);
    if (own.promised > want + 2 * own.step) {
        own.step = own.step / 2 > STEP_LEAST ? own.step / 2 : STEP_LEAST;
        err_ignore(promise(want + own.step));       /* more than is needed stays promised, that is all */
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
