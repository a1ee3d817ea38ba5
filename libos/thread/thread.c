/** @file thread.c  Beginning and end of threads, their records and stacks: contracts in os/thread.h. */
#include "core.h"

#include <os/err.h>
#include <os/rpc_lmp.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/vspace.h>

#define core     os_thread_core
#define CACHED   8u                         /* threads whose record and stack are kept for the next ones */

static struct {
    struct slab records;
    struct thread_queue cached;             /* records with a stack of THREAD_STACK_BYTES */
    struct thread_queue dead;               /* detached threads that have ended: the next creation clears up */
    unsigned cached_count;
    uint64_t living;
    unsigned latest;                        /* id of the thread made last */
} threads;

err_t (*os_thread_commit)(int64_t bytes);
void (*os_exception_release)(struct exception_handler *handler);

/* Of a lazy stack: what is there from the start, and what is promised with it. */
#define STACK_PRESENT  SHOAL_PAGE_SIZE
#define STACK_PROMISED (16u * 1024)

err_t thread_start_library(void)
{
    if (os_rpc_threads_started) {
        return OK;
    }
    if (!threads.records.object_bytes) {
        slab_init(&threads.records, sizeof(struct thread), &os_stock()->pool, 2);
    }
    TRY(stock_add_slab(os_stock(), &threads.records, E_REFILL_THREADS));
    TRY(os_events_init());
    threads.living = threads.latest = 1;
    core.slice_ticks = time_hz() / THREAD_SLICES_PER_S;
    os_refill_start(os_stock());
    os_rpc_threads_started = true;
    check_low_locks();
    (void)enter();
    frame_self()->user[(DFU_RUN_HANDLER - DF_USER) / 8] = (uint64_t)os_thread_upcall;
    os_events_collect(frame_self());        /* those before had their upcall */
    thread_enable();
    return OK;
}

/* ---- stacks -------------------------------------------------------------------------------------------------------- */

static err_t stack_make_lazy(uint64_t bytes, uint64_t *stack)
{
    const uint64_t promised = bytes < STACK_PROMISED ? bytes : STACK_PROMISED;

    TRY(os_thread_commit((int64_t)promised));
    const err_t err = vspace_lazy_stack(os_vspace(), bytes, STACK_PRESENT, promised, stack);
    if (!err_ok(err)) {
        err_ignore(os_thread_commit(-(int64_t)promised));   /* less: never refused */
    }
    return err;
}

/* Of pages; the one below is reserved and never mapped, so that an overflow faults. */
static err_t stack_make(uint64_t bytes, bool lazy, uint64_t *stack)
{
    uint64_t at;

    if (lazy) {
        return stack_make_lazy(bytes, stack);
    }

    TRY(vspace_reserve(os_vspace(), bytes + SHOAL_PAGE_SIZE, 0, &at));
    const err_t err = vspace_back_all(os_vspace(), at + SHOAL_PAGE_SIZE, bytes, MAP_READ | MAP_WRITE);
    if (!err_ok(err)) {
        err_ignore(vspace_unreserve(os_vspace(), at, bytes + SHOAL_PAGE_SIZE));
        return err;
    }
    *stack = at + SHOAL_PAGE_SIZE;
    return OK;
}

