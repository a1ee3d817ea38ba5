/**
 * @file direct_cpu.h  Stands in for os/direct_cpu.h on the build machine: what parks is tests/binding/fake_direct.c.
 */
#ifndef OS_DIRECT_CPU_H
#define OS_DIRECT_CPU_H

#include <os/syscall.h>
#include <os/waiting.h>

struct dispatcher_frame;

static inline struct dispatcher_frame *direct_enter(void)
{
    events_enter();
    return NULL;
}

static inline struct dispatcher_frame *direct_self(void)
{
    return NULL;
}

static inline void direct_enter_again(struct dispatcher_frame *frame)
{
    (void)frame;
    events_enter();
}

static inline uint64_t direct_keep(uint64_t value)
{
    return value;
}

static inline struct dispatcher_frame *direct_enter_deep(void)
{
    return direct_enter();
}

static inline void direct_leave(struct dispatcher_frame *frame)
{
    (void)frame;
    events_leave();
}

bool direct_alone(void);
bool direct_wakes_by(uint64_t when);
struct xfer_came direct_xfer(cptr_t dest, uint64_t accept, uint64_t tag, uint64_t word[XFER_WORDS]);
struct event_handler *direct_handler(uint64_t id);

#endif
