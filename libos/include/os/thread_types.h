/**
 * @file thread_types.h  Small parts of os/thread.h and os/event.h for records that programs without threads have, too.
 */
#ifndef OS_THREAD_TYPES_H
#define OS_THREAD_TYPES_H

struct thread;
struct thread_call;
struct lmp_end;
struct binding;

/** Threads in the order in which they came.  All zero: empty. */
struct thread_queue {
    struct thread *first, *last;
};

/** Who is called when an event is posted (os/event.h).  Lies in memory that stays mapped as long as it is registered; a
 *  part of the record that @p fire works on. */
struct event_handler {
    /** Called disabled, on the upcall stack, once for any number of posts: short and bounded; wakes threads, does not
     *  block, and touches no lazy memory. */
    void (*fire)(struct event_handler *handler);
    /** Of an endpoint's event: where its messages are.  Who parks for any message (os/direct.h) puts one that it has no
     *  use for back there.  NULL: a Notify's. */
    const struct lmp_end *end;
    struct binding *binding;            /* whose messages may be taken from registers; NULL: nobody's */
};

#endif
