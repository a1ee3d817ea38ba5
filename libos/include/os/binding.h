/**
 * @file binding.h  Typed channels: what the stubs of all interfaces share, over any transport.  docs/idl.md: how to use
 * them.
 *
 * Life of a binding:  hello (client) or accept (server) -> open -> closed -> gone
 * Who binds sends the interface's fingerprint; who exports compares it, asks its connect function, and answers.  It is
 * closed when a side ends it, the peer dies, or the peer sends what does not fit; the error handler hears why, once,
 * and calls in flight end with that error.  It is gone when its owner says IDC_CONTROL_TEARDOWN.
 *
 * Threads: calls (rpcs) may be made from several threads.  Handlers of one binding run one after another, never on the
 * stack of a call that waits.  All else needs whatever order its users agree on.
 *
 * Memory: one outgoing message and one reply, one incoming message, BINDING_PARKED_MAX messages that came while a call
 * waited for something else; each of at most WIRE_WORDS_MAX words, or what the interface allows.  A server takes the
 * next call only when the reply to the last one is on its way, so a client that does not read stops itself and nobody
 * else.
 */
#ifndef OS_BINDING_H
#define OS_BINDING_H

#include <os/direct.h>
#include <os/rpc.h>
#include <os/transport.h>
#include <os/waitset.h>
#include <os/wire.h>

#define BINDING_CALLS_MAX  16u          /* unanswered calls, each side's count */
#define BINDING_PARKED_MAX 32u

enum idc_control { IDC_CONTROL_TEARDOWN, IDC_CONTROL_SET_SYNC, IDC_CONTROL_CLEAR_SYNC };

enum binding_role { BINDING_CLIENT, BINDING_SERVER };
enum binding_state { BINDING_HELLO, BINDING_ACCEPT, BINDING_OPEN, BINDING_CLOSED };

struct binding;
struct binding_export;

/** An interface: tables and typed calls, made by idlc. */
struct binding_interface {
    const char *name;
    uint64_t fingerprint;
    const struct wire_message *messages;    /**< [count] by number - 1: messages, and the calls of rpcs               */
    const struct wire_message *responses;   /**< [count]; number 0: not an rpc.  NULL: there are none                 */
    uint32_t count;
    uint32_t bytes;                         /**< of the typed binding                                                 */
    struct direct_table direct;             /**< for servers                                                          */
    bool (*report)(struct binding *b, err_t err);                               /**< false: no error handler          */
    err_t (*accepted)(const struct binding_export *e, struct binding *b);
    void (*bound)(void (*continuation)(void), void *st, err_t err, struct binding *b);
};

/** What somebody offers. */
struct binding_export {
    const struct binding_interface *interface;
    iref_t iref;
    void *st;
    const void *ops;                        /**< handlers that answer at once; NULL: none                             */
    void (*connect)(void);                  /**< the typed connect function; NULL: everybody is accepted              */
    struct waitset *waitset;
    void (*release)(struct binding_export *e);  /**< called when nobody uses it any more; NULL: nothing to do         */
    unsigned users;                         /**< the list, and bindings that are not accepted yet                     */
    struct binding_export *next;
};

/** A call under way.  It may be anywhere, and must stay there until it is finished or cancelled. */
struct rpc_future {
    struct binding *binding;
    const struct wire_message *response;
    struct wire_packet reply;
    struct waitset_chan ready;
    void *out;                              /**< where somebody waits for it; else NULL                               */
    err_t err;
    bool done, unpacked;                    /**< unpacked: to out, and reply is empty                                 */
    uint8_t index;                          /**< in binding.call                                                      */
};

/** A call that waits for its answer, or did: its token is used again only when the late answer has come. */
struct binding_call {
    enum { CALL_FREE, CALL_WAITING, CALL_EXPIRED } state;
    uint16_t generation;
    struct rpc_future *future;
};

/** A call that waits for our answer. */
struct binding_owed {
    uint16_t number, token;
};

struct binding_parked;

