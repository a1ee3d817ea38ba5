/** @file thread_machine.c  Contracts in thread_machine.h. */
#define _GNU_SOURCE
#include "thread_machine.h"
#include "test.h"
#include <os/err.h>
#include <os/startup.h>
#include <os/stock.h>
#include <pthread.h>
#include <ucontext.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(save, bottom, size) ((void)(save), (void)(bottom), (void)(size))
#define __sanitizer_finish_switch_fiber(save, bottom, size) ((void)(save))
#endif

#define STACK_BYTES (256u * 1024)

struct stack {
    char *bottom;
    size_t bytes;
};

/* Where somebody goes on. */
struct place {
    ucontext_t context;
    struct stack stack;
    void *fake;
};

struct machine machine;

static struct {
    struct dispatcher_frame *frame;
    struct stack stack[MACHINE_THREADS], upcall[2];
    struct stack here;                  /* the one in use; of main() it is known after the first switch */
    unsigned turn;                      /* which upcall stack is in use: a new upcall begins on the other */
    struct place entry;
} cpu;

/* ---- contexts ------------------------------------------------------------------------------------------------------ */

_Noreturn static void go(const struct place *to)
{
    cpu.here = to->stack;
    __sanitizer_start_switch_fiber(NULL, to->stack.bottom, to->stack.bytes);
    setcontext(&to->context);
    abort();
}

static void swap(struct place *from, const struct place *to)
{
    from->stack = cpu.here;
    cpu.here = to->stack;
    __sanitizer_start_switch_fiber(&from->fake, to->stack.bottom, to->stack.bytes);
    swapcontext(&from->context, &to->context);
    __sanitizer_finish_switch_fiber(from->fake, NULL, NULL);
}

static void prepare(struct place *place, struct stack stack, void (*fn)(void))
{
    getcontext(&place->context);
    place->context.uc_stack.ss_sp = stack.bottom;
    place->context.uc_stack.ss_size = stack.bytes;
    place->context.uc_link = NULL;
    place->stack = stack;
    makecontext(&place->context, fn, 0);
}

static void arrived(void)
{
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
}

static struct stack own_stack(void)
{
    struct stack stack;
    pthread_attr_t attributes;
    void *bottom;

    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &bottom, &stack.bytes);
    pthread_attr_destroy(&attributes);
    stack.bottom = bottom;
    return stack;
}

/* ---- upcalls ------------------------------------------------------------------------------------------------------- */

static void upcall_entry(void)
{
    arrived();
    cpu.frame->pending = 0;
    os_thread_upcall(cpu.frame);
    sys_resume();
}

static void schedule_entry(void)
{
    arrived();
    os_thread_schedule();
}

static struct place *upcall(void (*fn)(void))
{
    cpu.turn = !cpu.turn;
    prepare(&cpu.entry, cpu.upcall[cpu.turn], fn);
    return &cpu.entry;
}

_Noreturn void sys_resume(void)
{
    EXPECT(cpu.frame->disabled, "resume while enabled");
    if (cpu.frame->pending) {
        go(upcall(upcall_entry));
    }
    cpu.frame->disabled = 0;
    go((const struct place *)cpu.frame->enabled.x[0]);
}

void machine_interrupt(void)
{
    struct place here;

    machine.interrupts++;
    cpu.frame->enabled.x[0] = (uint64_t)&here;
    cpu.frame->enabled.tpidr = (uint64_t)os_thread_core.current;
    cpu.frame->disabled = 1;
    swap(&here, upcall(upcall_entry));
    EXPECT(cpu.frame->enabled.tpidr == (uint64_t)os_thread_core.current, "the context of another thread");
}

void os_thread_pause(void)
{
    struct thread *const t = os_thread_core.current;

    machine.frozen = false;
    do {
        struct place here;
        EXPECT(cpu.frame->disabled, "pause while enabled");
        if (machine.blocks && t->state == THREAD_BLOCKED) {
            machine.blocks(t);
        }
        t->context.paused.sp = (uint64_t)&here;
        swap(&here, upcall(schedule_entry));
        EXPECT(os_thread_core.current == t && t->state == THREAD_RUNNING, "another thread runs");
        cpu.frame->disabled = cpu.frame->pending != 0;
    } while (cpu.frame->disabled);
}

