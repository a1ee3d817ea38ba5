/**
 * @file waitset.h  One place to wait for many events.
 *
 * An event is a closure.  Events arise in *channels*, each of which has one registration:
 *   unregistered  no waitset knows it
 *   idle          registered; whoever causes the event triggers it
 *   polled        registered; somebody has to look, because nobody will tell
 *   pending       the event has come and waits to be delivered
 * Delivery makes a channel unregistered again: handlers that want more register again.  Events are delivered in the
 * order in which they became pending.
 *
 * What a wait costs does not depend on how many channels are idle.  Polled channels are looked at WAITSET_POLLS times;
 * after that each is armed, which makes it idle: from there on its peer tells.
 *
 * Any number of threads may wait on one waitset; each event goes to one of them.  All state of waitsets and channels is
 * under the events lock (os/waiting.h), and no function here calls a handler, poll and arm excepted, while it is held.
 */
#ifndef OS_WAITSET_H
#define OS_WAITSET_H

#include <os/waiting.h>
#include <shoal/err.h>
#include <stddef.h>

struct event_closure {
    void (*handler)(void *arg);     /**< NULL: nothing to do                                                          */
    void *arg;
};

#define NOP_CONT           ((struct event_closure){ NULL, NULL })
#define MKCONT(func_, arg_) ((struct event_closure){ (func_), (arg_) })

#define WAITSET_POLLS 64u

enum waitset_state { WAITSET_UNREGISTERED, WAITSET_IDLE, WAITSET_POLLED, WAITSET_PENDING };

struct waitset_chan;

/** How to look for an event that nobody tells of.  Both are called with the events lock held, and only read and write
 *  the memory of their channel. */
struct waitset_poll {
    bool (*poll)(struct waitset_chan *chan);    /**< is it there?                                                     */
    bool (*arm)(struct waitset_chan *chan);     /**< ask to be told; @return it is there already, so nobody will tell */
};

/** Part of a message channel, a timer, whatever causes events.  All zeroes: unregistered. */
struct waitset_chan {
    struct waitset *waitset;                    /**< NULL: unregistered                                               */
    enum waitset_state state;
    bool delivered;                             /**< its closure was handed out since it was registered: it runs, or will */
    struct event_closure closure;
    const struct waitset_poll *poll;
    struct waitset_chan *next, *previous;       /**< in the list of its state                                         */
};

struct waitset_list {
    struct waitset_chan *first, *last;
};

struct deferred_event;

struct waitset {
    struct waitset_list list[4];                /**< by state; that of unregistered channels is empty                 */
    uint64_t destroyed;                         /**< 1: it is                                                         */
    struct deferred_event *timers;              /**< a heap: the earliest                                             */
    struct thread_queue threads;
    unsigned waiting;                           /**< threads inside waitset_next()                                    */
    bool polling;                               /**< one of them polls                                                */
};

/* --- for users --- */

void waitset_init(struct waitset *ws);

/** Cancel everything that is registered: no closure of it will run.  Threads that wait get E_WAITSET_DESTROYED, and are
 *  gone from the waitset when this returns; none may start to wait on it any more. */
err_t waitset_destroy(struct waitset *ws);

/** The next event; waits for one, until @p deadline (events_now(); 0: does not wait, EVENTS_FOREVER: no end).
 * @return OK; E_WAITSET_EMPTY nothing pending, and @p deadline is 0; E_TIMEOUT; E_WAITSET_DESTROYED */
err_t get_next_event_until(struct waitset *ws, struct event_closure *closure, uint64_t deadline);

/** Wait for the next event.  @return OK; E_WAITSET_DESTROYED */
err_t get_next_event(struct waitset *ws, struct event_closure *closure);

/** Take an event that is there.  @return OK; E_WAITSET_EMPTY; E_WAITSET_DESTROYED */
err_t check_for_event(struct waitset *ws, struct event_closure *closure);

/** The same, and run the event's handler. */
err_t event_dispatch(struct waitset *ws);
err_t event_dispatch_until(struct waitset *ws, uint64_t deadline);
err_t event_dispatch_non_block(struct waitset *ws);

/** The waitset that a program uses unless it says otherwise. */
struct waitset *get_default_waitset(void);

/* --- for loops of other kinds --- */

/** As get_next_event(), but if there is none it waits once, and it may be that nothing is there then (NOP_CONT). */
err_t waitset_event_or_wake(struct waitset *ws, struct event_closure *closure);

/* --- for what causes events --- */

/** Register an unregistered channel: it becomes idle, or polled if it has a poll.  @return E_WAITSET_STATE */
err_t waitset_chan_register(struct waitset *ws, struct waitset_chan *chan, struct event_closure closure);

/** Take a registration back.  @return E_WAITSET_STATE: there was none, or its event was delivered already */
err_t waitset_chan_deregister(struct waitset_chan *chan);

/** The event has come: an idle or polled channel becomes pending.  Nothing happens to others. */
void waitset_chan_trigger(struct waitset_chan *chan);

/** The same three with the events lock held. */
err_t waitset_chan_register_entered(struct waitset *ws, struct waitset_chan *chan, struct event_closure closure);
err_t waitset_chan_deregister_entered(struct waitset_chan *chan);
void waitset_chan_trigger_entered(struct waitset_chan *chan);

/* --- deferred closures --- */

/** A closure that becomes pending at a time.  All zeroes: not set. */
struct deferred_event {
    struct waitset_chan chan;                   /**< the first member                                                 */
    uint64_t when;
    struct deferred_event *child, *sibling, **link;     /**< a pairing heap: link is what points here                 */
};

/** Run @p closure at @p when (events_now()).  @return E_WAITSET_STATE: it is set already.  Cost: O(1) */
err_t deferred_event_set(struct deferred_event *event, struct waitset *ws, uint64_t when, struct event_closure closure);

/** @return E_WAITSET_STATE: it is not set, or was delivered.  Cost: O(log n), amortised */
err_t deferred_event_cancel(struct deferred_event *event);

/** For waitset.c, events lock held: timers that are due become pending.  @return when the next is due */
uint64_t waitset_expire(struct waitset *ws);

/** For waitset.c, events lock held: take it off the timers; nothing happens if it is not there. */
void waitset_forget_timer(struct deferred_event *event);

#endif
