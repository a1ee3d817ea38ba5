/** @file pager.c  The thread that gets memory.  Contracts in os/fault.h and internal.h. */
#include "internal.h"

#include <os/bug.h>
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/sync.h>
#include <stubs/mem.h>
#include <stubs/monitor.h>

#define BLOCK_2M 0x200000u

/* Makes the program one that serves its own faults: libos/program.ld turns it into a program header. */
static const char mark[1] __attribute__((section(".paging"), used)) = { 1 };

/* Faults take one each: fewer would wake the pager often. */
#define MAPPINGS_KEEP 96u

#define WORK_PROMISE (STOCK_OBTAIN + 1u)    /* work of the pager that is none of the stock's */

/* What a thread asks of the pager and waits for.  On its stack, and written there before: so it is mapped. */
struct request {
    unsigned work;                      /* enum stock_work, or WORK_PROMISE */
    uint64_t bytes, grown;              /* grown: of a promise */
    err_t err;
    bool done;
    struct thread *thread;
    struct request *next;
};

static struct {
    struct mutex starting;
    bool started;
    struct rpc_client mem;
    struct slab groups;
    struct thread *thread;
    struct thread_queue faulted;
    struct request *first, **last;
    bool asleep;                        /* in sleep_until_asked(): not in a call, from which nobody may wake it */
    bool refill;                        /* a fault has left less than it found wanted */
} pager;

/* Disabled.  @return whether it has to run now */
static bool wake_pager(void)
{
    const bool was_asleep = pager.asleep;

    if (was_asleep) {
        pager.asleep = false;
        (void)thread_wake(pager.thread);
    }
    return was_asleep;
}

/* ---- from outside -------------------------------------------------------------------------------------------------- */

static err_t ask(unsigned work, uint64_t bytes, uint64_t grown)
{
    struct request r = { .work = work, .bytes = bytes, .grown = grown, .thread = thread_self() };

    thread_disable();
    *pager.last = &r;
    pager.last = &r.next;
    (void)wake_pager();
    (void)thread_block(BLOCKED_PAGER, NULL, THREAD_NO_DEADLINE);
    OS_ASSERT(r.done);
    return r.err;
}

static bool is_pager(void)
{
    return thread_self() == pager.thread || !os_rpc_threads_started;    /* or nobody else runs any more */
}

static err_t elsewhere(struct stock *stock, enum stock_work work, uint64_t bytes)
{
    return is_pager() ? stock_work_here(stock, work, bytes) : ask(work, bytes, 0);
}

err_t pager_promise(uint64_t bytes, uint64_t grown)
{
    return ask(WORK_PROMISE, bytes, grown);
}

_Noreturn void pager_serve(struct dispatcher_frame *frame)
{
    (void)wake_pager();
    thread_suspend(frame, &pager.faulted);
}

void pager_refill(struct dispatcher_frame *frame)
{
    pager.refill = true;
    if (wake_pager()) {
        thread_reschedule(frame);
    }
}

/* ---- the thread ---------------------------------------------------------------------------------------------------- */

static void wake(struct thread *t)
{
    thread_disable();
    (void)thread_wake(t);
    thread_enable();
}

/* @p refill: why there is no more, if so. */
static void serve_fault(struct thread *t, err_t refill)
{
    const struct thread_fault *const f = thread_fault_of(t);
    err_t err = OK;
    enum vspace_fill fill = vspace_fill(os_vspace(), f->address, fault_access(f), false, &err);

    if (fill == FILL_PROMISE) {
        const err_t promised = commit_stack(&pager.mem, f->address);
        if (!err_ok(promised)) {
            fault_refused(t, promised);
        }                               /* else it finds the promise when it tries again, and memory in hand as a rule */
    }
    if (fill == FILL_LOW_BLOCK) {
        err_ignore(stock_obtain_here(os_stock(), BLOCK_2M));        /* without, it is filled by smaller ones */
    }
    if (fill == FILL_LOW || fill == FILL_LOW_BLOCK) {
        fill = vspace_fill(os_vspace(), f->address, fault_access(f), true, &err);
    }
    if (fill == FILL_ERROR) {           /* what was promised is there: perhaps it did not come in time, or not as one run */
        err_ignore(stock_refill_here(os_stock()));
        fill = vspace_fill(os_vspace(), f->address, fault_access(f), true, &err);
    }
    if (fill == FILL_ERROR) {
        fault_refused(t, err_ok(refill) ? err : refill);
    }
    wake(t);                            /* it tries again, and is told what is wrong if it cannot have the page */
}

