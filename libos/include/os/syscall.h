/**
 * @file syscall.h  System calls as C functions.  The contract is shoal/syscall.h; the typed calls are in os/caps.h.
 */
#ifndef OS_SYSCALL_H
#define OS_SYSCALL_H

#include <shoal/cap.h>
#include <shoal/dispframe.h>
#include <shoal/err.h>
#include <shoal/syscall.h>
#include <stddef.h>

struct sys_args {
    uint64_t a[6];
};

struct sys_result {
    err_t err;
    uint64_t r[6];      /**< meaningful only if err is OK                                                             */
};

/** Invoke @p op of @p cap.  Never waits.  Errors: those of the operation, E_CAP_LOOKUP, E_CAP_EMPTY, E_OP. */
static inline struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    register uint64_t x0 __asm__("x0") = cap;
    register uint64_t x1 __asm__("x1") = op;
    register uint64_t x2 __asm__("x2") = args.a[0];
    register uint64_t x3 __asm__("x3") = args.a[1];
    register uint64_t x4 __asm__("x4") = args.a[2];
    register uint64_t x5 __asm__("x5") = args.a[3];
    register uint64_t x6 __asm__("x6") = args.a[4];
    register uint64_t x7 __asm__("x7") = args.a[5];
    __asm__ volatile("svc %[number]"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
                     : [number] "i"(SVC_INVOKE)
                     : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "cc", "memory");
    return (struct sys_result){ { x0 }, { x1, x2, x3, x4, x5, x6 } };
}

/** sys_invoke with the arguments in line; those left out are 0. */
#define INVOKE(cap, op, ...) sys_invoke((cap), (op), (struct sys_args){ { __VA_ARGS__ } })

/** Operands of xfer, and where its results go.  Offsets are used by arch/aarch64/syscall.S. */
struct xfer {
    cptr_t dest;            /**< in: Endpoint to send to, or CPTR_NULL                                                */
    uint64_t accept;        /**< in: event id, or XFER_NO_PARK, XFER_ANY, XFER_IDLE                                   */
    uint64_t deadline;      /**< in: ticks of CNTVCT_EL0, or XFER_KEEP_DEADLINE, XFER_NO_DEADLINE                     */
    uint64_t tag;           /**< in and out                                                                           */
    uint64_t word[XFER_WORDS]; /**< in and out                                                                        */
    cptr_t cap;             /**< in: with TAG_CAP                                                                     */
    uint64_t event;         /**< out: whose message this is                                                           */
    uint64_t badge;         /**< out                                                                                  */
};

/** Send, park, or both.  To park, be disabled (os/dispatcher.h): a message is delivered to the disabled caller (OK),
 *  any other event ends in E_WOKEN, and then the caller is enabled, because its context came back through a run upcall.
 * @return OK; E_WOKEN; or why nothing was sent, and then it did not park either: E_CAP_LOOKUP, E_CAP_EMPTY, E_CAP_TYPE,
 *         E_CAP_RIGHTS, E_UNBOUND, E_DEAD, E_FULL, E_RECV_SLOT, E_TAG, E_EVENT, E_STATE, E_ARG (docs/abi.md) */
err_t sys_xfer(struct xfer *x);

/** What came with a message that sys_xfer_words() waited for. */
struct xfer_came {
    err_t err;
    uint64_t event, tag;
};

/** sys_xfer() in line, without a capability and with the deadline as it is: what it needs lies in registers.  The eight
 *  words at @p word go out, and those that came are there afterwards if the error is OK; else they are as before.
 * @return as sys_xfer(), and whose message came */
static inline struct xfer_came sys_xfer_words(cptr_t dest, uint64_t accept, uint64_t tag, uint64_t word[XFER_WORDS])
{
    register uint64_t x0 __asm__("x0") = dest;
    register uint64_t x1 __asm__("x1") = accept;
    register uint64_t x2 __asm__("x2") = XFER_KEEP_DEADLINE;
    register uint64_t x3 __asm__("x3") = tag;
    register uint64_t x4 __asm__("x4") = word[0];
    register uint64_t x5 __asm__("x5") = word[1];
    register uint64_t x6 __asm__("x6") = word[2];
    register uint64_t x7 __asm__("x7") = word[3];
    register uint64_t x8 __asm__("x8") = word[4];
    register uint64_t x9 __asm__("x9") = word[5];
    register uint64_t x10 __asm__("x10") = word[6];
    register uint64_t x11 __asm__("x11") = word[7];
    __asm__ volatile("svc %[number]"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7), "+r"(x8), "+r"(x9),
                       "+r"(x10), "+r"(x11)
                     : [number] "i"(SVC_XFER)
                     : "x12", "x13", "x14", "x15", "x16", "x17", "x18", "cc", "memory");
    if (__builtin_expect(x0 == 0, 1)) {
        word[0] = x4;
        word[1] = x5;
        word[2] = x6;
        word[3] = x7;
        word[4] = x8;
        word[5] = x9;
        word[6] = x10;
        word[7] = x11;
    }
    return (struct xfer_came){ { x0 }, x1, x3 };
}

/** Go on with the whole context in the enabled area; a run upcall instead if events are pending. */
_Noreturn void sys_resume(void);

/** Let others of this priority run.  Comes back through a run upcall. */
static inline void sys_yield(void)
{
    register uint64_t x0 __asm__("x0");
    __asm__ volatile("svc %[number]"
                     : "=r"(x0)
                     : [number] "i"(SVC_YIELD)
                     : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                       "x16", "x17", "x18", "cc", "memory");
}

/** @return E_SYSCALL in a release build, and for an operation that does not exist. */
static inline err_t sys_debug(uint64_t op, uint64_t argument, uint64_t *result)
{
    register uint64_t x0 __asm__("x0") = op;
    register uint64_t x1 __asm__("x1") = argument;
    __asm__ volatile("svc %[number]"
                     : "+r"(x0), "+r"(x1)
                     : [number] "i"(SVC_DEBUG)
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                       "x17", "x18", "cc", "memory");
    if (result) {
        *result = x1;
    }
    return (err_t){ x0 };
}

/** Ticks of the system counter; ISB so that it is not read ahead of what comes before. */
static inline uint64_t time_now(void)
{
    uint64_t now;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
    return now;
}

/** Ticks of time_now() per second. */
static inline uint64_t time_hz(void)
{
    uint64_t hz;
    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

#endif
