/**
 * @file thread.h  User-level threads of one dispatcher: create, block, wake, sleep, priorities, slices.
 *
 * A program has one thread, main(), until it calls thread_start_library().  All threads of a process run on its one
 * dispatcher, so on one core: **disabled mode (os/dispatcher.h) is the lock** of everything that threads and event
 * handlers share, and a few instructions between thread_disable() and thread_enable() are a critical section.
 *
 * T1  The running thread has the highest priority of all that can run; among equals it came first or has a slice left.
 *     A thread that holds a low lock (os/lowlock.h) goes on until it has released it, whoever else can run.
 * T2  A thread is in exactly one place: running, in the queue of its priority, or blocked (in at most one wait queue, in
 *     the timers if it waits with a deadline), or ended.
 * T3  Disabled code touches no lazy memory: thread records and upcall stack are always mapped, and what a blocked thread
 *     waits for (mutex, condition, binding) has been touched by the thread before.
 *
 * docs/threads.md has the picture.  mutex and condition: os/sync.h.  Events: os/event.h.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <os/dispatcher.h>
#include <os/thread_types.h>

#define THREAD_PRIORITIES  64u              /* 0 … 63, 63 the most urgent                                             */
#define THREAD_PRIORITY    32u              /* of main(), and where nothing else is said                              */
#define THREAD_STACK_BYTES (64u * 1024)
#define THREAD_STACK_MIN   (4u * 1024)
#define THREAD_STACK_MAX   (64u * 1024 * 1024)
#define THREAD_NAME_BYTES  16u
#define THREAD_SLICES_PER_S 100u            /* a slice lasts 10 ms to 20 ms                                           */
#define THREAD_NO_DEADLINE ((uint64_t)XFER_NO_DEADLINE)

typedef uint64_t (*thread_fn)(void *arg);

enum thread_flags {
    THREAD_DETACHED = 1,    /**< nobody will join it                                                                  */
    THREAD_NO_FP = 2,       /**< it never touches FP/SIMD registers: switches leave them alone                        */
    THREAD_EAGER_STACK = 4, /**< all of its stack is there from the start, also in a program with paging (os/fault.h) */
    THREAD_DAEMON = 8,      /**< the process ends without waiting for it; it never ends itself                        */
};

struct thread_options {
    unsigned priority;      /**< 0: THREAD_PRIORITY                                                                   */
    unsigned flags;         /**< enum thread_flags                                                                    */
    size_t stack_bytes;     /**< 0: THREAD_STACK_BYTES                                                                */
    void *stack;            /**< lowest address of stack_bytes bytes (a multiple of 16) that the caller keeps until the
                                 thread was joined; NULL: memory of its own, with a page below that is never mapped   */
    uint64_t tls;           /**< its TPIDR_EL0                                                                        */
    const char *name;       /**< for reports, of which the first 15 bytes count; NULL: none                           */
};

/** Make the running program the first thread.  Enabled, before any other call here but thread_self(); once, or again
 *  without effect.
 * @return errors of stock_add_slab() */
err_t thread_start_library(void);

/** Create a thread that runs @p fn(@p arg) and then thread_exit() with its result.  It may run before this returns, if it
 *  is more urgent.  @p thread: NULL if nobody is to join it; @p options: NULL for the defaults; read only here.
 * @return E_THREAD_PRIORITY; E_THREAD_STACK; errors of the stock, of vspace_reserve() and vspace_back(); all wrapped in
 *         E_THREAD_CREATE; nothing is left behind then.
 * Cost: O(1) with a stack of THREAD_STACK_BYTES left over from another thread, else that of mapping one */
err_t thread_create(struct thread **thread, thread_fn fn, void *arg, const struct thread_options *options);

/** End the calling thread.  The process goes on, even after main()'s; it ends with status 0 after the last one's. */
_Noreturn void thread_exit(uint64_t value);

/** Wait until @p thread has ended; afterwards it does not exist.  @p value: of its thread_exit(); may be NULL.
 * @return E_THREAD_JOIN it is detached, the caller itself, or somebody else waits for it already */
err_t thread_join(struct thread *thread, uint64_t *value);

/** Nobody will join @p thread; it may have ended already.  @return E_THREAD_JOIN as thread_join() */
err_t thread_detach(struct thread *thread);

struct thread *thread_self(void);

/** The same in line: the running thread is the first word of the scheduler's state. */
extern struct thread_core os_thread_core;
static inline struct thread *thread_self_inline(void)
{
    return *(struct thread *const volatile *)(const void *)&os_thread_core;
}

/** Threads that the process does not end without: all but daemons. */
unsigned thread_count(void);

/** To the tail of the own priority.  Not under a low lock. */
void thread_yield(void);

/** Sleep until time_now() reaches @p deadline. */
void thread_sleep_until(uint64_t deadline);

