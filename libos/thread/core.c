/**
 * @file core.c  The scheduler: who runs next, when to look again, block and wake.  Contracts in os/thread.h and core.h.
 *
 * All of it runs disabled.  Two ways in: a thread leaves by a call (os_thread_pause), or an upcall interrupted it
 * (os_thread_upcall).  Two ways out: a paused thread continues without the kernel, a preempted one by SVC_RESUME.
 */
#include "core.h"

#include <os/bug.h>
#include <os/err.h>
#include <os/lowlock.h>
#include <os/rpc_lmp.h>

#define core os_thread_core

/* Until thread_start_library() main() is a thread, too, so that thread_self() and mutexes have somebody to name. */
static struct thread first_thread = {
    .state = THREAD_RUNNING, .priority = THREAD_PRIORITY, .fp = 1, .call = { .thread = &first_thread },
    .id = 1, .name = "main",
};

struct thread_core os_thread_core = {
    .current = &first_thread, .programmed = THREAD_NO_DEADLINE, .slice_end = THREAD_NO_DEADLINE,
};

_Static_assert(offsetof(struct thread_core, current) == 0, "arch/aarch64/thread.S");
_Static_assert(offsetof(struct thread_core, ready.used) == 8, "thread_alone_inline()");

void thread_last_words(void)
{
    struct dispatcher_frame *const frame = frame_self();

    frame->user[(DFU_RUN_HANDLER - DF_USER) / 8] = 0;       /* upcalls resume, and use no stack */
    os_rpc_threads_started = false;
    enable(frame);
}

