/** @file server_internal.h  Between server.c and server_threads.c. */
#ifndef RPC_SERVER_INTERNAL_H
#define RPC_SERVER_INTERNAL_H

#include <os/rpc_lmp.h>

/** Send what is owed, without waiting. */
void rpc_server_answer(struct rpc_server *server, struct rpc_pending *pending);

/** Serve all that has come for the event. */
void rpc_server_drain(struct rpc_server *server, uint64_t event);

/** The step of a program with threads.  @return false: they have not been started, and nothing was done.  NULL in programs without
 *  threads.  A constant for the reason that os_rpc_threads is one. */
extern bool (*const os_rpc_server_threads)(struct rpc_server *server, struct rpc_pending *pending);

/** client_threads.c refers to it, so that whoever links the one links the other. */
extern const char os_rpc_server_threads_here;

#endif
