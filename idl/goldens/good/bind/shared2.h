/* Made by idlc from shared2.if: do not edit. */
/** @file shared2.h  The same types in another interface */
#ifndef STUBS_SHARED2_H
#define STUBS_SHARED2_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define SHARED2_FINGERPRINT 0x21e005ecff3133cfull

enum shared2_message {
    SHARED2_MESSAGE_WRITE = 1,
};

/* Types of units.if, which other interfaces may use too. */
#ifndef STUBS_TYPES_UNITS
#define STUBS_TYPES_UNITS

/** Where a number comes from. */
typedef enum {
    /** since the system started */
    UNITS_UNIT_SECONDS,
    /** of this core */
    UNITS_UNIT_INSTRUCTIONS,
} units_unit_t;

typedef uint32_t units_sample_t;

typedef struct {
    units_unit_t what;
    char *label;
    units_sample_t *values;
    size_t values_length;
} units_series_t;

typedef units_sample_t units_window_t[16];

#endif

struct shared2_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void shared2_write_call__rx_method_fn(struct shared2_binding *b, units_sample_t value, units_unit_t what);
typedef void shared2_write_response__rx_method_fn(struct shared2_binding *b, err_t err);

struct shared2_rx_vtbl {
    shared2_write_call__rx_method_fn *write_call;
    shared2_write_response__rx_method_fn *write_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct shared2_ops {
    err_t (*write)(struct shared2_binding *b, units_sample_t value, units_unit_t what);
};

typedef void shared2_error_handler_fn(struct shared2_binding *b, err_t err);

struct shared2_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; shared2_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    shared2_error_handler_fn *error_handler;
    struct shared2_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct shared2_ops *ops;
};

extern const struct binding_interface shared2_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t shared2_connect_fn(void *st, struct shared2_binding *b);
typedef void shared2_bind_continuation_fn(void *st, err_t err, struct shared2_binding *b);

static inline err_t shared2_export(void *st, idc_export_callback_fn *callback, shared2_connect_fn *connect,
                                   struct waitset *ws)
{
    return binding_export_async(&shared2_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t shared2_serve(const struct shared2_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&shared2_interface, ops, st, ws, iref);
}

static inline err_t shared2_bind(iref_t iref, shared2_bind_continuation_fn *continuation, void *st,
                                 struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&shared2_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t shared2_connect(iref_t iref, struct waitset *ws, struct shared2_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&shared2_interface, t, ws, 0, &common));
    *b = (struct shared2_binding *)common;
    return OK;
}

static inline bool shared2_can_send(struct shared2_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t shared2_register_send(struct shared2_binding *b, struct waitset *ws,
                                          struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t shared2_change_waitset(struct shared2_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t shared2_control(struct shared2_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t shared2_write_call__tx(struct shared2_binding *b, struct event_closure continuation, units_sample_t value,
                             units_unit_t what);

err_t shared2_write_response__tx(struct shared2_binding *b, struct event_closure continuation, err_t err);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t shared2_rpc_write(struct shared2_binding *b, units_sample_t value, units_unit_t what);
err_t shared2_rpc_write_start(struct shared2_binding *b, struct rpc_future *future, units_sample_t value,
                              units_unit_t what);
err_t shared2_rpc_write_finish(struct rpc_future *future, uint64_t deadline);

#endif
