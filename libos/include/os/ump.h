/**
 * @file ump.h  A ring of os/ump_ring.h as the channel of a binding.
 */
#ifndef OS_UMP_H
#define OS_UMP_H

#include <os/transport.h>
#include <os/ump_ring.h>

/** A binding's channel over a ring.  @p released is called when the channel is closed and its memory is not used any
 *  more.  Whoever hears the peer's signal calls ump_channel_signalled(), between creation and release.
 * @return E_HEAP */
err_t ump_channel(void *frame, unsigned side, uint32_t slots, void (*signal)(void *arg), void (*released)(void *arg),
                  void *arg, struct transport **t);

/** Any thread; without the events lock. */
void ump_channel_signalled(struct transport *t);

#endif
