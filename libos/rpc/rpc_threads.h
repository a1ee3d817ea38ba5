/** @file rpc_threads.h  Calls of programs with threads: what LMP (client_threads.c) and UMP share; private to
 *  libos/rpc. */
#ifndef RPC_THREADS_H
#define RPC_THREADS_H

#include <os/event.h>
#include <os/rpc_lmp.h>

/* All disabled. */

/** End the call with the reply's token; if there is none, drop the capability at end.receive.  @p word may be the
 *  call's own. */
void rpc_give_reply(struct rpc_client *c, uint64_t tag, const uint64_t *word);

/** End all calls with @p end. */
void rpc_end_calls(struct rpc_client *c, enum err_code end);

/** Take @p call out of the list.  @return false: it is not there, so it has ended */
bool rpc_forget_call(struct rpc_client *c, const struct thread_call *call);

/** Over UMP, of a client with link: take what has come, and arm again if somebody waits. */
void rpc_ump_drain(struct rpc_client *c);

/** Over UMP: send the request in call->x and wait for the reply, which lies there then.  Disabled afterwards, too.
 * @return E_RPC_CLOSED; E_RPC_CANCELLED; errors of ump_cap_ops.send, and of a reply's capability that did not come */
err_t rpc_ump_exchange(struct rpc_client *c, struct thread_call *call);

#endif
