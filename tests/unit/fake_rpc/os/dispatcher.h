/** @file dispatcher.h  Stands in for os/dispatcher.h in tests of libos/rpc: the frame is a variable of the test. */
#ifndef OS_DISPATCHER_H
#define OS_DISPATCHER_H

#include <os/syscall.h>
#include <stdbool.h>

struct dispatcher_frame *frame_self(void);

static inline void disable(struct dispatcher_frame *frame)
{
    frame->disabled = 1;
}

static inline void enable(struct dispatcher_frame *frame)
{
    frame->disabled = 0;
}

#endif
