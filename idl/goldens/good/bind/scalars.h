/* Made by idlc from scalars.if: do not edit. */
/** @file scalars.h  Every scalar
 * Every scalar type, in each direction. */
#ifndef STUBS_SCALARS_H
#define STUBS_SCALARS_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define SCALARS_FINGERPRINT 0xaf0f8382e7c4abc0ull

enum scalars_message {
    SCALARS_MESSAGE_NARROW = 1,
    SCALARS_MESSAGE_WIDE = 2,
    SCALARS_MESSAGE_NAMED = 3,
    SCALARS_MESSAGE_MIXED = 4,
};

typedef enum {
    SCALARS_COLOUR_RED,
    SCALARS_COLOUR_GREEN,
    SCALARS_COLOUR_BLUE,
} scalars_colour_t;

typedef enum {
    SCALARS_SINGLE_ONLY,
} scalars_single_t;

typedef scalars_colour_t scalars_hue_t;

typedef uint32_t scalars_pid_t;

typedef err_t scalars_verdict_t;

struct scalars_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void scalars_narrow_call__rx_method_fn(struct scalars_binding *b_, bool a, char b, int8_t c, int16_t d,
                                               uint8_t e, uint16_t f, scalars_colour_t g, scalars_single_t h);
typedef void scalars_narrow_response__rx_method_fn(struct scalars_binding *b_, err_t err, bool p, char q, int8_t r,
                                                   int16_t s, uint8_t t, uint16_t u, scalars_colour_t v,
                                                   scalars_single_t w);
typedef void scalars_wide_call__rx_method_fn(struct scalars_binding *b_, int a, int32_t b, int64_t c, uint32_t d,
                                             uint64_t e, intptr_t f, uintptr_t g, size_t h);
typedef void scalars_wide_response__rx_method_fn(struct scalars_binding *b_, err_t err, int p, int32_t q, int64_t r,
                                                 uint32_t s, uint64_t t, intptr_t u, uintptr_t v, size_t w);
typedef void scalars_named_call__rx_method_fn(struct scalars_binding *b_, scalars_hue_t a, scalars_pid_t b,
                                              uint64_t c, scalars_verdict_t d, err_t e, iref_t f);
typedef void scalars_named_response__rx_method_fn(struct scalars_binding *b_, scalars_hue_t p, scalars_pid_t q,
                                                  uint64_t r, scalars_verdict_t s, err_t t, iref_t u);
typedef void scalars_mixed_call__rx_method_fn(struct scalars_binding *b_, uint8_t a, int8_t b);
typedef void scalars_mixed_response__rx_method_fn(struct scalars_binding *b_, scalars_verdict_t err, uint8_t p,
                                                  int8_t q);

struct scalars_rx_vtbl {
    scalars_narrow_call__rx_method_fn *narrow_call;
    scalars_narrow_response__rx_method_fn *narrow_response;
    scalars_wide_call__rx_method_fn *wide_call;
    scalars_wide_response__rx_method_fn *wide_response;
    scalars_named_call__rx_method_fn *named_call;
    scalars_named_response__rx_method_fn *named_response;
    scalars_mixed_call__rx_method_fn *mixed_call;
    scalars_mixed_response__rx_method_fn *mixed_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct scalars_ops {
    err_t (*narrow)(struct scalars_binding *b_, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                    scalars_colour_t g, scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t,
                    uint16_t *u, scalars_colour_t *v, scalars_single_t *w);
    err_t (*wide)(struct scalars_binding *b_, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                  uintptr_t g, size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u,
                  uintptr_t *v, size_t *w);
    void (*named)(struct scalars_binding *b_, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d,
                  err_t e, iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s, err_t *t,
                  iref_t *u);
    err_t (*mixed)(struct scalars_binding *b_, uint8_t a, int8_t b, uint8_t *p, int8_t *q);
};

typedef void scalars_error_handler_fn(struct scalars_binding *b, err_t err);

struct scalars_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; scalars_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    scalars_error_handler_fn *error_handler;
    struct scalars_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct scalars_ops *ops;
};

extern const struct binding_interface scalars_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t scalars_connect_fn(void *st, struct scalars_binding *b);
typedef void scalars_bind_continuation_fn(void *st, err_t err, struct scalars_binding *b);

static inline err_t scalars_export(void *st, idc_export_callback_fn *callback, scalars_connect_fn *connect,
                                   struct waitset *ws)
{
    return binding_export_async(&scalars_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t scalars_serve(const struct scalars_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&scalars_interface, ops, st, ws, iref);
}

static inline err_t scalars_bind(iref_t iref, scalars_bind_continuation_fn *continuation, void *st,
                                 struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&scalars_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t scalars_connect(iref_t iref, struct waitset *ws, struct scalars_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&scalars_interface, t, ws, 0, &common));
    *b = (struct scalars_binding *)common;
    return OK;
}

