/**
 * @file rpc_ump_host.h  Machines in miniature for tests of RPC over UMP: a dispatcher frame for each, and signals
 * between them.
 *
 * A thread of the test is the program of one machine; a test with one thread may change from one to the other.  A
 * signal is kept under a lock until the machine it is for next becomes disabled, sleeps or reads the time: as an
 * interrupt that comes just then. A machine that sleeps for 20 s has lost a wake-up, and the test ends.
 */
#ifndef RPC_UMP_HOST_H
#define RPC_UMP_HOST_H

#include <os/rpc_ump.h>
#include <pthread.h>

#define HOST_EVENTS 64u

struct machine {
    pthread_mutex_t lock;
    pthread_cond_t signalled;
    uint64_t inbox;                     /* events posted and not seen yet */
    uint64_t slept, signals;
    bool may_not_sleep;                 /* a step that would sleep returns instead */
    _Alignas(64) uint64_t frame[512];
};

void machine_init(struct machine *m);
void machine_be(struct machine *m);     /* the calling thread is @p m from now on */

/** A Notify: signalling it posts @p event at @p m.  Good for the whole run. */
cptr_t machine_notify(struct machine *m, uint64_t event);
void machine_post(struct machine *m, uint64_t event);

/** Both ends of a connection of @p slots: seats at machines a (side 0, event_a) and b.  The frame is the caller's to
 *  free. */
void *connect_machines(struct machine *a, uint64_t event_a, struct machine *b, uint64_t event_b, uint32_t slots,
                       uint64_t poll, struct ump_seat seat[2]);

/** How often the capability in @p slot was deleted; counted from the start of the run. */
unsigned host_dropped(cptr_t slot);

#endif
