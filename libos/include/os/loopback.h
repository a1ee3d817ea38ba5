/** @file loopback.h  A channel between two bindings of one process. */
#ifndef OS_LOOPBACK_H
#define OS_LOOPBACK_H

#include <os/transport.h>

/** Frames under way in each direction. */
#define LOOPBACK_FRAMES 8u

/** Make both ends.  A capability that is given away stays in its slot, which is the receiver's then.  @return E_HEAP */
err_t loopback_pair(struct transport *end[2]);

#endif
