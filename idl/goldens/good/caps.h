/* Made by idlc from caps.if: do not edit. */
/** @file caps.h  One capability in each direction */
#ifndef STUBS_CAPS_H
#define STUBS_CAPS_H

#include <os/rpc.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define CAPS_FINGERPRINT 0x65c3dec0d0aa7b58ull

enum caps_message {
    CAPS_MESSAGE_COPY_IN = 1,
    CAPS_MESSAGE_GIVE_IN = 2,
    CAPS_MESSAGE_COPY_OUT = 3,
    CAPS_MESSAGE_GIVE_OUT = 4,
    CAPS_MESSAGE_BOTH = 5,
};

typedef cptr_t caps_ram_t;

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t caps_copy_in(struct rpc_client *c, cptr_t a);

err_t caps_give_in(struct rpc_client *c, uint32_t key, cptr_t a);

err_t caps_copy_out(struct rpc_client *c, caps_ram_t *p);

err_t caps_give_out(struct rpc_client *c, bool last, cptr_t *p, uint8_t *left);

err_t caps_both(struct rpc_client *c, cptr_t a, cptr_t *p);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void caps_copy_in_request(struct rpc_message *m, cptr_t a);
err_t caps_copy_in_result(struct rpc_message *m);
void caps_give_in_request(struct rpc_message *m, uint32_t key, cptr_t a);
err_t caps_give_in_result(struct rpc_message *m);
void caps_copy_out_request(struct rpc_message *m);
err_t caps_copy_out_result(struct rpc_message *m, caps_ram_t *p);
void caps_give_out_request(struct rpc_message *m, bool last);
err_t caps_give_out_result(struct rpc_message *m, cptr_t *p, uint8_t *left);
void caps_both_request(struct rpc_message *m, cptr_t a);
err_t caps_both_result(struct rpc_message *m, cptr_t *p);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct caps_ops {
    err_t (*copy_in)(void *session, cptr_t a);
    err_t (*give_in)(void *session, uint32_t key, cptr_t a);
    err_t (*copy_out)(void *session, caps_ram_t *p);
    err_t (*give_out)(void *session, bool last, cptr_t *p, uint8_t *left);
    void (*both)(void *session, cptr_t a, cptr_t *p);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void caps_serve(const struct caps_ops *ops, void *session, struct rpc_message *m);

#endif
