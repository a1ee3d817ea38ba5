/** @file refill.c  Refills and trims of a program with threads and no pager: one at a time. */
#include "core.h"

#include <os/err.h>
#include <os/rpc_lmp.h>
#include <os/stock.h>
#include <os/sync.h>

static struct mutex working;
static struct thread *who;              /* has it */

/* Whoever waits finds the work done, and nothing low.  The one that is at it may come here again, from ram_request(): it lives
 * on what is kept. */
static err_t one_at_a_time(struct stock *stock, enum stock_work work, uint64_t bytes)
{
    if (who == thread_self()) {
        return work == STOCK_OBTAIN ? ERR(E_RESERVE_NONE) : OK;
    }
    if (!os_rpc_threads_started) {      /* nobody else runs any more */
        return stock_work_here(stock, work, bytes);
    }
    mutex_lock(&working);
    who = thread_self();
    /* There may be a pager meanwhile: then it is its work. */
    const bool ours = stock->elsewhere == one_at_a_time;
    const err_t err = ours ? stock_work_here(stock, work, bytes) : OK;
    who = NULL;
    mutex_unlock(&working);
    return ours ? err : stock->elsewhere(stock, work, bytes);
}

void os_refill_start(struct stock *stock)
{
    stock->elsewhere = one_at_a_time;
}

void thread_refill_by(struct stock *stock, stock_elsewhere_fn *elsewhere)
{
    mutex_lock(&working);               /* a refill that is under way comes to its end */
    stock->elsewhere = elsewhere;
    mutex_unlock(&working);
}
