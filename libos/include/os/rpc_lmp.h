/**
 * @file rpc_lmp.h  RPC over LMP for programs with one thread: what the no-heap stubs (os/rpc.h) run on.
 *
 * A binding is two endpoints; each side holds a send capability to the other's.  A request carries a token and the reply
 * brings it back, so a late reply is dropped.  A client has one request under way, so a ring of one slot is never full on
 * either side: whoever finds a full ring is dealing with a peer that breaks the protocol, and ends the binding.
 *
 * The tag (shoal/syscall.h) holds length and capability flags, number << 8, token << 24.
 */
#ifndef OS_RPC_LMP_H
#define OS_RPC_LMP_H

#include <os/lmp.h>
#include <os/rpc.h>

struct rpc_client {
    struct lmp_end end;
    uint32_t token;         /**< of the latest request                                                                */
    cptr_t cap_slot;        /**< empty slot to which the next received capability is moved; CPTR_NULL: it stays where it
                                 arrived, and must be gone from there before the next call                            */
};

/* err_t rpc_call(struct rpc_client *, struct rpc_message *), os/rpc.h:
 * @return OK; E_RPC_CLOSED the server is gone, now or before; errors of sys_xfer for what was to be sent; errors of
 *         cap_move for what came.  After an error of the transport m is not a reply.  Waits; events other than the
 *         reply stay in the bitmap. */

struct rpc_session {
    struct lmp_end end;
    void (*serve)(struct rpc_session *session, struct rpc_message *message);  /**< makes the reply of the request     */
    void (*closed)(struct rpc_session *session);    /**< the client is gone; end is not used afterwards               */
    void *state;                                    /**< of the server                                                */
};

/** Sessions of one server, by the event id of their endpoints. */
struct rpc_server {
    struct rpc_session **session;   /**< [events]; NULL: none; the array is the caller's and may be replaced by a larger
                                         one between calls of rpc_server_step()                                       */
    uint64_t events;
};

/** Answer with @p reply (of @p to; NULL: nothing is owed), then wait for a request and let its session make the reply.
 * The heart of a server's loop:  for (;;) rpc_server_step(&server, &pending);
 * @p pending holds what is owed between two calls; all zero at first.
 * A request that does not come in registers is answered before the call returns.  A client that cannot be answered, or
 * sends what is no request, is closed. */
struct rpc_pending {
    struct rpc_session *to;
    uint64_t tag;
    struct rpc_message reply;
};
void rpc_server_step(struct rpc_server *server, struct rpc_pending *pending);

#endif
