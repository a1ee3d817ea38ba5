/* Made by idlc from shared.if: do not edit. */
/** @file shared.h  Types from an import */
#ifndef STUBS_SHARED_H
#define STUBS_SHARED_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define SHARED_FINGERPRINT 0x64c59f938ed36db2ull

enum shared_message {
    SHARED_MESSAGE_READ = 1,
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

typedef units_unit_t shared_unit_or_none_t;

struct shared_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void shared_read_call__rx_method_fn(struct shared_binding *b, units_unit_t what, uint64_t skip);
typedef void shared_read_response__rx_method_fn(struct shared_binding *b, err_t err, units_sample_t value,
                                                shared_unit_or_none_t next);

struct shared_rx_vtbl {
    shared_read_call__rx_method_fn *read_call;
    shared_read_response__rx_method_fn *read_response;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct shared_ops {
    err_t (*read)(struct shared_binding *b, units_unit_t what, uint64_t skip, units_sample_t *value,
                  shared_unit_or_none_t *next);
};

typedef void shared_error_handler_fn(struct shared_binding *b, err_t err);

struct shared_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; shared_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    shared_error_handler_fn *error_handler;
    struct shared_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct shared_ops *ops;
};

extern const struct binding_interface shared_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t shared_connect_fn(void *st, struct shared_binding *b);
typedef void shared_bind_continuation_fn(void *st, err_t err, struct shared_binding *b);

static inline err_t shared_export(void *st, idc_export_callback_fn *callback, shared_connect_fn *connect,
                                  struct waitset *ws)
{
    return binding_export_async(&shared_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t shared_serve(const struct shared_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&shared_interface, ops, st, ws, iref);
}

static inline err_t shared_bind(iref_t iref, shared_bind_continuation_fn *continuation, void *st, struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&shared_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t shared_connect(iref_t iref, struct waitset *ws, struct shared_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&shared_interface, t, ws, 0, &common));
    *b = (struct shared_binding *)common;
    return OK;
}

static inline bool shared_can_send(struct shared_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t shared_register_send(struct shared_binding *b, struct waitset *ws, struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t shared_change_waitset(struct shared_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t shared_control(struct shared_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t shared_read_call__tx(struct shared_binding *b, struct event_closure continuation, units_unit_t what,
                           uint64_t skip);

err_t shared_read_response__tx(struct shared_binding *b, struct event_closure continuation, err_t err,
                               units_sample_t value, shared_unit_or_none_t next);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t shared_rpc_read(struct shared_binding *b, units_unit_t what, uint64_t skip, units_sample_t *value,
                      shared_unit_or_none_t *next);
err_t shared_rpc_read_start(struct shared_binding *b, struct rpc_future *future, units_unit_t what, uint64_t skip);
err_t shared_rpc_read_finish(struct rpc_future *future, uint64_t deadline, units_sample_t *value,
                             shared_unit_or_none_t *next);

#endif
