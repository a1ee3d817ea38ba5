/**
 * @file event.h  Who is called when an event is posted, in a program with threads (os/thread.h).
 *
 * The run upcall takes the events that were posted and calls the handler of each.  An event without a handler stays in
 * the dispatcher frame until event_take() finds it.
 */
#ifndef OS_EVENT_H
#define OS_EVENT_H

#include <os/thread.h>

/** Handlers of 64 events in a row. */
struct event_leaf {
    struct event_handler *handler[64];
};
extern struct event_leaf *os_event_leaf[];

/** Disabled.  Who is called for event @p id, one of the frame's; NULL: nobody. */
static inline struct event_handler *event_handler_of(uint64_t id)
{
    const struct event_leaf *const leaf = os_event_leaf[id / 64];

    return leaf ? leaf->handler[id % 64] : NULL;
}

/** Call @p handler for event @p id from now on; at once if it has been posted and not been taken.  Enabled, with no low
 *  lock held.
 * @return E_EVENT the frame has no such id; E_EVENT_USED it has a handler; errors of stock_refill() for ids from 64 on.
 * Cost: O(1) */
err_t event_register(uint64_t id, struct event_handler *handler);

/** No handler for @p id.  What is posted from now on stays in the frame. */
void event_unregister(uint64_t id);

/** event_wait() of a program with threads: block the caller until event @p id, which has no handler, is posted, or until
 *  time_now() reaches @p deadline.
 * @return OK, and the event is taken; E_TIMEOUT; errors of event_register() */
err_t thread_event_wait(uint64_t id, uint64_t deadline);

#endif
