/**
 * @file dispatcher.h  Stands in for os/dispatcher.h on the build machine, for the tests of threads: a frame in memory, and
 * a kernel (tests/unit/thread_machine.c) that may interrupt wherever a program becomes enabled or is about to be disabled.
 */
#ifndef OS_DISPATCHER_H
#define OS_DISPATCHER_H

#include <os/syscall.h>
#include <shoal/dispframe.h>

#define DFU_RUN_HANDLER (DF_USER + 8)
#define EVENT_NONE      0

struct xfer {
    cptr_t dest;
    uint64_t accept, deadline, tag;
    uint64_t word[XFER_WORDS];
    cptr_t cap;
    uint64_t event, badge;
};

struct dispatcher_frame *frame_self(void);
void disable(struct dispatcher_frame *frame);
void enable(struct dispatcher_frame *frame);
bool event_take(struct dispatcher_frame *frame, uint64_t id);
err_t sys_xfer(struct xfer *x);
err_t os_thread_xfer(struct xfer *x);

#define FAKE_XFER os_thread_xfer
#include "fake_xfer_words.h"
_Noreturn void sys_resume(void);
uint64_t time_now(void);
uint64_t time_hz(void);

#endif
