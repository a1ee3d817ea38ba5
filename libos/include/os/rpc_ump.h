/**
 * @file rpc_ump.h  RPC over UMP (os/ump_ring.h): the same no-heap stubs (os/rpc.h), the same struct rpc_client and
 * struct rpc_session (os/rpc_lmp.h), with a peer on another core.
 *
 * Both sides share a Frame of ump_frame_bytes(slots) bytes, zeroed before either begins.  Each has a Notify of its own
 * and a capability to signal the peer's: a Notify (same core) or a RemoteNotify.  No monitor and no kernel is on the
 * path of a message, but for the signal to who sleeps.
 *
 * A request or a reply is one message of the ring, or two if it has eight words: seven words go with the first.  The
 * head:
 *
 *   bits 15..0 number (os/rpc.h), 16 a capability belongs to it, 17 its eighth word is in the next, 31..18 token
 *
 * U1  Every request is answered exactly once, with its token, or the connection ends.  So both sides know how many are
 *     under way, and a reply that nobody waits for any more is told from one that nobody asked for.
 * U2  A side that only asks, or only answers, has at most slots / 2 requests under way; one that does both, slots /
 *     4; and nobody more than UMP_WINDOW_MAX.  Each message acknowledges what its sender has taken, so what may
 *     still lie in a ring are the answers to requests that were under way when the newest message was sent, and the
 *     own requests under way: two slots each, so **an answer always finds room**.  A peer for whose answer there is
 *     none has broken the rule.
 * U3  Who breaks a rule, lies in a header or is gone ends this connection and nothing else.  Payload is copied
 *     before it is looked at, and `dead` is looked at after it was copied.
 * U4  At most one capability is under way in each direction.
 *
 * Sleeping: protocol of os/ump_ring.h.  A waiting client looks at its ring for `poll` ticks, unless another of its
 * threads can run, then arms it and sleeps.  A server looks at a session for `poll` ticks after its last message,
 * round by round with all it has to do, then arms it; an armed session costs nothing until it is signalled.
 */
#ifndef OS_RPC_UMP_H
#define OS_RPC_UMP_H

#include <os/rpc_lmp.h>
#include <os/ump_ring.h>

#define UMP_WINDOW_MAX 16u      /* requests of one side under way                                                     */
#define UMP_RPC_SLOTS  16u      /* of each ring of a client's connection: with both and the control lines, 2176 bytes */
#define UMP_RPC_SLOTS_MONITORS (4 * UMP_WINDOW_MAX) /* where both sides ask, so many at a time: 8320 bytes */

/** How long to look before sleeping, in microseconds: about what it costs to be woken by a signal, so that a wait is at
 *  most twice as dear as it had to be. */
#define UMP_POLL_US    20u

/** The same in ticks, for ump_seat.poll.  0 on a machine with one core, and where the peer is on the own core: as
 *  long as we look it cannot run. */
uint64_t ump_poll_ticks(unsigned cores);

/* ---- one side ---------------------------------------------------------------------------------------------------- */

struct ump_end;

/** How capabilities travel: made by whoever made the connection, as they go through the monitors.  Called enabled,
 *  by the thread that sends or receives; may wait. */
struct ump_cap_ops {
    /** Send @p cap towards the peer, the number ump_end.caps_sent of this side (the first is 0); the payload follows
     *  if this returns OK.  @p give: it moves.  @return errors for rpc_call(); a reply becomes that error */
    err_t (*send)(struct ump_end *end, cptr_t cap, bool give);

    /** The payload that capability number ump_end.caps_received belongs to is here, and the capability is not: ask
     *  for it.  Once for each.  ump_cap_arrived() is called before this returns, or later; a client of a program with
     *  one thread must have it before this returns.  NULL: it comes by itself. */
    void (*fetch)(struct ump_end *end);
};