static inline bool scalars_can_send(struct scalars_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t scalars_register_send(struct scalars_binding *b, struct waitset *ws,
                                          struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t scalars_change_waitset(struct scalars_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t scalars_control(struct scalars_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t scalars_narrow_call__tx(struct scalars_binding *b_, struct event_closure continuation, bool a, char b,
                              int8_t c, int16_t d, uint8_t e, uint16_t f, scalars_colour_t g, scalars_single_t h);

err_t scalars_narrow_response__tx(struct scalars_binding *b_, struct event_closure continuation, err_t err, bool p,
                                  char q, int8_t r, int16_t s, uint8_t t, uint16_t u, scalars_colour_t v,
                                  scalars_single_t w);

err_t scalars_wide_call__tx(struct scalars_binding *b_, struct event_closure continuation, int a, int32_t b,
                            int64_t c, uint32_t d, uint64_t e, intptr_t f, uintptr_t g, size_t h);

err_t scalars_wide_response__tx(struct scalars_binding *b_, struct event_closure continuation, err_t err, int p,
                                int32_t q, int64_t r, uint32_t s, uint64_t t, intptr_t u, uintptr_t v, size_t w);

/** Names of types, and an error that is not the first thing to come back. */
err_t scalars_named_call__tx(struct scalars_binding *b_, struct event_closure continuation, scalars_hue_t a,
                             scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e, iref_t f);

/** Names of types, and an error that is not the first thing to come back. */
err_t scalars_named_response__tx(struct scalars_binding *b_, struct event_closure continuation, scalars_hue_t p,
                                 scalars_pid_t q, uint64_t r, scalars_verdict_t s, err_t t, iref_t u);

/** Directions in any order; the error is what the function returns wherever it stands. */
err_t scalars_mixed_call__tx(struct scalars_binding *b_, struct event_closure continuation, uint8_t a, int8_t b);

/** Directions in any order; the error is what the function returns wherever it stands. */
err_t scalars_mixed_response__tx(struct scalars_binding *b_, struct event_closure continuation,
                                 scalars_verdict_t err, uint8_t p, int8_t q);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t scalars_rpc_narrow(struct scalars_binding *b_, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                         scalars_colour_t g, scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t,
                         uint16_t *u, scalars_colour_t *v, scalars_single_t *w);
err_t scalars_rpc_narrow_start(struct scalars_binding *b_, struct rpc_future *future, bool a, char b, int8_t c,
                               int16_t d, uint8_t e, uint16_t f, scalars_colour_t g, scalars_single_t h);
err_t scalars_rpc_narrow_finish(struct rpc_future *future, uint64_t deadline, bool *p, char *q, int8_t *r,
                                int16_t *s, uint8_t *t, uint16_t *u, scalars_colour_t *v, scalars_single_t *w);

err_t scalars_rpc_wide(struct scalars_binding *b_, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                       uintptr_t g, size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u,
                       uintptr_t *v, size_t *w);
err_t scalars_rpc_wide_start(struct scalars_binding *b_, struct rpc_future *future, int a, int32_t b, int64_t c,
                             uint32_t d, uint64_t e, intptr_t f, uintptr_t g, size_t h);
err_t scalars_rpc_wide_finish(struct rpc_future *future, uint64_t deadline, int *p, int32_t *q, int64_t *r,
                              uint32_t *s, uint64_t *t, intptr_t *u, uintptr_t *v, size_t *w);

/** Names of types, and an error that is not the first thing to come back. */
err_t scalars_rpc_named(struct scalars_binding *b_, scalars_hue_t a, scalars_pid_t b, uint64_t c,
                        scalars_verdict_t d, err_t e, iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r,
                        scalars_verdict_t *s, err_t *t, iref_t *u);
err_t scalars_rpc_named_start(struct scalars_binding *b_, struct rpc_future *future, scalars_hue_t a,
                              scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e, iref_t f);
err_t scalars_rpc_named_finish(struct rpc_future *future, uint64_t deadline, scalars_hue_t *p, scalars_pid_t *q,
                               uint64_t *r, scalars_verdict_t *s, err_t *t, iref_t *u);

/** Directions in any order; the error is what the function returns wherever it stands. */
err_t scalars_rpc_mixed(struct scalars_binding *b_, uint8_t a, int8_t b, uint8_t *p, int8_t *q);
err_t scalars_rpc_mixed_start(struct scalars_binding *b_, struct rpc_future *future, uint8_t a, int8_t b);
err_t scalars_rpc_mixed_finish(struct rpc_future *future, uint64_t deadline, uint8_t *p, int8_t *q);

#endif
