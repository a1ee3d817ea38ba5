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

static inline void direct_leave(struct dispatcher_frame *frame)
{
    (void)frame;
    events_leave();
}

bool direct_alone(void);
bool direct_wakes_by(uint64_t when);
err_t direct_xfer(cptr_t dest, uint64_t accept, uint64_t *tag, uint64_t word[XFER_WORDS], uint64_t *event);
struct event_handler *direct_handler(uint64_t id);

#endif