_Noreturn void os_thread_load(struct thread *t)
{
    EXPECT(t->kind == CONTEXT_PAUSED, "a preempted thread is loaded as a paused one");
    go((const struct place *)t->context.paused.sp);
}

void os_fp_save(uint64_t *area)
{
    area[0] = (uint64_t)os_thread_core.current;
}

void os_fp_load(const uint64_t *area)
{
    EXPECT(area[0] == (uint64_t)os_thread_core.current, "the FP registers of another thread");
}

/* ---- the kernel ---------------------------------------------------------------------------------------------------- */

struct dispatcher_frame *frame_self(void)
{
    return cpu.frame;
}

static uint64_t chance(uint64_t n)
{
    return test_random(&machine.random) % n;
}

void machine_post(uint64_t id)
{
    cpu.frame->events[id / 64] |= 1ull << id % 64;
    cpu.frame->summary[id / 4096] |= 1ull << (id / 64) % 64;
    cpu.frame->pending = 1;
}

static void due(void)
{
    if (machine.deadline && machine.now >= machine.deadline) {
        machine.deadline = 0;
        cpu.frame->pending = 1;
    }
}

void machine_point(void)
{
    const uint64_t before = cpu.frame->pending;

    if (machine.frozen) {
        return;
    }
    machine.now += chance(8);
    due();
    if (machine.wanted && machine.chance && chance(machine.chance * 4ull) == 0) {
        const uint64_t id = chance(MACHINE_EVENTS);
        if (machine.wanted >> id & 1) {
            machine_post(id);
        }
    }
    if (!cpu.frame->disabled &&
        ((cpu.frame->pending && !before) || (machine.chance && chance(machine.chance) == 0))) {
        machine_interrupt();
    }
}

void disable(struct dispatcher_frame *frame)
{
    void (*const first)(void) = machine.before_disabled;

    EXPECT(!frame->disabled, "disabled twice");
    if (first) {
        machine.before_disabled = NULL;
        first();
    }
    machine_point();
    frame->disabled = 1;
}

void enable(struct dispatcher_frame *frame)
{
    EXPECT(frame->disabled, "enabled twice");
    frame->disabled = 0;
    machine_point();
}

bool event_take(struct dispatcher_frame *frame, uint64_t id)
{
    const uint64_t bit = 1ull << id % 64, had = frame->events[id / 64] & bit;

    frame->events[id / 64] &= ~bit;
    return had != 0;
}

/* Nothing to run: until the deadline, or an event that somebody waits for. */
_Noreturn static void idle(void)
{
    machine.idles++;
    if (machine.idle) {
        machine.idle();
    }
    if (!cpu.frame->pending) {
        if (machine.wanted && (!machine.deadline || chance(2))) {
            uint64_t id = chance(MACHINE_EVENTS);
            while (!(machine.wanted >> id & 1)) {
                id = (id + 1) % MACHINE_EVENTS;
            }
            machine_post(id);
        } else if (machine.deadline) {
            machine.now = machine.now > machine.deadline ? machine.now : machine.deadline;
            due();
        } else {
            fprintf(stderr, "all threads are blocked for ever; seed %" PRIu64 "\n", test_seed());
            abort();
        }
    }
    go(upcall(upcall_entry));
}

static void set_deadline(const struct xfer *x)
{
    if (x->deadline != XFER_KEEP_DEADLINE) {
        machine.deadline = x->deadline == (uint64_t)XFER_NO_DEADLINE ? 0 : x->deadline;
        due();
    }
}

err_t sys_xfer(struct xfer *x)
{
    EXPECT(cpu.frame->disabled, "xfer while enabled");
    set_deadline(x);
    if (x->accept == (uint64_t)XFER_IDLE) {
        idle();
    }
    EXPECT(x->accept == (uint64_t)XFER_NO_PARK && x->dest == CPTR_NULL, "the scheduler parks or sends");
    return OK;
}