/** The typed binding of an interface begins with this one. */
struct binding {
    void *st;                               /**< the user's                                                           */
    /* under the events lock; D1 to D3 of os/direct.h */
    const void *direct;                     /**< messages may stay in registers.  Client: transport; server: waitset  */
    uint64_t under_way;                     /**< a call that does so, and nobody has come in since; 0: none.  Client: its
                                                 number and length; server, whose handler runs: its tag               */

    struct waitset *waitset;                /**< where handlers and continuations run; read only for users            */
    const struct binding_interface *interface;
    struct transport *transport;            /**< NULL: closed                                                         */
    enum binding_role role;
    enum binding_state state;
    err_t why;                              /**< closed                                                               */
    bool report_due, bound_due, torn, again, sync;
    bool serving;                           /**< the handler of a direct call runs, and somebody has come in since    */
    unsigned users;                         /**< functions that are inside; the last frees a torn binding             */
    struct events_mutex lock;
    struct binding_export *export;          /**< accept                                                               */
    void (*bound)(void);                    /**< hello: the typed continuation                                        */
    void *bound_st;

    struct waitset_chan run;                /**< frames, credit, trouble                                              */
    struct waitset_chan sent;               /**< the continuation of the message that was sent                        */
    struct waitset_chan writable;           /**< register_send                                                        */
    struct event_closure continuation;

    bool out_busy, out_served, reply_busy;  /**< out_served: capabilities that are not sent are dropped               */
    uint32_t out_head, reply_head, out_word, out_cap;
    struct wire_packet out, reply;

    bool in_started, in_complete;
    uint16_t in_token;
    uint32_t in_word, in_cap;
    struct wire_packet in;
    struct binding_parked *parked, *parked_last;
    unsigned parked_count;

    struct binding_call call[BINDING_CALLS_MAX];
    struct binding_owed owed[BINDING_CALLS_MAX];
    unsigned owed_count;
    struct rpc_future ordinary;             /**< of a direct call that has become one                                 */
    uint64_t timeout;                       /**< of blocking calls, in ticks of events_now(); 0: none                 */

    /* under the events lock */
    uint64_t news;                          /**< counts whatever a waiting call might wait for                        */
    struct thread_queue callers;
};

/* --- for the stubs --- */

/** Send a message.  What @p args points to has been copied when this returns, but slots of capabilities are used until
 *  @p continuation runs.
 * @return OK: it is sent, or will be as soon as the peer reads, and then the continuation runs on the waitset;
 *         E_TX_BUSY another one is not sent yet, or its continuation has not run; E_TOO_LONG; E_HEAP; E_BINDING_CAP;
 *         E_BINDING_CALL it is a response and nobody waits for one; E_RPC_CLOSED or why it closed */
err_t binding_transmit(struct binding *b, const struct wire_message *m, struct event_closure continuation,
                       const void *args);

/** Start a call.  Waits, as long as the binding's timeout, while BINDING_CALLS_MAX calls are under way or a message is
 *  half sent.  @return OK; E_TIMEOUT; errors of binding_transmit(), E_TX_BUSY excepted */
err_t binding_call_start(struct binding *b, struct rpc_future *f, const struct wire_message *call,
                         const struct wire_message *response, const void *in);

/** Wait for the answer until @p deadline, and unpack it.  The call is over in any case.
 * @return OK; the error in @p out, and then there is nothing else in it; E_TIMEOUT; E_RPC_CLOSED or why it closed */
err_t binding_call_finish(struct rpc_future *f, uint64_t deadline, void *out);

/** When a blocking call that starts now has to end. */
uint64_t binding_deadline(const struct binding *b);

/* --- for users --- */

bool binding_can_send(struct binding *b);

/** Run @p closure on @p ws when binding_can_send().  @return E_TX_BUSY: one is registered already; E_RPC_CLOSED */
err_t binding_register_send(struct binding *b, struct waitset *ws, struct event_closure closure);

/** @return E_BINDING_BUSY: a message is half sent or received, or a continuation has not run */
err_t binding_change_waitset(struct binding *b, struct waitset *ws);

