/**
 * @file rpc_lmp.h  RPC over LMP: what the no-heap stubs (os/rpc.h) run on.
 *
 * A binding is two endpoints; each side holds a send capability to the other's.  A request carries a token and the reply
 * brings it back, so a late reply is dropped.  A client has one request under way (with threads: `window`), so a ring of
 * one slot is never full on either side: whoever finds a full ring is dealing with a peer that breaks the protocol, and ends the binding.
 *
 * The tag (shoal/syscall.h) holds length and capability flags, number << 8, token << 24.
 */
#ifndef OS_RPC_LMP_H
#define OS_RPC_LMP_H

#include <os/lmp.h>
#include <os/rpc.h>
#include <os/thread_types.h>
#include <os/vspace.h>

struct rpc_server;
struct rpc_session;
struct rpc_link;

/** What a client or a session does that does not run on LMP (os/rpc_ump.h); each sets what is its own. */
struct rpc_link_ops {
    err_t (*call)(struct rpc_client *c, struct rpc_message *m);             /**< rpc_call_alone()                     */
    void (*event)(struct rpc_server *server, struct rpc_session *session);  /**< its event was posted                 */
    void (*round)(struct rpc_server *server);                               /**< look at all active ones              */
    void (*retry)(struct rpc_server *server, struct rpc_session *session);  /**< rpc_retry()                          */
    err_t (*post)(struct rpc_session *session, struct rpc_message *m);      /**< rpc_post()                           */
    void (*leave)(struct rpc_server *server, struct rpc_session *session);  /**< rpc_session_leave()                  */
};

struct rpc_link {
    const struct rpc_link_ops *ops;
    struct rpc_link *next;  /**< among the active ones of a server                                                    */
};

struct rpc_client {
    struct lmp_end end;     /**< with link: only event and receive count                                              */
    struct rpc_link *link;  /**< NULL: LMP                                                                            */
    uint32_t token;         /**< of the latest request                                                                */
    uint64_t cancel;        /**< event id that ends a call with E_RPC_CANCELLED when it is posted, and is taken then; 0: none.
                                 Its late answer is dropped                                                           */
    const struct lmp_end *cancel_closed;    /**< if cancel is not 0: what ends a call, too, when its peer is gone; or NULL */
    cptr_t cap_slot;        /**< empty slot to which the next received capability is moved; CPTR_NULL: it stays where it
                                 arrived, and must be gone from there before the next call.  For programs with one
                                 thread; all others call rpc_receive_into()                                           */
    bool cap_once;          /**< cap_slot is for one call                                                             */
    uint32_t window;        /**< in a program with threads: how many calls may be under way; 0: one.  Neither side's ring
                                 has fewer slots.  A binding that receives capabilities has one                       */
    struct {
        struct event_handler handler;   /**< registered with the first call: the record stays where it is until
                                             event_unregister()                                                       */
        struct thread_call *calls;      /**< under way                                                                */
        struct thread_queue turn;       /**< threads that wait until fewer are                                        */
        uint32_t under_way;
        bool with_cap;                  /**< one of them sends a capability: no other that does can begin             */
    } threads;              /**< all zero at first */
};

/* err_t rpc_call(struct rpc_client *, struct rpc_message *), os/rpc.h:
 * @return OK; E_RPC_CLOSED the server is gone, now or before; E_RPC_CANCELLED; errors of sys_xfer for what was to be sent; errors of
 *         cap_move for what came.  After an error of the transport m is not a reply.  Waits; events other than the
 *         reply stay in the bitmap. */

/** A capability that the next call on @p c receives is moved to the empty slot @p slot.  With threads: the next call of
 *  this thread, which makes no other in between; several may do so at once. */
void rpc_receive_into(struct rpc_client *c, cptr_t slot);

/** What a program brings that is linked with threads (os/thread.h). */
struct rpc_threads {
    err_t (*call)(struct rpc_client *c, struct rpc_message *m);     /**< rpc_call(): several threads may call on one
                                                                         binding, and a call blocks its thread only   */
    void (*receive_into)(struct rpc_client *c, cptr_t slot);
    void (*lock)(void);                 /**< for who sets up a binding that all threads use (os/services.h); recursive */
    void (*unlock)(void);
};

/** NULL in programs without, which link nothing of that.  A constant, so that code can run where nothing writable of the
 *  image is mapped. */
extern const struct rpc_threads *const os_rpc_threads;
const struct rpc_threads *rpc_threads(void);        /**< os_rpc_threads, of the whole program                         */

/** thread_start_library() was called: before that, and without threads, a call is rpc_call_alone(). */
extern bool os_rpc_threads_started;
err_t rpc_call_alone(struct rpc_client *c, struct rpc_message *m);

/* --- servers --- */

/** One event id of a server: a client's requests; or, with end.ring NULL, a Notify; or the answers to requests of the
 *  server's own (rpc_post()). */
struct rpc_session {
    struct lmp_end end;         /**< with link: only event counts                                                     */
    struct rpc_link *link;      /**< NULL: LMP                                                                        */
    void (*serve)(struct rpc_session *session, struct rpc_message *message);  /**< makes the reply of the request     */
    void (*closed)(struct rpc_session *session);    /**< the client is gone; end is not used afterwards               */
    void (*notified)(struct rpc_session *session);  /**< a Notify was signalled                                       */
    void (*answered)(struct rpc_session *session, struct rpc_message *message); /**< the answer to rpc_post()          */
    void *state;                                    /**< of the server                                                */
    uint64_t tag;                                   /**< of the request that is kept, or was posted                   */
    struct rpc_message kept;                        /**< number 0: none is                                            */
    uint64_t closings;                              /**< how often it was closed: so who serves a request notices.  The
                                                         record stays where it is, also between two clients           */
    struct event_handler handler;                   /**< in a program with threads, registered at the first step that sees
                                                         the session, for good                                         */
    bool posted;                                    /**< by that                                                       */
};

