/**
 * @file monitor.h  init as the monitor of its core: every process's first binding, binds between them, and their ends.
 *
 *   boot.c       starts the memory server and the process server, then serves
 *   clients.c    one record for each process
 *   services.c   what processes offer, and binds to it
 *   names.c      where the name service is
 *   ends.c       faults and exits, on their way to the process server
 *   cores.h      other cores: start and stop
 *   peer.h       channels with their monitors
 *   connection.h bindings between processes of two cores
 *   crossing.h   capabilities between cores
 *   devices.c    what drivers get
 *   ops.c        the calls of monitor.if
 *
 * It never waits for anybody: what another server must answer is sent (rpc_post), and goes on when the answer comes.
 * Only while it starts them does it wait for the memory server, which waits for nobody.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "../state.h"
#include <os/rpc_lmp.h>
#include <os/services.h>
#include <os/slab.h>

/* Numbers of the first processes of each core. */
#define PID_INIT (init.boot->core << ID_CORE_SHIFT | 1)
#define PID_MEM  (init.boot->core << ID_CORE_SHIFT | 2)
#define PID_PROC (init.boot->core << ID_CORE_SHIFT | 3)

#define SERVER_PRIORITY 192u        /* of mem, init, proc and whatever proc starts as a server                        */

#define CLIENT_BUCKETS  64u
#define CLIENT_SERVICES 32u         /* that one process may offer: each takes an event id, of which all share 4032     */
#define MONITOR_EVENTS  4096u
#define MONITOR_OWN     16u         /* event id of the first binding on which init waits                              */
#define MONITOR_SEATS   64u         /* event id of the first seat                                                     */
#define MONITOR_PEERS   3840u       /* event id of the first channel with another monitor                             */

struct service;
struct connection;
struct revoking;

/** Somebody who waits for a service to answer: a client of this core, or a connection from another one, or, with neither,
 *  service.renew. */
struct turn {
    struct turn *next;
    struct client *client;          /**< or NULL                                                                      */
    struct connection *connection;
};

/** A bind that a client waits for. */
struct bind {
    enum { BIND_NONE, BIND_QUEUED, BIND_POSTED, BIND_DONE } state;
    struct service *service;        /**< BIND_QUEUED, BIND_POSTED                                                     */
    struct turn turn;
    err_t err;                      /**< BIND_DONE; then, if OK:                                                      */
    cptr_t got;                     /**< in the receive slot of the service's seat                                    */
};

/** A process of this core. */
struct client {
    struct client *next;            /**< in its bucket                                                                */
    struct client *after, **link;   /**< list of all, newest first                                                    */
    uint64_t pid, account, flags;
    struct rpc_seat *seat;          /**< NULL: the process has let go of it                                           */
    cptr_t dispatcher;              /**< our copy; CPTR_NULL: not started                                             */
    unsigned services;              /**< that it offers                                                               */
    struct bind bind;
    struct revoking *revoking;      /**< what it waits for (monitor.revoke); or NULL                                  */
    bool retrying;                  /**< its kept request is being served again                                       */
    struct {
        bool under_way, here;       /**< home is asked; it has said                                                   */
        uint64_t index, phase;
        err_t err;
    } core;                         /**< monitor.core on another core than home                                       */
    bool reported;                  /**< in the list of ends                                                          */
    struct client *report_next;
    uint64_t fault[5], x0;          /**< enum fault_word                                                              */
};

/** Something that can be bound to. */
struct service {
    struct service *next;
    iref_t iref;
    uint64_t name;
    struct client *owner;
    struct rpc_seat *seat;
    struct turn *first, **last;     /**< who waits for its turn                                                       */
    struct turn *current;           /**< for whom the request under way is; NULL: nobody any more                     */
    bool busy;                      /**< a request is under way                                                       */
    struct turn renew;
    bool renewing;                  /**< that is queued                                                               */
};

struct monitor {
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vspace;
    struct rpc_server server;
    struct rpc_seats seats, own;    /**< own: init's bindings on which it waits                                       */
    struct slab client_slab, service_slab;
    struct client *bucket[CLIENT_BUCKETS], *all;
    struct service *services;
    iref_t latest_iref;
    iref_t names;                   /**< the name service, on whichever core; 0: there is none                        */
    struct core *cores;             /**< home: [core_count]                                                           */
    struct peer *peers, *home;      /**< home: on other cores, the channel with the boot core                         */
    struct connection *connections;
    struct pair *pairs;             /**< home                                                                         */
    uint64_t latest_connection;     /**< number of the one opened last                                                */
    uint64_t next_event;            /**< event ids of Notifys, from MONITOR_PEERS on                                  */
    struct slab peer_message_slab, connection_slab, sending_slab, pair_slab, revoking_slab;
    struct rpc_client mem;          /**< as a manager                                                                 */
    struct service *mem_service;    /**< binds to the memory server go by its own interface                           */
    struct client *proc;            /**< the process server                                                           */
    struct rpc_seat *manager;       /**< where ends are told; NULL: it has not asked yet                               */
    struct client *report_first, **report_last;
    bool report_busy;
    struct rpc_session faults;
    struct client *serving;         /**< whose request is being served                                                */
    struct rpc_session *session[MONITOR_EVENTS];
};

