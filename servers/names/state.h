/**
 * @file state.h  All that the name service has.
 *
 *   book.c     names, their owners, who waits     pure
 *   sessions.c  clients, of this core and of others
 *   ops.c       the calls of naming.if and service.if
 *   main.c      start, and the loop
 *
 * A name is its session's: it goes when that closes, whatever became of the client and its core.  Who waits is served from the
 * loop (settle()), so no handler runs inside another.
 */
#ifndef NAMES_STATE_H
#define NAMES_STATE_H

#include "book.h"
#include <os/remote_seat.h>

#define SEATS 2048u                 /**< clients, and the monitor                                                     */

/** Event ids: those below are event_new()'s. */
#define EVENT_SEATS 64u
#define EVENTS      (EVENT_SEATS + SEATS)

/** One client. */
struct session {
    struct owner owner;             /**< first */
    struct session *next;           /**< of all                                                                       */
    struct rpc_seat *seat;
    uint64_t pid;
    bool again;                     /**< its kept request is served again                                             */
};

struct names {
    struct book book;
    struct stock *stock;
    struct rpc_server server;
    struct rpc_session *events[EVENTS];
    struct rpc_seats seats;
    struct remote_seats remote;     /**< of clients of other cores                                                    */
    struct slab session_slab, entry_slab;
    struct session *sessions;
    bool entered;                   /**< a name has, since the latest settle()                                        */
    cptr_t outgoing;                /**< slot of the send capability that the latest connect answered with            */
};

/** The one state. */
extern struct names names;

/* --- sessions.c --- */

/** A session whose replies go to the endpoint in @p reply, a receive slot that is empty afterwards if it succeeds.
 *  @p binding: slot of the send capability to give away.
 * @return E_NAMES_SESSIONS; errors of rpc_seat_open(); nothing is changed then */
err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding);

/** The same for a client of another core: its page, a receive slot that is empty afterwards if this succeeds.
 * @return E_NAMES_SESSIONS, E_SLAB_EMPTY; errors of remote_seat_open() */
err_t session_open_remote(uint64_t connection, uint64_t pid, cptr_t page);

/** Has the client let go of it?  closed() follows, when the loop comes to it. */
bool session_gone(const struct session *s);

/** Its names are nobody's any more. */
void session_forget(struct session *s);

/** Serve those again whose name has come.  Cost: O(who waits), if a name was entered */
void settle(void);

/* --- ops.c --- */

void names_request(struct rpc_session *rpc, struct rpc_message *message);
void service_request(struct rpc_session *rpc, struct rpc_message *message);

#endif
