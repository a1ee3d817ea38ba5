/**
 * @file state.h  All that the serial server has, and who does what with it.
 *
 *   line.c      the line that somebody types                   pure
 *   output.c    whole lines of many writers on one screen      pure
 *   terminal.c  readers, writers, keyboard and screen          pure
 *   pl011.c     the device                                     registers only
 *   sessions.c  clients: their endpoints, and who waits
 *   ops.c       the calls of serial.if and service.if
 *   loop.c      device and clients together
 *   main.c      start
 *
 * A handler changes the terminal and says what it can say at once.  Whoever waits is served from the loop (settle()), so
 * no handler runs inside another.
 */
#ifndef SERIAL_STATE_H
#define SERIAL_STATE_H

#include "pl011.h"
#include "terminal.h"
#include <os/remote_seat.h>

#define SEATS           1024u       /**< clients, and the monitor                                                     */
#define SESSIONS_OF_PID 4u          /**< bindings of one process; its streams need one, if they are the same          */

/** Event ids: those below are event_new()'s. */
#define EVENT_SEATS 64u
#define EVENTS      (EVENT_SEATS + SEATS)

/** One client. */
struct session {
    struct client client;
    struct session *next;           /**< of all                                                                       */
    struct session *behind;         /**< in the queue of those that wait for room                                     */
    struct rpc_seat *seat;
    uint64_t pid;
    cptr_t notify;                  /**< slot: what Ctrl-C signals, if asked is not 0; CPTR_NULL: no slot yet         */
    uint64_t asked;                 /**< when, in calls of on_interrupt; 0: not                                       */
    bool blocked;                   /**< is in the queue                                                              */
    bool gone;                      /**< closed; it lives until its last line is out                                  */
    bool again;                     /**< its kept request is served again                                             */
};

struct serial {
    struct terminal terminal;
    struct pl011 device;
    struct stock *stock;
    cptr_t irq;
    struct rpc_session interrupt;   /**< the device's                                                                 */
    struct rpc_server server;
    struct rpc_session *events[EVENTS];
    struct rpc_seats seats;
    struct remote_seats remote;     /**< of clients of other cores                                                    */
    struct slab session_slab;
    struct session *sessions;
    struct session *first_blocked, *last_blocked;
    uint64_t asked;                 /**< latest of session.asked                                                      */
    cptr_t outgoing;                /**< slot of the send capability that the latest connect answered with            */
};

/** The one state. */
extern struct serial serial;

/* --- sessions.c --- */

/** A session whose replies go to the endpoint in @p reply, a receive slot that is empty afterwards if it succeeds.
 *  @p binding: slot of the send capability to give away.
 * @return E_STREAM_SESSIONS; errors of rpc_seat_open(); nothing is changed then */
err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding);

/** The same for a client of another core: its page, a receive slot that is empty afterwards if this succeeds.
 * @return E_STREAM_SESSIONS, E_SLAB_EMPTY; errors of remote_seat_open() */
err_t session_open_remote(uint64_t connection, uint64_t pid, cptr_t page);

/** The process server's session: its messages are for this terminal, and what it starts has @p service, ours, as its
 *  streams.  At the start only: nothing is undone.  @return errors of proc.console and of the layers */
err_t session_open_manager(iref_t service);

/** Queue it for sessions_unblock(). */
void session_block(struct session *s);

/** It does not wait any more. */
void session_unblock(struct session *s);

/** While there is room, serve again who waits for it, in order.  @return false: there was nobody, or no room */
bool sessions_unblock(void);

/** Serve the kept request of @p s again. */
void session_retry(struct session *s);

/** The Notify in @p cap, a receive slot that is empty afterwards, is signalled by Ctrl-C.  @return E_STREAM_NOTIFY,
 *  errors of the slots */
err_t session_on_interrupt(struct session *s, cptr_t cap);

/** Tell the session that asked last.  @return false: there is none */
bool sessions_interrupt(void);

/* --- loop.c --- */

/** Everything that can be done now: characters are taken and sent, and those served again who need not wait longer.
 *  Cost: O(characters typed, clients that wait) */
void settle(void);

/** The device's Notify was signalled. */
void device_interrupt(struct rpc_session *session);

/* --- ops.c --- */

void serial_request(struct rpc_session *rpc, struct rpc_message *message);
void service_request(struct rpc_session *rpc, struct rpc_message *message);

#endif
