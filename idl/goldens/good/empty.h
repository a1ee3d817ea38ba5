/* Made by idlc from empty.if: do not edit. */
/** @file empty.h */
#ifndef STUBS_EMPTY_H
#define STUBS_EMPTY_H

#include <os/rpc.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define EMPTY_FINGERPRINT 0x0ae257aaa1d4545aull

enum empty_message {
    EMPTY_MESSAGE_PING = 1,
    EMPTY_MESSAGE_FAIL = 2,
    EMPTY_MESSAGE_ADD = 3,
};

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t empty_ping(struct rpc_client *c);

err_t empty_fail(struct rpc_client *c);

err_t empty_add(struct rpc_client *c, uint64_t a, uint64_t b, uint64_t *sum);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void empty_ping_request(struct rpc_message *m);
err_t empty_ping_result(struct rpc_message *m);
void empty_fail_request(struct rpc_message *m);
err_t empty_fail_result(struct rpc_message *m);
void empty_add_request(struct rpc_message *m, uint64_t a, uint64_t b);
err_t empty_add_result(struct rpc_message *m, uint64_t *sum);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct empty_ops {
    void (*ping)(void *session);
    err_t (*fail)(void *session);
    void (*add)(void *session, uint64_t a, uint64_t b, uint64_t *sum);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void empty_serve(const struct empty_ops *ops, void *session, struct rpc_message *m);

#endif
