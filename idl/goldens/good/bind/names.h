/* Made by idlc from names.if: do not edit. */
/** @file names.h
 * Arguments that are called like things of the stubs: those give way. */
#ifndef STUBS_NAMES_H
#define STUBS_NAMES_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define NAMES_FINGERPRINT 0x91fff02d2a2a4a9eull

enum names_message {
    NAMES_MESSAGE_CLIENT = 1,
    NAMES_MESSAGE_SERVER = 2,
    NAMES_MESSAGE_A_RATHER_LONG_NAME_OF_A_MESSAGE = 3,
};

struct names_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void names_client_call__rx_method_fn(struct names_binding *b, uint64_t c, uint64_t m, uint64_t c_);
typedef void names_client_response__rx_method_fn(struct names_binding *b, err_t err, uint64_t ops);
typedef void names_server_call__rx_method_fn(struct names_binding *b, uint64_t ops, uint64_t session, uint64_t err,
                                             uint64_t word);
typedef void names_server_response__rx_method_fn(struct names_binding *b, uint64_t m, uint64_t m_);
typedef void names_a_rather_long_name_of_a_message_call__rx_method_fn(struct names_binding *b,
                                                                      uint64_t the_first_of_the_arguments,
                                                                      int32_t the_second_of_the_arguments,
                                                                      uint64_t the_third_of_the_arguments,
                                                                      cptr_t capability);
typedef void names_a_rather_long_name_of_a_message_response__rx_method_fn(struct names_binding *b, err_t result,
                                                                          uint64_t the_first_of_the_results);

struct names_rx_vtbl {
    names_client_call__rx_method_fn *client_call;
    names_client_response__rx_method_fn *client_response;
    names_server_call__rx_method_fn *server_call;
    names_server_response__rx_method_fn *server_response;
    names_a_rather_long_name_of_a_message_call__rx_method_fn *a_rather_long_name_of_a_message_call;
    names_a_rather_long_name_of_a_message_response__rx_method_fn *a_rather_long_name_of_a_message_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct names_ops {
    err_t (*client)(struct names_binding *b, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops);
    void (*server)(struct names_binding *b, uint64_t ops, uint64_t session, uint64_t err, uint64_t word, uint64_t *m,
                   uint64_t *m_);
    err_t (*a_rather_long_name_of_a_message)(struct names_binding *b, uint64_t the_first_of_the_arguments,
                                             int32_t the_second_of_the_arguments,
                                             uint64_t the_third_of_the_arguments, cptr_t capability,
                                             uint64_t *the_first_of_the_results);
};

typedef void names_error_handler_fn(struct names_binding *b, err_t err);

struct names_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; names_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    names_error_handler_fn *error_handler;
    struct names_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct names_ops *ops;
};

extern const struct binding_interface names_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t names_connect_fn(void *st, struct names_binding *b);
typedef void names_bind_continuation_fn(void *st, err_t err, struct names_binding *b);

static inline err_t names_export(void *st, idc_export_callback_fn *callback, names_connect_fn *connect,
                                 struct waitset *ws)
{
    return binding_export_async(&names_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t names_serve(const struct names_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&names_interface, ops, st, ws, iref);
}

static inline err_t names_bind(iref_t iref, names_bind_continuation_fn *continuation, void *st, struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&names_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t names_connect(iref_t iref, struct waitset *ws, struct names_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&names_interface, t, ws, 0, &common));
    *b = (struct names_binding *)common;
    return OK;
}

static inline bool names_can_send(struct names_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t names_register_send(struct names_binding *b, struct waitset *ws, struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t names_change_waitset(struct names_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t names_control(struct names_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t names_client_call__tx(struct names_binding *b, struct event_closure continuation, uint64_t c, uint64_t m,
                            uint64_t c_);

err_t names_client_response__tx(struct names_binding *b, struct event_closure continuation, err_t err, uint64_t ops);

err_t names_server_call__tx(struct names_binding *b, struct event_closure continuation, uint64_t ops,
                            uint64_t session, uint64_t err, uint64_t word);

err_t names_server_response__tx(struct names_binding *b, struct event_closure continuation, uint64_t m, uint64_t m_);

err_t names_a_rather_long_name_of_a_message_call__tx(struct names_binding *b, struct event_closure continuation,
                                                     uint64_t the_first_of_the_arguments,
                                                     int32_t the_second_of_the_arguments,
                                                     uint64_t the_third_of_the_arguments, cptr_t capability);

err_t names_a_rather_long_name_of_a_message_response__tx(struct names_binding *b, struct event_closure continuation,
                                                         err_t result, uint64_t the_first_of_the_results);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t names_rpc_client(struct names_binding *b, uint64_t c, uint64_t m, uint64_t c_, uint64_t *ops);
err_t names_rpc_client_start(struct names_binding *b, struct rpc_future *future, uint64_t c, uint64_t m, uint64_t c_);
err_t names_rpc_client_finish(struct rpc_future *future, uint64_t deadline, uint64_t *ops);

err_t names_rpc_server(struct names_binding *b, uint64_t ops, uint64_t session, uint64_t err, uint64_t word,
                       uint64_t *m, uint64_t *m_);
err_t names_rpc_server_start(struct names_binding *b, struct rpc_future *future, uint64_t ops, uint64_t session,
                             uint64_t err, uint64_t word);
err_t names_rpc_server_finish(struct rpc_future *future, uint64_t deadline, uint64_t *m, uint64_t *m_);

err_t names_rpc_a_rather_long_name_of_a_message(struct names_binding *b, uint64_t the_first_of_the_arguments,
                                                int32_t the_second_of_the_arguments,
                                                uint64_t the_third_of_the_arguments, cptr_t capability,
                                                uint64_t *the_first_of_the_results);
err_t names_rpc_a_rather_long_name_of_a_message_start(struct names_binding *b, struct rpc_future *future,
                                                      uint64_t the_first_of_the_arguments,
                                                      int32_t the_second_of_the_arguments,
                                                      uint64_t the_third_of_the_arguments, cptr_t capability);
err_t names_rpc_a_rather_long_name_of_a_message_finish(struct rpc_future *future, uint64_t deadline,
                                                       uint64_t *the_first_of_the_results);

#endif