_Noreturn void os_thread_bug(const char *file, int line, const char *text)
{
    thread_last_words();
    os_bug(file, line, text);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static uint64_t next_time(void)
{
    const uint64_t timer = core.timers ? core.timers->when : THREAD_NO_DEADLINE;

    return timer < core.slice_end ? timer : core.slice_end;
}

/* The running thread is known.  A slice is counted only while an equal waits, and the kernel is called only for a time
 * that is earlier than the one it has: that one may be too early then, and costs an upcall that finds nothing to do. */
__attribute__((noinline)) static void program_slow(void)
{
    if (core.slice_end == THREAD_NO_DEADLINE && ready_top(&core.ready) == (int)core.current->priority) {
        core.slice_end = time_now() + core.slice_ticks;
        core.slice_switches = core.switches;
    }
    const uint64_t when = next_time();
    if (when < core.programmed) {
        struct xfer x = { .accept = (uint64_t)XFER_NO_PARK, .deadline = when };
        core.programmed = when;
        if (!err_ok(sys_xfer(&x))) {
            THREAD_BUG("the kernel takes no deadline");
        }
    }
}

static inline void program(void)
{
    if ((core.slice_end == THREAD_NO_DEADLINE && ready_top(&core.ready) == (int)core.current->priority) ||
        next_time() < core.programmed) {
        program_slow();
    }
}

static void expire(uint64_t now)
{
    while (core.timers && core.timers->when <= now) {
        struct thread *const t = (struct thread *)((char *)core.timers - offsetof(struct thread, timer));
        timers_remove(&core.timers, &t->timer);
        if (t->in) {
            queue_remove(t);
        }
        t->timed_out = true;
        os_thread_ready(t);
    }
    if (core.slice_end <= now) {
        core.slice_end = THREAD_NO_DEADLINE;
        core.slice_over = core.current && core.switches == core.slice_switches;
    }
}

/* `pending` is 0 since before: what is posted from here on sets it again. */
__attribute__((noinline)) static void collect(struct dispatcher_frame *frame)
{
    os_events_collect(frame);
    if (core.programmed != THREAD_NO_DEADLINE) {
        const uint64_t now = time_now();
        if (core.programmed <= now) {
            core.programmed = THREAD_NO_DEADLINE;
            expire(now);
        }
    }
}

/* ---- choice -------------------------------------------------------------------------------------------------------- */

static void low_released(void)
{
    thread_disable();
    core.check = true;
    thread_enable();
}

/* Must @p t, which runs and could go on, give way?  Under a low lock it need not, and then the release asks again. */
static bool others_first(const struct thread *t)
{
    const int top = ready_top(&core.ready), own = (int)t->priority;

    if (top < own || (top == own && !core.slice_over)) {
        return false;
    }
    if (!os_low_none()) {
        os_low_deferred = low_released;
        return false;
    }
    return true;
}

/* Overtaken, it comes first among its equals; at the end of its slice, last. */
static void give_way(struct thread *t)
{
    t->state = THREAD_READY;
    if (ready_top(&core.ready) > (int)t->priority) {
        ready_push_head(&core.ready, t);
    } else {
        ready_push_tail(&core.ready, t);
    }
}

_Noreturn static void idle(void)
{
    struct xfer x = { .accept = (uint64_t)XFER_IDLE };

    core.current = NULL;
    core.slice_end = THREAD_NO_DEADLINE;
    const uint64_t when = next_time();
    if (when != core.programmed) {
        core.programmed = x.deadline = when;
    }
    err_ignore(sys_xfer(&x));               /* comes back by run upcall */
    THREAD_BUG("the kernel does not park");
}

static void copy_area(struct save_area *to, const struct save_area *from)
{
    const uint64_t *const source = (const uint64_t *)from;

    for (unsigned i = 0; i < sizeof(*to) / 8; i++) {
        ((uint64_t *)to)[i] = source[i];
    }
}

_Noreturn static void run_next(struct dispatcher_frame *frame)
{
    struct thread *const t = ready_pop(&core.ready);

    if (!t) {
        idle();
    }
    core.current = t;
    core.switches++;
    core.slice_over = false;
    os_low_stack = t->low;
    t->state = THREAD_RUNNING;
    program();
    if (t->kind == CONTEXT_PAUSED) {
        os_thread_load(t);
    }
    copy_area(&frame->enabled, &t->context.preempted.area);
    if (t->fp) {
        os_fp_load(t->context.preempted.q);
    }
    sys_resume();
}

static void store(struct thread *t, const struct dispatcher_frame *frame)
{
    copy_area(&t->context.preempted.area, &frame->enabled);
    if (t->fp) {
        os_fp_save(t->context.preempted.q);
    }
    t->kind = CONTEXT_PREEMPTED;
}

void thread_reschedule(struct dispatcher_frame *frame)
{
    struct thread *const t = core.current;

    core.check = false;
    if (!others_first(t)) {
        program();
        return;                             /* it goes on with what lies in the enabled area */
    }
    store(t, frame);
    give_way(t);
    run_next(frame);
}

void os_thread_upcall(struct dispatcher_frame *frame)
{
    core.check = false;
    collect(frame);
    if (!core.current) {
        run_next(frame);
    }
    thread_reschedule(frame);
}

/* ---- faults (os/thread_fault.h) ------------------------------------------------------------------------------------ */

struct thread *thread_interrupted(void)
{
    return core.current;
}

_Noreturn void thread_suspend(struct dispatcher_frame *frame, struct thread_queue *queue)
{
    struct thread *const t = core.current;

    store(t, frame);
    t->state = THREAD_BLOCKED;
    t->reason = BLOCKED_FAULT;
    t->timed_out = false;
    queue_push_tail(queue, t);
    core.check = false;
    run_next(frame);
}

struct thread_fault *thread_fault_of(struct thread *t)
{
    return &t->fault;
}

struct save_area *thread_suspended_area(struct thread *t)
{
    return &t->context.preempted.area;
}

void thread_suspended_fp(struct thread *t)
{
    if (t->fp) {
        os_fp_load(t->context.preempted.q);
    }
}

void thread_fp_save(uint64_t *area)
{
    if (core.current->fp) {
        os_fp_save(area);
    }
}

void thread_fp_load(const uint64_t *area)
{
    if (core.current->fp) {
        os_fp_load(area);
    }
}

uint64_t thread_set_stack_low(uint64_t low)
{
    const uint64_t before = core.current->low;

    core.current->low = os_low_stack = low;
    return before;
}

_Noreturn void os_thread_schedule(void)
{
    struct dispatcher_frame *const frame = frame_self();
    struct thread *const t = core.current;

    core.check = false;
    t->kind = CONTEXT_PAUSED;
    if (*(volatile uint64_t *)&frame->pending) {
        *(volatile uint64_t *)&frame->pending = 0;
        __asm__ volatile("" : : : "memory");
        collect(frame);
    }
    if (t->state == THREAD_RUNNING) {
        if (!others_first(t)) {
            program();
            os_thread_load(t);
        }
        give_way(t);
    }
    run_next(frame);
}

/* ---- what threads call --------------------------------------------------------------------------------------------- */

void thread_disable(void)
{
    (void)enter();
}

void thread_enable(void)
{
    struct dispatcher_frame *const frame = frame_self();

    if (__builtin_expect(core.check, 0)) {
        core.check = false;
        if (others_first(core.current)) {
            os_thread_pause();
            return;
        }
        program();
    }
    /* Posted while disabled: nobody but us will look, as no upcall comes before the next event. */
    thread_enable_alone(frame);
}

void thread_take_pending(void)
{
    (void)enter();
    os_thread_pause();
}

bool thread_wakes_by(uint64_t when)
{
    return core.programmed <= when;
}

void os_thread_ready(struct thread *t)
{
    t->state = THREAD_READY;
    ready_push_tail(&core.ready, t);
    core.check |= core.current && t->priority >= core.current->priority;
}

bool thread_block(enum thread_reason reason, struct thread_queue *queue, uint64_t deadline)
{
    struct thread *const t = core.current;

    if (!os_low_none()) {
        THREAD_BUG("a thread blocks that has a low lock");
    }
    t->state = THREAD_BLOCKED;
    t->reason = reason;
    t->timed_out = false;
    if (queue) {
        queue_push_tail(queue, t);
    }
    if (deadline != THREAD_NO_DEADLINE) {
        timers_add(&core.timers, &t->timer, deadline ? deadline : 1);
    }
    os_thread_pause();
    return !t->timed_out;
}

bool thread_wake(struct thread *t)
{
    if (t->state != THREAD_BLOCKED) {
        return false;
    }
    if (t->in) {
        queue_remove(t);
    }
    if (t->timer.when) {
        timers_remove(&core.timers, &t->timer);
    }
    os_thread_ready(t);
    return true;
}

bool thread_alone(void)
{
    return core.ready.used == 0;
}

err_t thread_park(struct xfer *x)
{
    /* The deadline that the kernel has is early enough: program() has seen each timer since it was set. */
    x->deadline = XFER_KEEP_DEADLINE;
    return os_thread_xfer(x);
}

err_t thread_send(struct xfer *x)
{
    return os_thread_xfer(x);
}

struct thread_call *thread_call_of(struct thread *t)
{
    return &t->call;
}

struct thread_call *thread_call(void)
{
    return &thread_self()->call;
}

struct thread *thread_self(void)
{
    return *(struct thread *volatile *)&core.current;
}

void thread_yield(void)
{
    (void)enter();
    struct thread *const t = core.current;
    if (ready_top(&core.ready) < (int)t->priority) {
        thread_enable();
        return;
    }
    t->state = THREAD_READY;
    ready_push_tail(&core.ready, t);
    os_thread_pause();
}

void thread_sleep_until(uint64_t deadline)
{
    thread_disable();
    (void)thread_block(BLOCKED_SLEEP, NULL, deadline);
}

unsigned thread_id(const struct thread *t)
{
    return t->id;
}

const char *thread_name(const struct thread *t)
{
    return t->name;
}

unsigned thread_priority(const struct thread *t)
{
    return *(const volatile unsigned *)&t->priority;
}

void thread_set_priority(struct thread *t, unsigned priority)
{
    OS_ASSERT(priority < THREAD_PRIORITIES);
    thread_disable();
    if (t->state == THREAD_READY) {
        ready_remove(&core.ready, t);
        t->priority = priority;
        os_thread_ready(t);
    } else {
        t->priority = priority;
        core.check = true;
    }
    thread_enable();
}
