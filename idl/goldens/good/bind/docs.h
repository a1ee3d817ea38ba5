/* Made by idlc from docs.if: do not edit. */
/** @file docs.h  What becomes of comments
 * The interface
 *
 * in two paragraphs.
 * And a line behind the context. */
#ifndef STUBS_DOCS_H
#define STUBS_DOCS_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define DOCS_FINGERPRINT 0x6c63aeb63f61c2c6ull

enum docs_message {
    DOCS_MESSAGE_PAINT = 1,
    DOCS_MESSAGE_PEEK = 2,
    DOCS_MESSAGE_STOP = 3,
};

/** A colour.
 * Second line. */
typedef enum {
    /** like blood */
    DOCS_COLOUR_RED,
    /** like grass */
    DOCS_COLOUR_GREEN,
    /** like the sky,
     * by day */
    DOCS_COLOUR_BLUE,
} docs_colour_t;

struct docs_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void docs_paint_call__rx_method_fn(struct docs_binding *b, docs_colour_t shade, uint64_t litres);
typedef void docs_paint_response__rx_method_fn(struct docs_binding *b, err_t err, uint64_t left);
typedef void docs_peek_call__rx_method_fn(struct docs_binding *b);
typedef void docs_peek_response__rx_method_fn(struct docs_binding *b, uint64_t left);
typedef void docs_stop_call__rx_method_fn(struct docs_binding *b);
typedef void docs_stop_response__rx_method_fn(struct docs_binding *b);

struct docs_rx_vtbl {
    docs_paint_call__rx_method_fn *paint_call;
    docs_paint_response__rx_method_fn *paint_response;
    docs_peek_call__rx_method_fn *peek_call;
    docs_peek_response__rx_method_fn *peek_response;
    docs_stop_call__rx_method_fn *stop_call;
    docs_stop_response__rx_method_fn *stop_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct docs_ops {
    err_t (*paint)(struct docs_binding *b, docs_colour_t shade, uint64_t litres, uint64_t *left);
    void (*peek)(struct docs_binding *b, uint64_t *left);
    void (*stop)(struct docs_binding *b);
};

typedef void docs_error_handler_fn(struct docs_binding *b, err_t err);

struct docs_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; docs_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    docs_error_handler_fn *error_handler;
    struct docs_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct docs_ops *ops;
};

extern const struct binding_interface docs_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t docs_connect_fn(void *st, struct docs_binding *b);
typedef void docs_bind_continuation_fn(void *st, err_t err, struct docs_binding *b);

static inline err_t docs_export(void *st, idc_export_callback_fn *callback, docs_connect_fn *connect,
                                struct waitset *ws)
{
    return binding_export_async(&docs_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t docs_serve(const struct docs_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&docs_interface, ops, st, ws, iref);
}

static inline err_t docs_bind(iref_t iref, docs_bind_continuation_fn *continuation, void *st, struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&docs_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t docs_connect(iref_t iref, struct waitset *ws, struct docs_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&docs_interface, t, ws, 0, &common));
    *b = (struct docs_binding *)common;
    return OK;
}

static inline bool docs_can_send(struct docs_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t docs_register_send(struct docs_binding *b, struct waitset *ws, struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t docs_change_waitset(struct docs_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t docs_control(struct docs_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

/** Ends a comment early:
 * * / not here / * nor here
 * @param shade  what it shall be
 * @param litres  how much of it,
 *         in litres */
err_t docs_paint_call__tx(struct docs_binding *b, struct event_closure continuation, docs_colour_t shade,
                          uint64_t litres);

/** Ends a comment early:
 * * / not here / * nor here
 * @param left  litres */
err_t docs_paint_response__tx(struct docs_binding *b, struct event_closure continuation, err_t err, uint64_t left);

/** Behind a short one:
 * litres */
err_t docs_peek_call__tx(struct docs_binding *b, struct event_closure continuation);

/** Behind a short one:
 * litres */
err_t docs_peek_response__tx(struct docs_binding *b, struct event_closure continuation, uint64_t left);

err_t docs_stop_call__tx(struct docs_binding *b, struct event_closure continuation);

err_t docs_stop_response__tx(struct docs_binding *b, struct event_closure continuation);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

/** Ends a comment early:
 * * / not here / * nor here
 * @param shade  what it shall be
 * @param litres  how much of it,
 *         in litres
 * @param left  litres
 * @return E_ARG: no such colour */
err_t docs_rpc_paint(struct docs_binding *b, docs_colour_t shade, uint64_t litres, uint64_t *left);
err_t docs_rpc_paint_start(struct docs_binding *b, struct rpc_future *future, docs_colour_t shade, uint64_t litres);
err_t docs_rpc_paint_finish(struct rpc_future *future, uint64_t deadline, uint64_t *left);

/** Behind a short one:
 * litres */
err_t docs_rpc_peek(struct docs_binding *b, uint64_t *left);
err_t docs_rpc_peek_start(struct docs_binding *b, struct rpc_future *future);
err_t docs_rpc_peek_finish(struct rpc_future *future, uint64_t deadline, uint64_t *left);

err_t docs_rpc_stop(struct docs_binding *b);
err_t docs_rpc_stop_start(struct docs_binding *b, struct rpc_future *future);
err_t docs_rpc_stop_finish(struct rpc_future *future, uint64_t deadline);

#endif