/** Where an end lies; what is borrowed lasts as long as the end. */
struct ump_seat {
    void *frame;                        /**< the shared Frame, mapped                                                 */
    unsigned side;                      /**< 0 or 1; the peer has the other                                           */
    uint32_t slots;                     /**< of each ring: a power of two from 4 to CREDIT_SLOTS_MAX                  */
    uint64_t event;                     /**< id that our own Notify, which the peer signals, is bound to              */
    cptr_t wake;                        /**< Notify or RemoteNotify by which we signal the peer                       */
    uint64_t poll;                      /**< ticks; ump_poll_ticks()                                                  */
    const struct ump_cap_ops *caps;     /**< NULL: none can be sent (E_CAP_LOCAL), and none come                      */
    void (*woken)(struct ump_end *end); /**< called when a client of a program with one thread was woken, by whatever
                                             event: to look for news of the peer's death; NULL: nothing               */
    void *state;                        /**< of whoever made it                                                       */
};

enum ump_part { UMP_WHOLE, UMP_NEEDS_WORD, UMP_NEEDS_CAP };

/** One side of a connection. */
struct ump_end {
    struct ump_ring ring;
    struct ump_seat seat;
    volatile bool dead;                 /**< the memory or the peer is gone, or a rule was broken; ump_end_died()     */
    uint32_t window;                    /**< own requests that may be under way                                       */
    uint32_t under_way;                 /**< own requests that are not answered, cancelled ones with them             */
    uint64_t caps_sent, caps_received;
    enum ump_part part;                 /**< what the message in `in` lacks                                           */
    bool fetched;                       /**< its capability was asked for                                             */
    uint32_t in_head;
    struct rpc_message in;
    bool cap_here;                      /**< arrived, and not joined with its payload yet                             */
    cptr_t cap_slot;
    err_t cap_error, joined;            /**< why that capability did not come; of the latest message                  */
    void (*changed)(struct ump_end *end);
};

/** Capability number caps_received lies in @p slot, which is the receiver's now; or @p err: it cannot come, and then
 *  a request is answered with that, and a call whose reply it belonged to fails with it.  The payload may be here or
 *  not.  In a program with threads be disabled.  One that arrives when the end is closed is the caller's to drop. */
void ump_cap_arrived(struct ump_end *end, cptr_t slot, err_t err);

/** The peer or the shared memory is gone: calls end with E_RPC_CLOSED, a session is closed in the server's next
 *  step.  As ump_cap_arrived(). */
void ump_end_died(struct ump_end *end);

/** Has this side or the peer ended it? */
bool ump_end_closed(const struct ump_end *end);

/* ---- clients ----------------------------------------------------------------------------------------------------- */

struct ump_client {
    struct rpc_link link;               /**< first */
    struct ump_end end;
    struct rpc_client *client;
};

/** Calls over @p c go to @p seat from now on: rpc_call() with the errors of os/rpc_lmp.h (E_RPC_CLOSED also for a
 *  server that breaks a rule), and those of seat->caps->send, ...  Of @p c only cap_slot, cancel, cancel_closed and
 *  window may be set: the window counts as at most slots / 2.  @p u stays as long as @p c is used.  A program with
 *  threads registers seat->event with the first call. */
void rpc_client_init_ump(struct rpc_client *c, struct ump_client *u, const struct ump_seat *seat);

/** Tell the server that no call follows.  None is under way. */
void rpc_client_close_ump(struct rpc_client *c);

/* ---- servers ----------------------------------------------------------------------------------------------------- */

/** A request that is answered later. */
struct ump_kept {
    uint32_t token;
    struct rpc_message message;         /**< number 0: none                                                           */
};

/** A request of the server's own. */
struct rpc_posted {
    /** The answer, once; @p posted is its user's again.  If the connection ends before it comes it is E_RPC_CLOSED, and
     *  session->closed() follows.  May post again.  Decode it with the stub's ..._result, as any reply. */
    void (*answered)(struct rpc_posted *posted, struct rpc_message *m);
    struct rpc_posted *next;
    uint32_t token;
    bool has_cap;
    struct rpc_message message;         /**< until it is sent: the request                                            */
};

struct ump_posted_list {
    struct rpc_posted *first, *last;
};

