/* Made by idlc from caps.if: do not edit. */
/** @file caps.h  One capability in each direction */
#ifndef STUBS_CAPS_H
#define STUBS_CAPS_H

#include <os/binding.h>

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

struct caps_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void caps_copy_in_call__rx_method_fn(struct caps_binding *b, cptr_t a);
typedef void caps_copy_in_response__rx_method_fn(struct caps_binding *b, err_t err);
typedef void caps_give_in_call__rx_method_fn(struct caps_binding *b, uint32_t key, cptr_t a);
typedef void caps_give_in_response__rx_method_fn(struct caps_binding *b, err_t err);
typedef void caps_copy_out_call__rx_method_fn(struct caps_binding *b);
typedef void caps_copy_out_response__rx_method_fn(struct caps_binding *b, err_t err, caps_ram_t p);
typedef void caps_give_out_call__rx_method_fn(struct caps_binding *b, bool last);
typedef void caps_give_out_response__rx_method_fn(struct caps_binding *b, err_t err, cptr_t p, uint8_t left);
typedef void caps_both_call__rx_method_fn(struct caps_binding *b, cptr_t a);
typedef void caps_both_response__rx_method_fn(struct caps_binding *b, cptr_t p);

struct caps_rx_vtbl {
    caps_copy_in_call__rx_method_fn *copy_in_call;
    caps_copy_in_response__rx_method_fn *copy_in_response;
    caps_give_in_call__rx_method_fn *give_in_call;
    caps_give_in_response__rx_method_fn *give_in_response;
    caps_copy_out_call__rx_method_fn *copy_out_call;
    caps_copy_out_response__rx_method_fn *copy_out_response;
    caps_give_out_call__rx_method_fn *give_out_call;
    caps_give_out_response__rx_method_fn *give_out_response;
    caps_both_call__rx_method_fn *both_call;
    caps_both_response__rx_method_fn *both_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct caps_ops {
    err_t (*copy_in)(struct caps_binding *b, cptr_t a);
    err_t (*give_in)(struct caps_binding *b, uint32_t key, cptr_t a);
    err_t (*copy_out)(struct caps_binding *b, caps_ram_t *p);
    err_t (*give_out)(struct caps_binding *b, bool last, cptr_t *p, uint8_t *left);
    void (*both)(struct caps_binding *b, cptr_t a, cptr_t *p);
};

typedef void caps_error_handler_fn(struct caps_binding *b, err_t err);

struct caps_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; caps_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    caps_error_handler_fn *error_handler;
    struct caps_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct caps_ops *ops;
};

extern const struct binding_interface caps_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t caps_connect_fn(void *st, struct caps_binding *b);
typedef void caps_bind_continuation_fn(void *st, err_t err, struct caps_binding *b);

static inline err_t caps_export(void *st, idc_export_callback_fn *callback, caps_connect_fn *connect,
                                struct waitset *ws)
{
    return binding_export_async(&caps_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t caps_serve(const struct caps_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&caps_interface, ops, st, ws, iref);
}

static inline err_t caps_bind(iref_t iref, caps_bind_continuation_fn *continuation, void *st, struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&caps_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t caps_connect(iref_t iref, struct waitset *ws, struct caps_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&caps_interface, t, ws, 0, &common));
    *b = (struct caps_binding *)common;
    return OK;
}

static inline bool caps_can_send(struct caps_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t caps_register_send(struct caps_binding *b, struct waitset *ws, struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t caps_change_waitset(struct caps_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t caps_control(struct caps_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t caps_copy_in_call__tx(struct caps_binding *b, struct event_closure continuation, cptr_t a);

err_t caps_copy_in_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err);

err_t caps_give_in_call__tx(struct caps_binding *b, struct event_closure continuation, uint32_t key, cptr_t a);

err_t caps_give_in_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err);

err_t caps_copy_out_call__tx(struct caps_binding *b, struct event_closure continuation);

err_t caps_copy_out_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err, caps_ram_t p);

err_t caps_give_out_call__tx(struct caps_binding *b, struct event_closure continuation, bool last);

err_t caps_give_out_response__tx(struct caps_binding *b, struct event_closure continuation, err_t err, cptr_t p,
                                 uint8_t left);

err_t caps_both_call__tx(struct caps_binding *b, struct event_closure continuation, cptr_t a);

err_t caps_both_response__tx(struct caps_binding *b, struct event_closure continuation, cptr_t p);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t caps_rpc_copy_in(struct caps_binding *b, cptr_t a);
err_t caps_rpc_copy_in_start(struct caps_binding *b, struct rpc_future *future, cptr_t a);
err_t caps_rpc_copy_in_finish(struct rpc_future *future, uint64_t deadline);

err_t caps_rpc_give_in(struct caps_binding *b, uint32_t key, cptr_t a);
err_t caps_rpc_give_in_start(struct caps_binding *b, struct rpc_future *future, uint32_t key, cptr_t a);
err_t caps_rpc_give_in_finish(struct rpc_future *future, uint64_t deadline);

err_t caps_rpc_copy_out(struct caps_binding *b, caps_ram_t *p);
err_t caps_rpc_copy_out_start(struct caps_binding *b, struct rpc_future *future);
err_t caps_rpc_copy_out_finish(struct rpc_future *future, uint64_t deadline, caps_ram_t *p);

err_t caps_rpc_give_out(struct caps_binding *b, bool last, cptr_t *p, uint8_t *left);
err_t caps_rpc_give_out_start(struct caps_binding *b, struct rpc_future *future, bool last);
err_t caps_rpc_give_out_finish(struct rpc_future *future, uint64_t deadline, cptr_t *p, uint8_t *left);

err_t caps_rpc_both(struct caps_binding *b, cptr_t a, cptr_t *p);
err_t caps_rpc_both_start(struct caps_binding *b, struct rpc_future *future, cptr_t a);
err_t caps_rpc_both_finish(struct rpc_future *future, uint64_t deadline, cptr_t *p);

#endif