/* And what it was promised while it grew. */
static void stack_unmake(uint64_t stack, uint64_t bytes, bool lazy)
{
    const uint64_t promised = lazy ? vspace_stack_promise(os_vspace(), stack, VSPACE_HIGH) : 0;

    /* Refused, the addresses stay taken and mapped: nothing else is lost. */
    err_ignore(vspace_unreserve(os_vspace(), stack - SHOAL_PAGE_SIZE, bytes + SHOAL_PAGE_SIZE));
    if (lazy) {
        err_ignore(os_thread_commit(-(int64_t)promised));
    }
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

static struct thread *take_first(struct thread_queue *queue)
{
    (void)enter();
    struct thread *const t = queue->first;
    if (t) {
        queue_remove(t);
        threads.cached_count -= queue == &threads.cached;
    }
    thread_enable();
    return t;
}

/* @p t has ended and nobody knows it any more. */
static void release(struct thread *t)
{
    if (t->fault.handler) {
        os_exception_release(t->fault.handler);
        t->fault.handler = NULL;
    }
    (void)enter();
    const bool keep = t->stack_bytes == THREAD_STACK_BYTES && threads.cached_count < CACHED;
    if (keep) {
        queue_push_tail(&threads.cached, t);
        threads.cached_count++;
    }
    thread_enable();
    if (keep) {
        return;
    }
    if (t->stack_bytes) {
        stack_unmake(t->stack, t->stack_bytes, t->lazy);
    }
    if (t->owned) {
        slab_free(&threads.records, t);
    }
}

static void clear_up(void)
{
    for (struct thread *t; (t = take_first(&threads.dead));) {
        release(t);
    }
}

static err_t record_make(uint64_t stack_bytes, bool eager, struct thread **thread)
{
    const bool lazy = os_thread_commit && !eager && stack_bytes > 0;
    struct thread *t = stack_bytes == THREAD_STACK_BYTES && !eager ? take_first(&threads.cached) : NULL;
    uint64_t stack = 0;

    if (t) {
        *thread = t;
        return OK;
    }
    TRY(stock_refill(os_stock()));
    if (stack_bytes) {
        TRY(stack_make(stack_bytes, lazy, &stack));
    }
    t = slab_alloc(&threads.records);
    if (!t) {
        if (stack_bytes) {
            stack_unmake(stack, stack_bytes, lazy);
        }
        return ERR(E_SLAB_EMPTY);
    }
    *t = (struct thread){ .stack = stack, .stack_bytes = stack_bytes, .owned = true, .lazy = lazy };
    *thread = t;
    return OK;
}

unsigned thread_count(void)
{
    return (unsigned)*(const volatile uint64_t *)&threads.living;
}

void thread_set_name(struct thread *t, const char *name)
{
    size_t i = 0;

    for (; name && name[i] && i < THREAD_NAME_BYTES - 1; i++) {
        t->name[i] = name[i];
    }
    t->name[i] = '\0';
}

bool thread_stack(const struct thread *t, uint64_t *base, uint64_t *bytes)
{
    const struct startup *const b = os_startup();

    const bool given = t->id == 1 && !t->stack_bytes;

    *base = given ? b->stack : t->stack;
    *bytes = given ? b->stack_bytes : t->stack_bytes;
    return *bytes > 0;
}

err_t thread_main_stack(uint64_t bytes, uint64_t *top)
{
    struct thread *const t = thread_self();
    uint64_t stack;

    REQUIRE(t->id == 1 && !t->stack_bytes && os_thread_commit, E_THREAD_STACK);
    TRY(stack_make(bytes, true, &stack));
    t->stack = stack;
    t->stack_bytes = bytes;
    t->lazy = true;
    (void)thread_set_stack_low(stack);      /* for what it has now, too, which is all there */
    *top = stack + bytes;
    return OK;
}

/* What is left of a thread before, but its stack, goes. */
static void fill(struct thread *t, thread_fn fn, void *arg, const struct thread_options *o)
{
    const uint64_t top = o->stack ? (uint64_t)o->stack + o->stack_bytes : t->stack + t->stack_bytes;

    t->fp = !(o->flags & THREAD_NO_FP);
    t->detached = o->flags & THREAD_DETACHED;
    t->priority = o->priority ? o->priority : THREAD_PRIORITY;
    t->joiner = NULL;
    t->call.thread = t;
    t->fault.handler = NULL;
    t->held = 0;
    t->low = !os_thread_commit ? 0 : o->stack ? (uint64_t)o->stack : t->lazy ? t->stack : 0;
    thread_set_name(t, o->name);
    t->kind = CONTEXT_PAUSED;
    memset(&t->context.paused, 0, sizeof(t->context.paused));
    t->context.paused.x[0] = (uint64_t)fn;
    t->context.paused.x[1] = (uint64_t)arg;
    t->context.paused.x[11] = (uint64_t)os_thread_begin;
    t->context.paused.sp = top & ~15ull;
    t->context.paused.tpidr = o->tls;
}

/* Bytes of stack to make; 0: the caller has it. */
static err_t check(const struct thread_options *o, uint64_t *stack_bytes)
{
    const uint64_t bytes = o->stack_bytes ? o->stack_bytes : THREAD_STACK_BYTES;

    REQUIRE(o->priority < THREAD_PRIORITIES, E_THREAD_PRIORITY);
    REQUIRE(bytes >= THREAD_STACK_MIN && bytes <= THREAD_STACK_MAX, E_THREAD_STACK);
    REQUIRE(!o->stack || (o->stack_bytes && ((uint64_t)o->stack | o->stack_bytes) % 16 == 0), E_THREAD_STACK);
    *stack_bytes = o->stack ? 0 : (bytes + SHOAL_PAGE_SIZE - 1) & ~(uint64_t)(SHOAL_PAGE_SIZE - 1);
    return OK;
}

static err_t create(struct thread **thread, thread_fn fn, void *arg, const struct thread_options *o)
{
    uint64_t stack_bytes;
    struct thread *t;

    TRY(check(o, &stack_bytes));
    clear_up();
    TRY(record_make(stack_bytes, o->flags & THREAD_EAGER_STACK, &t));
    fill(t, fn, arg, o);
    if (thread) {
        *thread = t;
    }
    (void)enter();
    threads.living += !(o->flags & THREAD_DAEMON);
    t->id = ++threads.latest;
    os_thread_ready(t);
    thread_enable();
    return OK;
}

err_t thread_create(struct thread **thread, thread_fn fn, void *arg, const struct thread_options *options)
{
    static const struct thread_options defaults;
    const err_t err = create(thread, fn, arg, options ? options : &defaults);

    return err_ok(err) ? OK : err_wrap(err, E_THREAD_CREATE);
}

_Noreturn void thread_exit(uint64_t value)
{
    check_has_none();
    (void)enter();
    struct thread *const t = core.current;
    if (--threads.living == 0) {
        enable(frame_self());
        os_exit(0);
    }
    t->value = value;
    t->state = THREAD_ENDED;
    if (t->detached) {
        queue_push_tail(&threads.dead, t);
    } else if (t->joiner) {
        (void)thread_wake(t->joiner);
    }
    os_thread_pause();
    __builtin_unreachable();
}

err_t thread_join(struct thread *t, uint64_t *value)
{
    (void)enter();
    struct thread *const self = core.current;
    if (t == self || t->detached || t->joiner) {
        thread_enable();
        return ERR(E_THREAD_JOIN);
    }
    t->joiner = self;
    if (t->state == THREAD_ENDED) {
        thread_enable();
    } else {
        (void)thread_block(BLOCKED_JOIN, NULL, THREAD_NO_DEADLINE);     /* thread_exit() alone wakes it */
    }
    if (value) {
        *value = t->value;
    }
    release(t);
    return OK;
}

err_t thread_detach(struct thread *t)
{
    (void)enter();
    const bool may = !t->detached && !t->joiner, ended = t->state == THREAD_ENDED;
    t->detached |= may;
    thread_enable();
    REQUIRE(may, E_THREAD_JOIN);
    if (ended) {
        release(t);
    }
    return OK;
}