struct ump_session {
    struct rpc_link link;               /**< first */
    struct ump_end end;
    struct rpc_server *server;
    struct rpc_session *session;
    bool active;                        /**< among those that the server looks at                                     */
    bool left;
    uint64_t until;                     /**< ticks at which it is armed                                               */
    uint32_t token;                     /**< of the request that is being served: the same when it is served again    */
    uint32_t next_token;
    struct ump_kept *kept;              /**< [kept_places]                                                            */
    unsigned kept_places;
    struct ump_kept one;                /**< if the user has none                                                     */
    bool cap_under_way;                 /**< one of `posted` took a capability along                                  */
    struct ump_posted_list posted, waiting, failed;     /**< under way; not sent yet; cannot be sent                  */
    struct rpc_posted single;           /**< of rpc_post()                                                            */
};

/** @p session is served over @p seat from now on, by the loop of rpc_server_step(): it is in @p server's table at
 * seat->event.  Of @p session the user has set the functions and state, and before that all was zero or of a session
 * that has left; if it has no serve(), a request ends it.  Of @p u the user has set kept and kept_places, or all is
 * zero: then a session keeps one request (E_RPC_LATER), and the next cancels it with the answer E_RPC_CANCELLED.
 * With more places, each of the peer's window can be kept at the same time, rpc_retry() serves them all again, and
 * nothing is cancelled.  closed() is called when the peer has closed, is dead, or has broken a rule;
 * rpc_session_leave() closes from this side.  Not for rpc_answer_all(). */
void rpc_session_init_ump(struct rpc_server *server, struct rpc_session *session, struct ump_session *u,
                          const struct ump_seat *seat);

/** Send the request @p m over @p session without waiting; up to the window (U2) are under way at once, further ones
 *  wait in their records.  They are sent, and usually answered, in this order.  @p posted->answered is set; @p
 *  posted is the session's until then.  A capability in @p m is sent with it, later if another is under way, and is
 *  the session's until then, too; if it cannot be, the answer says why.  After rpc_session_leave() by the server
 *  itself nobody is called: rpc_ump_end_posts().  rpc_post() is the same with one record in the session: E_TX_BUSY if
 *  that is under way, session->answered.
 * @return E_RPC_CLOSED, and nothing was done */
err_t rpc_ump_post(struct rpc_session *session, struct rpc_posted *posted, const struct rpc_message *m);

/** Behind rpc_session_leave(), before the session is used again: all that was posted and not answered is, with
 *  E_RPC_CLOSED, but for rpc_post()'s.  Where the peer ends it, this is done before closed(). */
void rpc_ump_end_posts(struct rpc_session *session);

/* ---- between the two, for libos/rpc ------------------------------------------------------------------------------ */

#define UMP_TOKEN_SHIFT 18
#define UMP_TOKEN_MASK  0x3fffu

void ump_end_init(struct ump_end *end, const struct ump_seat *seat, bool both_ways);

/** Send the capability of @p m, if it has one.  Enabled.  @return E_CAP_LOCAL; errors of caps->send */
err_t ump_send_cap(struct ump_end *end, const struct rpc_message *m);

/** Never waits.  @return E_RPC_CLOSED also if the peer left no room, and the end is dead then */
err_t ump_send(struct ump_end *end, uint32_t token, const struct rpc_message *m);

/** Take the next message; end->joined says whether its capability came.  @return E_CHANNEL_EMPTY; E_RPC_CLOSED, and
 *  the end is dead if it was not closed in good order */
err_t ump_receive(struct ump_end *end, uint32_t *token, struct rpc_message *m);

/** Look at the ring for seat.poll ticks, or until an event is posted that this program has not seen.  @return
 *  something is there */
bool ump_look(struct ump_end *end);

/** About to sleep.  @return something is there: do not */
bool ump_arm(struct ump_end *end);

/** Ask for the capability that is needed, if that was not done.  Enabled. */
void ump_fetch_cap(struct ump_end *end);

/** Count a reply.  @return false: it is no reply or nobody asked; the end is dead then */
bool ump_is_reply(struct ump_end *end, const struct rpc_message *m);

/** Make @p m the reply to a request numbered @p number that says @p err. */
static inline void ump_make_error(struct rpc_message *m, uint16_t number, err_t err)
{
    *m = (struct rpc_message){ .number = (uint16_t)((number & ~RPC_KEPT) | RPC_REPLY | RPC_ERROR), .length = 1,
                               .word = { err.trail } };
}

#endif