/** IDC_CONTROL_SET_SYNC: from now on a message that was sent (not a call, whose caller waits anyway) gives the processor
 *  away, so that a receiver of this core and priority runs before the function returns, and so do all others that can.
 *  IDC_CONTROL_CLEAR_SYNC: no longer.  At first it is clear, and channels other than LMP know no difference.
 *  IDC_CONTROL_TEARDOWN: the peer is told, calls in flight end, the error handler is called unless it was before, and
 *  @p b is gone.  Of messages that are not sent, capabilities and continuations stay what they are. */
err_t binding_control(struct binding *b, enum idc_control control);

/** Let blocking calls of @p b end with E_TIMEOUT after @p ticks of events_now(); 0: never. */
void binding_set_timeout(struct binding *b, uint64_t ticks);

static inline bool rpc_future_done(const struct rpc_future *f)
{
    return __atomic_load_n(&f->done, __ATOMIC_ACQUIRE);
}

/** Run @p closure on @p ws when the answer is there.  @return E_WAITSET_STATE: that was said before */
err_t rpc_future_notify(struct rpc_future *f, struct waitset *ws, struct event_closure closure);

/** Forget the call; its answer will be dropped. */
void rpc_future_cancel(struct rpc_future *f);

/** Serve @p ws for ever: event_dispatch() in a loop, but for what that loop cannot know, that it will go on.  So an answer
 *  goes out in the system call that waits for the next call, if nothing else is to be done (os/direct.h).  To be called by
 *  a thread of a program whose endpoints all have a handler with `end` (os/event.h): a message for another one is lost.
 *  waitset_destroy() ends it, but does not wait for it: @p ws stays where it is until this has returned.
 * @return errors of get_next_event() */
err_t event_serve(struct waitset *ws);

/* --- export and bind --- */

/** Numbers above this one are of exports that only their own process knows; a published one (os/binding_lmp.h) has the
 *  monitor's. */
#define IREF_OWN (1ull << 63)

/** Offer what @p e says, which is filled in up to release, and stays where it is until that is called. */
iref_t binding_export(struct binding_export *e);

/** No more bindings; those that are there stay.  @return E_BINDING_EXPORT */
err_t binding_unexport(iref_t iref);

/** From now on the export @p iref is known as @p to, and as nothing else.  @p ws: where its bindings run.
 * @return E_BINDING_EXPORT */
err_t binding_rename(iref_t iref, iref_t to, struct waitset **ws);

/** A client has come for @p iref over @p t, which is the binding's from now on.  The monitor's side calls this.
 * @return E_BINDING_EXPORT, E_HEAP: @p t is closed */
err_t binding_accept(iref_t iref, struct transport *t);

/** Bind over @p t, which is the binding's from now on; @p bound, as a typed continuation, runs on @p ws.
 * @return E_HEAP: @p t is closed */
err_t binding_bind(const struct binding_interface *interface, struct transport *t, struct waitset *ws,
                   void (*bound)(void), void *st);

/** The same, and wait, @p timeout ticks at most (0: for ever).  @return E_HEAP, E_TIMEOUT, E_RPC_CLOSED, or what
 *  the server's side said */
err_t binding_connect(const struct binding_interface *interface, struct transport *t, struct waitset *ws,
                      uint64_t timeout, struct binding **b);

/** A channel to whoever exported @p iref: a loopback if it was this process, else what the connector finds.
 * @return E_BINDING_EXPORT, E_HEAP; the connector's */
err_t binding_reach(iref_t iref, struct transport **t);

/** How to reach exports of others.  NULL: there are none. */
void binding_set_connector(err_t (*reach)(iref_t iref, struct transport **t));

/** One call for all: export with handlers that answer at once. */
err_t binding_serve(const struct binding_interface *interface, const void *ops, void *st, struct waitset *ws,
                    iref_t *iref);

/** Tell the caller of the note's export function on its waitset. */
typedef void idc_export_callback_fn(void *st, err_t err, iref_t iref);
err_t binding_export_async(const struct binding_interface *interface, void *st, idc_export_callback_fn *callback,
                           void (*connect)(void), struct waitset *ws);

#endif
