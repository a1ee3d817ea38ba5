/** @file dispatcher.h  Stands in for os/dispatcher.h in tests of RPC over UMP: each thread of the test is a machine of its own. */
#ifndef OS_DISPATCHER_H
#define OS_DISPATCHER_H

#include <os/syscall.h>

#define EVENT_NONE 0

struct dispatcher_frame *frame_self(void);
void disable(struct dispatcher_frame *frame);
void enable(struct dispatcher_frame *frame);
bool event_take(struct dispatcher_frame *frame, uint64_t id);

#endif