err_t os_thread_xfer(struct xfer *x)
{
    EXPECT(cpu.frame->disabled, "xfer while enabled");
    set_deadline(x);
    return machine.message(x);
}

uint64_t time_now(void)
{
    if (machine.clock) {
        machine.clock();
    }
    return machine.now;
}

uint64_t time_hz(void)
{
    return MACHINE_SLICE * THREAD_SLICES_PER_S;
}

/* ---- what libos/thread/event.c takes its tables from ---------------------------------------------------------------- */

struct stock *os_stock(void)
{
    static struct stock stock;

    return &stock;
}

void slab_init(struct slab *slab, size_t object_bytes, struct pool *pool, uint64_t keep)
{
    *slab = (struct slab){ .object_bytes = object_bytes, .pool = pool, .keep = keep };
}

err_t stock_add_slab(struct stock *stock, struct slab *slab, enum err_code name)
{
    (void)stock, (void)slab, (void)name;
    return OK;
}

/* For checks of what only the target has: low locks in upcalls. */
const struct startup *os_startup(void)
{
    return NULL;
}

err_t stock_refill(struct stock *stock)
{
    (void)stock;
    machine_point();
    return OK;
}

void *slab_alloc(struct slab *slab)
{
    return malloc(slab->object_bytes);
}

void slab_free(struct slab *slab, void *object)
{
    (void)slab;
    free(object);
}

/* ---- threads ------------------------------------------------------------------------------------------------------- */

static struct {
    struct place place;
    void (*fn)(void *arg);
    void *arg;
} birth[MACHINE_THREADS];

static struct thread *joiner;

static void first_instructions(void)
{
    const unsigned at = (unsigned)(os_thread_core.current - machine.thread);

    arrived();
    cpu.frame->disabled = 0;
    machine_point();
    birth[at].fn(birth[at].arg);
    thread_disable();
    os_thread_core.current->state = THREAD_ENDED;
    if (--machine.living == 0 && joiner) {
        (void)thread_wake(joiner);
    }
    os_thread_pause();
    abort();
}

struct thread *machine_thread(void (*fn)(void *arg), void *arg, unsigned priority)
{
    const unsigned at = machine.threads++;
    struct thread *const t = &machine.thread[at];

    cpu.stack[at] = (struct stack){ malloc(STACK_BYTES), STACK_BYTES };
    prepare(&birth[at].place, cpu.stack[at], first_instructions);
    birth[at].fn = fn;
    birth[at].arg = arg;
    *t = (struct thread){ .priority = priority, .fp = 1, .kind = CONTEXT_PAUSED, .call = { .thread = t } };
    t->context.paused.sp = (uint64_t)&birth[at].place;
    thread_disable();
    machine.living++;
    os_thread_ready(t);
    thread_enable();
    return t;
}

void machine_join(void)
{
    thread_disable();
    joiner = os_thread_core.current;
    if (machine.living > 0) {
        (void)thread_block(BLOCKED_JOIN, NULL, THREAD_NO_DEADLINE);
    } else {
        thread_enable();
    }
    joiner = NULL;
    for (unsigned i = 0; i < machine.threads; i++) {
        free(cpu.stack[i].bottom);
    }
    machine.threads = 0;
}

void machine_start(uint64_t seed)
{
    if (!cpu.frame) {
        cpu.frame = calloc(1, SHOAL_PAGE_SIZE);
        cpu.here = own_stack();
        for (unsigned i = 0; i < 2; i++) {
            cpu.upcall[i] = (struct stack){ malloc(STACK_BYTES), STACK_BYTES };
        }
    }
    memset(cpu.frame, 0, SHOAL_PAGE_SIZE);
    machine = (struct machine){ .random = seed * 0x9e3779b97f4a7c15ull + 1, .now = 1000 };
    os_thread_core.slice_ticks = MACHINE_SLICE;
    os_thread_core.programmed = os_thread_core.slice_end = THREAD_NO_DEADLINE;
    thread_self()->priority = THREAD_PRIORITY;
    err_ignore(os_events_init());
}
