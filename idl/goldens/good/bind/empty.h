/* Made by idlc from empty.if: do not edit. */
/** @file empty.h */
#ifndef STUBS_EMPTY_H
#define STUBS_EMPTY_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define EMPTY_FINGERPRINT 0x0ae257aaa1d4545aull

enum empty_message {
    EMPTY_MESSAGE_PING = 1,
    EMPTY_MESSAGE_FAIL = 2,
    EMPTY_MESSAGE_ADD = 3,
};

struct empty_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void empty_ping_call__rx_method_fn(struct empty_binding *b);
typedef void empty_ping_response__rx_method_fn(struct empty_binding *b);
typedef void empty_fail_call__rx_method_fn(struct empty_binding *b);
typedef void empty_fail_response__rx_method_fn(struct empty_binding *b, err_t err);
typedef void empty_add_call__rx_method_fn(struct empty_binding *b_, uint64_t a, uint64_t b);
typedef void empty_add_response__rx_method_fn(struct empty_binding *b_, uint64_t sum);

struct empty_rx_vtbl {
    empty_ping_call__rx_method_fn *ping_call;
    empty_ping_response__rx_method_fn *ping_response;
    empty_fail_call__rx_method_fn *fail_call;
    empty_fail_response__rx_method_fn *fail_response;
    empty_add_call__rx_method_fn *add_call;
    empty_add_response__rx_method_fn *add_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct empty_ops {
    void (*ping)(struct empty_binding *b);
    err_t (*fail)(struct empty_binding *b);
    void (*add)(struct empty_binding *b_, uint64_t a, uint64_t b, uint64_t *sum);
};

typedef void empty_error_handler_fn(struct empty_binding *b, err_t err);

struct empty_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; empty_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    empty_error_handler_fn *error_handler;
    struct empty_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct empty_ops *ops;
};

extern const struct binding_interface empty_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t empty_connect_fn(void *st, struct empty_binding *b);
typedef void empty_bind_continuation_fn(void *st, err_t err, struct empty_binding *b);

static inline err_t empty_export(void *st, idc_export_callback_fn *callback, empty_connect_fn *connect,
                                 struct waitset *ws)
{
    return binding_export_async(&empty_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t empty_serve(const struct empty_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&empty_interface, ops, st, ws, iref);
}

static inline err_t empty_bind(iref_t iref, empty_bind_continuation_fn *continuation, void *st, struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&empty_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t empty_connect(iref_t iref, struct waitset *ws, struct empty_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&empty_interface, t, ws, 0, &common));
    *b = (struct empty_binding *)common;
    return OK;
}

static inline bool empty_can_send(struct empty_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t empty_register_send(struct empty_binding *b, struct waitset *ws, struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t empty_change_waitset(struct empty_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t empty_control(struct empty_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t empty_ping_call__tx(struct empty_binding *b, struct event_closure continuation);

err_t empty_ping_response__tx(struct empty_binding *b, struct event_closure continuation);

err_t empty_fail_call__tx(struct empty_binding *b, struct event_closure continuation);

err_t empty_fail_response__tx(struct empty_binding *b, struct event_closure continuation, err_t err);

err_t empty_add_call__tx(struct empty_binding *b_, struct event_closure continuation, uint64_t a, uint64_t b);

err_t empty_add_response__tx(struct empty_binding *b_, struct event_closure continuation, uint64_t sum);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t empty_rpc_ping(struct empty_binding *b);
err_t empty_rpc_ping_start(struct empty_binding *b, struct rpc_future *future);
err_t empty_rpc_ping_finish(struct rpc_future *future, uint64_t deadline);

err_t empty_rpc_fail(struct empty_binding *b);
err_t empty_rpc_fail_start(struct empty_binding *b, struct rpc_future *future);
err_t empty_rpc_fail_finish(struct rpc_future *future, uint64_t deadline);

err_t empty_rpc_add(struct empty_binding *b_, uint64_t a, uint64_t b, uint64_t *sum);
err_t empty_rpc_add_start(struct empty_binding *b_, struct rpc_future *future, uint64_t a, uint64_t b);
err_t empty_rpc_add_finish(struct rpc_future *future, uint64_t deadline, uint64_t *sum);

#endif
