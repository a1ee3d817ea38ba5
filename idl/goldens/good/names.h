/* Made by idlc from names.if: do not edit. */
/** @file names.h
 * Arguments that are called like things of the stubs: those give way. */
#ifndef STUBS_NAMES_H
#define STUBS_NAMES_H

#include <os/rpc.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define NAMES_FINGERPRINT 0x91fff02d2a2a4a9eull

enum names_message {
    NAMES_MESSAGE_CLIENT = 1,
    NAMES_MESSAGE_SERVER = 2,
    NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE = 3,
};

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t names_client(struct rpc_client *c__, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops);

err_t names_server(struct rpc_client *c, uint64_t ops, uint64_t session, uint64_t err, uint64_t word, uint64_t *m,
                   uint64_t *m_);

err_t names_a_rather_long_name_of_a_message(struct rpc_client *c, uint64_t the_first_of_the_arguments,
                                            int32_t the_second_of_the_arguments, uint64_t the_third_of_the_arguments,
                                            cptr_t capability, uint64_t *the_first_of_the_results);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void names_client_request(struct rpc_message *m_, uint64_t c, uint64_t m, uint64_t c_);
err_t names_client_result(struct rpc_message *m_, uint64_t *ops);
void names_server_request(struct rpc_message *m__, uint64_t ops, uint64_t session, uint64_t err, uint64_t word);
err_t names_server_result(struct rpc_message *m__, uint64_t *m, uint64_t *m_);
void names_a_rather_long_name_of_a_message_request(struct rpc_message *m, uint64_t the_first_of_the_arguments,
                                                   int32_t the_second_of_the_arguments,
                                                   uint64_t the_third_of_the_arguments, cptr_t capability);
err_t names_a_rather_long_name_of_a_message_result(struct rpc_message *m, uint64_t *the_first_of_the_results);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct names_ops {
    err_t (*client)(void *session, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops);
    void (*server)(void *session_, uint64_t ops, uint64_t session, uint64_t err, uint64_t word, uint64_t *m,
                   uint64_t *m_);
    err_t (*a_rather_long_name_of_a_message)(void *session, uint64_t the_first_of_the_arguments,
                                             int32_t the_second_of_the_arguments,
                                             uint64_t the_third_of_the_arguments, cptr_t capability,
                                             uint64_t *the_first_of_the_results);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void names_serve(const struct names_ops *ops, void *session, struct rpc_message *m);

#endif