extern struct monitor monitor;

/** Become the monitor: start the memory server and the process server, and serve.  Powers off if it cannot. */
_Noreturn void monitor_run(void);

/** reserve_make() of one object of @p size bytes in @p slot; a run of pages that the reserve does not have is got from the
 *  pool.  Errors of the layers */
err_t monitor_make(enum cap_type type, uint64_t size, cptr_t slot, struct ram_block *block);

/** Zeroed memory of our own, for good.  Errors of the layers */
err_t monitor_memory(uint64_t bytes, uint64_t *address);

/** An event id of this dispatcher that nothing else has, for good.  @return E_RPC_SEATS */
err_t monitor_event(uint64_t *event);

/** The loop of monitor_run() comes round at that time at the latest. */
void monitor_wake_at(uint64_t ticks);

/** Whoever has a kept request is served again. */
void monitor_retry_all(const struct client *but);

/* --- clients.c --- */

/** @return NULL: there is none.  Cost: O(processes / CLIENT_BUCKETS) */
struct client *client_find(uint64_t pid);

/** A record, and its binding's endpoint.  @return E_MONITOR_PID, errors of rpc_seat_open() */
err_t client_new(uint64_t pid, uint64_t flags, uint64_t account, struct client **made);

/** Forget the process and all that it offered or waited for.  Errors of delete: nothing is forgotten then */
err_t client_end(struct client *c);

/** Start it: a capability in the receive slot @p dispatcher becomes our copy. */
err_t client_start(struct client *c, cptr_t dispatcher, uint64_t priority);

/** Answer a kept request of @p c if it can be answered now. */
void client_retry(struct client *c);

/* --- services.c --- */

/** @param listen  slot of a send capability; moved.  CPTR_NULL: the caller puts one into the seat's send slot.
   @return E_MONITOR_NAME, E_MONITOR_SERVICES; errors of the layers and invocations */
err_t service_new(struct client *owner, uint64_t name, cptr_t listen, struct service **made);

/** It is offered no more; who waits for it hears E_MONITOR_SERVICE. */
void service_end(struct service *s);
struct service *service_named(uint64_t name);
void services_of_end(struct client *owner);     /**< all that it offers is gone                                       */

struct service *service_find(iref_t iref);

/** Queue up; its connection_post() is called when it is its turn. */
void service_queue(struct service *s, struct turn *turn);

/** Out of the queue, or out of the request under way, whose answer is dropped then. */
void service_unqueue(struct service *s, struct turn *turn);

/** The whole of monitor.bind; @return E_RPC_LATER until it is done */
err_t bind_request(struct client *c, iref_t iref, cptr_t reply, cptr_t *binding);
void bind_abandon(struct client *c);            /**< it waits no longer                                               */

/** Call service.renew, in its turn. */
void service_ask_renew(struct service *s);

/* --- names.c --- */

/** The name service is there from now on, or, if @p service is 0, no more: whoever offers something is told (service.renew),
 *  and home tells the other cores. */
void names_at(iref_t service);

/* --- ends.c --- */

void ends_setup(void);

/** Ask the process manager @p m, manager.end_all, behind what it is being told. */
void ends_post(const struct rpc_message *m);
void ends_forget(struct client *c);

/** From now on ends are told over @p listen, a send capability that is moved. */
err_t ends_manager(cptr_t listen, struct rpc_seat **seat);

/* --- devices.c --- */

/** Make the capability of @p device in the empty slot @p slot.  @return E_MONITOR_DEVICE, errors of retype */
err_t device_make(enum monitor_device device, cptr_t slot);

/** Seconds from 1970 to when time_now() was 0, by the machine's real-time clock, which is read once.
 * @return E_MONITOR_DEVICE there is none, or nobody has set it; errors of the layers and of retype */
err_t clock_since(uint64_t *since);

/* --- ops.c --- */

void monitor_request(struct rpc_session *session, struct rpc_message *message);
void monitor_closed(struct rpc_session *session);

#endif
