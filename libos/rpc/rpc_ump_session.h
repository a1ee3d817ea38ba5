/** @file rpc_ump_session.h  What the halves of a session over UMP know of each other; private to libos/rpc. */
#ifndef RPC_UMP_SESSION_H
#define RPC_UMP_SESSION_H

#include <os/rpc_ump.h>

/** Of a session with link. */
static inline struct ump_session *rpc_ump_session(const struct rpc_session *s)
{
    return (struct ump_session *)s->link;
}

/** Let the server look at it in the next step; without effect if it does, or the session has left. */
void rpc_ump_activate(struct ump_session *u);

err_t rpc_ump_post_single(struct rpc_session *session, struct rpc_message *m);

/** The reply @p m has come.  @return false: nobody asked */
bool rpc_ump_take_answer(struct ump_session *u, uint32_t token, struct rpc_message *m);

/** Tell who posted what could not be sent.  @return there was some */
bool rpc_ump_deliver_failed(struct ump_session *u);

#endif