static void serve_request(struct request *r)
{
    r->err = r->work == WORK_PROMISE ? commit_here(&pager.mem, r->bytes, r->grown)
                                     : stock_work_here(os_stock(), (enum stock_work)r->work, r->bytes);
    thread_disable();
    r->done = true;
    (void)thread_wake(r->thread);
    thread_enable();
}

static struct request *take(void)
{
    thread_disable();
    struct request *const r = pager.first;
    if (r) {
        pager.first = r->next;
        pager.last = r->next ? pager.last : &pager.first;
    }
    thread_enable();
    return r;
}

static void sleep_until_asked(void)
{
    thread_disable();
    if (pager.refill || pager.first || pager.faulted.first) {
        thread_enable();
    } else {
        pager.asleep = true;
        (void)thread_block(BLOCKED_PAGER, NULL, THREAD_NO_DEADLINE);
    }
}

/* The more memory came by faults, the more is asked for at once: half of it, up to 2 MiB, which costs half as much per page
 * and can be given back whole. */
static uint64_t chunk(void)
{
    const uint64_t half = os_vspace()->filled / 2 & ~(uint64_t)(RESERVE_CHUNK_BYTES - 1);

    return half < RESERVE_CHUNK_BYTES ? RESERVE_CHUNK_BYTES : half > BLOCK_2M ? BLOCK_2M : half;
}

static uint64_t run(void *arg)
{
    (void)arg;
    for (;;) {
        sleep_until_asked();
        pager.refill = false;
        os_stock()->chunk = chunk();
        const err_t refill = stock_refill_here(os_stock());
        for (struct thread *t; (t = *(struct thread *volatile *)&pager.faulted.first);) {
            serve_fault(t, refill);
        }
        for (struct request *r; (r = take());) {
            serve_request(r);
        }
    }
}

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

static err_t set_up(void)
{
    const struct thread_options options = {
        .priority = THREAD_PRIORITIES - 1,
        .flags = THREAD_DETACHED | THREAD_NO_FP | THREAD_DAEMON | THREAD_EAGER_STACK,
        .stack_bytes = 8192, .name = "pager",
    };
    struct stock *const stock = os_stock();
    uint64_t limit, committed, granted;
    iref_t mem;

    TRY(thread_start_library());
    if (!pager.groups.object_bytes) {
        slab_init(&pager.groups, sizeof(struct vspace_group), &stock->pool, SLAB_KEEP);
    }
    TRY(stock_add_slab(stock, &pager.groups, E_REFILL_GROUPS));
    if (!pager.mem.end.ring) {
        TRY(monitor_lookup(os_monitor(), service_name("mem"), true, &mem));
        TRY(service_bind(&pager.mem, mem));
    }
    TRY(mem_usage(&pager.mem, &limit, &committed, &granted));   /* the first call: its event has a handler now */
    commit_start(granted, committed);
    pager.last = &pager.first;
    TRY(thread_create(&pager.thread, run, NULL, &options));
    vspace_lazy_init(os_vspace(), &pager.groups);
    os_vspace()->mapping_slab->keep = MAPPINGS_KEEP;
    os_ram_client = &pager.mem;
    stock->ram_return = ram_give_back;
    stock->reserve.apart = true;
    thread_refill_by(stock, elsewhere);
    fault_start();
    os_thread_commit = os_commit;
    return os_startup()->lazy_bytes > 0 ? os_commit((int64_t)os_startup()->lazy_bytes) : OK;
}

err_t os_paging_start(void)
{
    err_t err = OK;

    if (pager.started) {
        return OK;
    }
    mutex_lock(&pager.starting);
    if (!pager.started) {
        err = set_up();
        pager.started = err_ok(err);
    }
    mutex_unlock(&pager.starting);
    return err_ok(err) ? OK : err_wrap(err, E_PAGING_START);
}