/** Sessions of one server, by the event id of their endpoints. */
struct rpc_server {
    struct rpc_session **session;   /**< [events]; NULL: none; the array is the caller's and may be replaced by a larger
                                         one between calls of rpc_server_step()                                       */
    uint64_t events;
    struct rpc_link *active;        /**< the last of those that are looked at in each step, whose next is the first; NULL: none */
    uint64_t deadline;              /**< ticks at which rpc_server_step() returns at the latest; 0: it waits for requests
                                         only, but may once more return for the one before.  While sessions of other
                                         links are active it returns after each look                                  */
};

/** Answer with @p reply (of @p to; NULL: nothing is owed), then wait for a request and let its session make the reply.
 * The heart of a server's loop:  for (;;) rpc_server_step(&server, &pending);
 * @p pending holds what is owed between two calls; all zero at first.
 * A request that does not come in registers is answered before the call returns.  A client that cannot be answered is
 * closed; if only the capability that was to go along is gone, the answer is E_CAP_EMPTY.
 *
 * A handler that returns E_RPC_LATER keeps its request: it is served again by rpc_retry(), from the beginning, and again
 * until it is answered.  Its capability stays in the receive slot meanwhile.  The next request of that client cancels it.
 *
 * A handler may end the session that it serves (take it out of the table); nothing is answered then.
 *
 * In a program with threads one of them may be a server so; the step blocks it alone, and looks through the whole table
 * before it does. */
struct rpc_pending {
    struct rpc_session *to;
    uint64_t tag;
    struct rpc_message reply;
};
void rpc_server_step(struct rpc_server *server, struct rpc_pending *pending);

/** Is a request of this client kept? */
static inline bool rpc_waits(const struct rpc_session *session)
{
    return session->kept.number != 0;
}

/** Serve the kept request of @p session again, if there is one; a client that cannot be answered is closed.  Not from
 *  within the serve() of the same session. */
void rpc_retry(struct rpc_server *server, struct rpc_session *session);

/** @p session leaves the table, as its user closes it; from within serve() of it, too: then there is no answer.  What it
 *  consists of is the caller's to give back. */
static inline void rpc_session_leave(struct rpc_server *server, struct rpc_session *session)
{
    server->session[session->end.event] = NULL;
    if (session->link) {
        session->link->ops->leave(server, session);
    }
    session->kept.number = 0;                       /* its capability lies in the receive slot, which is emptied next */
    session->closings++;
}

/** Send the request @p m over @p session, which has `answered`, without waiting.  One at a time: the answer, or closed(),
 *  comes first.  A capability to give away is gone if this succeeds.
 * @return errors of sys_xfer; then the session is not closed */
err_t rpc_post(struct rpc_session *session, struct rpc_message *m);

/** Of a session in no server's table, in a program with threads: serve and answer each request in the ring.  Does not
 *  wait.  What the client cannot be sent is dropped, and no request is kept (E_RPC_LATER). */
void rpc_answer_all(struct rpc_session *session);

/* --- seats: the lasting part of a session --- */

struct rpc_seats;

/** Endpoint, ring, event id and slots for one client.  Made once, kept for the next client. */
struct rpc_seat {
    struct rpc_session rpc;         /**< the user sets the functions and state; end.send is an empty slot at first    */
    struct rpc_seat *next;          /**< of those that nobody uses                                                    */
    void (*close)(struct rpc_seats *seats, struct rpc_seat *seat);      /**< of another kind (os/remote_seat.h); NULL */
    cptr_t endpoint;                /**< slot of the receive capability                                               */
    cptr_t ram;                     /**< RAM that the endpoint is made of                                             */
    uint64_t ram_offset;
    cptr_t ring_frame;
    uint64_t ring_offset;
};

#define SEAT_RING_LOG2 1u           /* two messages: one request, and one after a cancelled one */

/** The seats of one server, or the bindings of one client (then server is NULL). */
struct rpc_seats {
    struct rpc_server *server;
    struct stock *stock;
    struct vspace *vspace;
    cptr_t dispatcher;              /**< own                                                                          */
    struct slab slab;
    struct rpc_seat *unused;
    uint64_t next_event, end_event; /**< event ids that no seat has yet                                               */
    cptr_t page_frame, page_ram;    /**< the pages that rings and endpoints come from                                 */
    uint64_t page, page_used;       /**< address; bytes; page 0: none                                                 */
    unsigned ring_log2;             /**< slots of each ring; before the first seat the user may set another number   */
    uint64_t ram_offset, ram_used;
};

/** All borrowed.  @return errors of stock_add_slab() */
err_t rpc_seats_init(struct rpc_seats *seats, struct rpc_server *server, struct stock *stock, struct vspace *vspace,
                     cptr_t dispatcher, uint64_t first_event, uint64_t end_event);

/** A seat with a new endpoint, which nobody can send to yet; its session is in the server's table.
 * @return E_RPC_SEATS; errors of stock_refill(), slots, reserve, vspace and the invocations; nothing is changed then
 * Cost: three invocations; the first time also 3 slots, 256 bytes for the endpoint, 384 for the ring */
err_t rpc_seat_open(struct rpc_seats *seats, struct rpc_seat **seat);

/** A send capability to the seat's endpoint, in the empty slot (@p root, @p slot).  Errors of mint. */
err_t rpc_seat_mint(const struct rpc_seat *seat, cptr_t root, cptr_t slot);

/** The endpoint goes, and what came for it and was not taken; the session leaves the table.  The seat is another's then. */
void rpc_seat_close(struct rpc_seats *seats, struct rpc_seat *seat);

#endif
