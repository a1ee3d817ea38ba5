/**
 * @file state.h  All that the pipe server has.
 *
 *   pipe.c      bytes, ends, who waits          pure
 *   sessions.c  clients, ends as endpoints
 *   ops.c       the calls of pipe.if, serial.if and service.if
 *   main.c      start, and the loop
 *
 * An end of a pipe is an endpoint that nobody sends to.  While there is a send capability to it somebody holds that end; the
 * kernel tells when the last one goes (CLOSED), whatever became of its holder.  So nothing here follows processes.
 *
 * A handler changes a pipe and says what it can say at once.  Who waits is served from the loop (settle()), so no handler
 * runs inside another.
 */
#ifndef PIPE_STATE_H
#define PIPE_STATE_H

#include "pipe.h"
#include <os/rpc_lmp.h>

#define PIPES_MAX        256u       /**< in all: with their buffers 4 MiB                                             */
#define PIPES_OF_PID     64u        /**< that one process has made                                                    */
#define SESSIONS_OF_PID  128u       /**< bindings of one process: one for each end it uses, and one to make pipes     */
#define SEATS            2560u      /**< ends, and clients                                                            */

/** Event ids: those below are event_new()'s. */
#define EVENT_SEATS 64u
#define EVENTS      (EVENT_SEATS + SEATS)

/** One end of a pipe. */
struct end {
    struct rpc_seat *seat;          /**< NULL: nobody holds it any more                                               */
    uint64_t base;                  /**< of its endpoint: how a capability that is shown is known                     */
};

struct piped {
    struct pipe pipe;
    struct piped *next;             /**< of all                                                                       */
    struct end end[PIPE_ENDS];
    struct pool_page page[PIPE_PAGES];
    uint64_t pid;                   /**< of its maker                                                                 */
};

/** One client. */
struct session {
    struct waiter waiter;           /**< its pipe NULL: the binding is no stream                                      */
    struct session *next;           /**< of all                                                                       */
    struct rpc_seat *seat;
    struct piped *made;             /**< whose writing end it has not asked for yet                                   */
    uint64_t pid;
    bool again;                     /**< its kept request is served again                                             */
    cptr_t frame;                   /**< its page; CPTR_NULL: it has none                                             */
    struct ram_block ram;
    uint64_t page;
};

struct pipes {
    struct stock *stock;
    struct rpc_server server;
    struct rpc_session *events[EVENTS];
    struct rpc_seats seats;
    struct slab session_slab, pipe_slab;
    struct session *sessions;
    struct piped *pipes;
    unsigned count;                 /**< of pipes                                                                     */
    cptr_t outgoing;                /**< slot of the latest capability that was given away                            */
};

/** The one state. */
extern struct pipes pipes;

/* --- sessions.c --- */

/** A session whose replies go to the endpoint in @p reply, a receive slot that is empty afterwards if it succeeds.
 *  @p binding: slot of the send capability to give away.
 * @return E_PIPE_LIMIT; errors of rpc_seat_open(); nothing is changed then */
err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding);

/** A pipe of the session's.  @p reader: slot of the reading end, to give away.
 * @return E_PIPE_LIMIT; errors of rpc_seat_open(), the pool and mint; nothing is changed then */
err_t session_make(struct session *s, cptr_t *reader);

/** The writing end of the pipe made last.  @return E_PIPE_NONE there is none, or it was given away; errors of mint */
err_t session_writer(struct session *s, cptr_t *writer);

/** The session becomes a stream to the end that @p cap (a receive slot, not emptied) is.  @return E_PIPE_NONE */
err_t session_stream(struct session *s, cptr_t cap);

/** @p frame: slot of the session's page, to be copied.  @return E_STREAM_PAGE; errors of reserve and vspace */
err_t session_page(struct session *s, cptr_t *frame);

/** Serve those again who need not wait longer, and forget pipes of which nobody holds an end.
 *  Cost: O(pipes + clients served) */
void settle(void);

/* --- ops.c --- */

void pipe_request(struct rpc_session *rpc, struct rpc_message *message);
void stream_request(struct rpc_session *rpc, struct rpc_message *message);
void service_request(struct rpc_session *rpc, struct rpc_message *message);

#endif