/** 1: main(); counted upwards from there, and never used again. */
unsigned thread_id(const struct thread *thread);
const char *thread_name(const struct thread *thread);

/** As thread_options.name. */
void thread_set_name(struct thread *thread, const char *name);

unsigned thread_priority(const struct thread *thread);

/** @p priority below THREAD_PRIORITIES.  A thread that waits in a queue keeps its place there. */
void thread_set_priority(struct thread *thread, unsigned priority);

/* --- the primitive below: block and wake --- */

/** Why a thread is blocked: for whoever looks. */
enum thread_reason { BLOCKED_OTHER, BLOCKED_SLEEP, BLOCKED_JOIN, BLOCKED_MUTEX, BLOCKED_CONDITION, BLOCKED_RPC,
                     BLOCKED_EVENT, BLOCKED_FAULT, BLOCKED_PAGER };

/** Begin and end a critical section against all other threads and event handlers.  Not nested.  A few instructions on
 *  memory that is mapped; no call that may block but thread_block(), which ends it.  thread_enable() lets a more urgent
 *  thread run that was woken meanwhile.  Event handlers run disabled already and call neither. */
void thread_disable(void);
void thread_enable(void);

/** Disabled code of a thread uses this much of its stack, which may be lazy: it is touched before. */
#define THREAD_STACK_BELOW 1024

/** thread_disable(), in line.  @return the own frame */
static inline struct dispatcher_frame *thread_disable_inline(void)
{
    struct dispatcher_frame *const frame = frame_self();

#ifdef __aarch64__
    __asm__ volatile("sub x16, sp, %0\n\tldr xzr, [x16]" : : "i"(THREAD_STACK_BELOW) : "x16", "memory");
#endif
    disable(frame);
    return frame;
}

/** Be disabled.  Block the caller until thread_wake() or until time_now() reaches @p deadline (THREAD_NO_DEADLINE: for
 *  ever).  @p queue: where to stand meanwhile, at the end, or NULL.  The caller is enabled when this returns.
 * @return true: woken; false: the deadline.  It stands in no queue any more either way */
bool thread_block(enum thread_reason reason, struct thread_queue *queue, uint64_t deadline);

/** Be disabled.  Let @p thread run again if it is blocked.  @return whether it was */
bool thread_wake(struct thread *thread);

/** Enabled, and something was posted while the caller was not: take it. */
void thread_take_pending(void);

/** The same, and it changes no register but x16, x17 and x30 (libos/arch): not to be called from C. */
void os_thread_take_pending_kept(void);

/** Be disabled.  Can no other thread run? */
bool thread_alone(void);

/** The same in line, for who is disabled already: the bitmap of the priorities at which threads are ready is the second
 *  word of the scheduler's state. */
extern const volatile struct {
    struct thread *current;
    uint64_t ready;
} os_thread_core_begin __asm__("os_thread_core");
static inline bool thread_alone_inline(void)
{
    return os_thread_core_begin.ready == 0;
}

/** thread_enable() in line, for who was alone and has woken nobody since then. */
static inline void thread_enable_alone(struct dispatcher_frame *frame)
{
    enable(frame);
    if (__builtin_expect(*(volatile uint64_t *)&frame->pending != 0, 0)) {
#ifdef __aarch64__
        __asm__ volatile("bl os_thread_take_pending_kept" : : : "x16", "x17", "x30", "cc", "memory");
#else
        thread_take_pending();
#endif
    }
}

/** Does the kernel know a deadline that is not later than @p when?  Be disabled. */
bool thread_wakes_by(uint64_t when);

/** Of the running thread: for calls that wait while somebody else writes their result.  Always mapped. */
struct thread_call {
    struct xfer x;                  /**< request, then reply                                                          */
    struct thread *thread;          /**< whose it is                                                                  */
    struct thread_call *next;       /**< in a list of the user's                                                      */
    uint32_t token;
    bool ended;
    enum err_code end;              /**< E_OK, or why there is no result                                              */
    const void *receive_for;        /**< rpc_receive_into(): the binding whose next call is meant, or NULL            */
    cptr_t receive;
};
struct thread_call *thread_call(void);
struct thread_call *thread_call_of(struct thread *thread);

/** Be disabled.  sys_xfer() without parking (x->accept is XFER_NO_PARK): as it, but needs no stack. */
err_t thread_send(struct xfer *x);

/** Be disabled, and alone.  Send and park (sys_xfer()) with the running thread staying the dispatcher's: a message for
 *  x->accept comes in registers (OK, still disabled); any other event, and events of other threads, are served by run
 *  upcall, and this returns E_WOKEN, enabled.  @p x: memory that is always mapped; its deadline is filled in here.
 * @return as sys_xfer(); disabled unless E_WOKEN */
err_t thread_park(struct xfer *x);

#endif
