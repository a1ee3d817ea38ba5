/* Made by idlc from language.if: do not edit. */
/** @file language.h  All of it
 * All of the language; for a binding back end. */
#ifndef STUBS_LANGUAGE_H
#define STUBS_LANGUAGE_H

#include <os/binding.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define LANGUAGE_FINGERPRINT 0xf00a58cbf35aea50ull

enum language_message {
    LANGUAGE_MESSAGE_BASIC = 1,
    LANGUAGE_MESSAGE_STR = 2,
    LANGUAGE_MESSAGE_CAPS = 3,
    LANGUAGE_MESSAGE_BUF = 4,
    LANGUAGE_MESSAGE_BOUNDED = 5,
    LANGUAGE_MESSAGE_ALL = 6,
    LANGUAGE_MESSAGE_TESTRPC = 7,
    LANGUAGE_MESSAGE_ARRAYS = 8,
    LANGUAGE_MESSAGE_NOTHING = 9,
};

typedef enum {
    LANGUAGE_LEVEL_LOW,
    LANGUAGE_LEVEL_HIGH,
} language_level_t;

typedef uint8_t language_mac_t[6];

typedef language_mac_t language_macs_t[16];

typedef char *language_path_t;

typedef struct {
    language_mac_t address;
    language_level_t where;
    char *name;
    char *plain;
    language_path_t *others;
    size_t others_length;
    uint8_t *data;
    size_t data_length;
} language_card_t;

typedef language_card_t language_cards_t[2];

typedef language_cards_t language_board_t;

struct language_binding;

/* --- Handlers.  Strings and dynamic arrays (heap_free()) and capabilities that come in are the handler's; structs
 * and fixed arrays are there until it returns. --- */

typedef void language_basic__rx_method_fn(struct language_binding *b, uint32_t arg);
typedef void language_str__rx_method_fn(struct language_binding *b, uint32_t arg, char *s);
typedef void language_caps__rx_method_fn(struct language_binding *b, uint32_t arg, cptr_t cap1, cptr_t cap2);
typedef void language_buf__rx_method_fn(struct language_binding *b, uint8_t *buf, size_t buflen);
typedef void language_bounded__rx_method_fn(struct language_binding *b, uint8_t *buf, size_t buflen, char *s,
                                            language_card_t *many, size_t many_length);
typedef void language_all__rx_method_fn(struct language_binding *b_, bool a, char b, int c, int8_t d, int16_t e,
                                        int32_t f, int64_t g, uint8_t h, uint16_t i, uint32_t j, uint64_t k,
                                        intptr_t l, uintptr_t m, size_t n, char *o, iref_t p, cptr_t q, cptr_t r,
                                        err_t s, language_board_t t);
typedef void language_testrpc_call__rx_method_fn(struct language_binding *b, char *s);
typedef void language_testrpc_response__rx_method_fn(struct language_binding *b, err_t reterr);
typedef void language_arrays_call__rx_method_fn(struct language_binding *b, language_card_t one,
                                                language_card_t *many, size_t many_length);
typedef void language_arrays_response__rx_method_fn(struct language_binding *b, char **names, size_t names_length,
                                                    cptr_t *some, size_t some_length);
typedef void language_nothing__rx_method_fn(struct language_binding *b);

struct language_rx_vtbl {
    language_basic__rx_method_fn *basic;
    language_str__rx_method_fn *str;
    language_caps__rx_method_fn *caps;
    language_buf__rx_method_fn *buf;
    language_bounded__rx_method_fn *bounded;
    language_all__rx_method_fn *all;
    language_testrpc_call__rx_method_fn *testrpc_call;
    language_testrpc_response__rx_method_fn *testrpc_response;
    language_arrays_call__rx_method_fn *arrays_call;
    language_arrays_response__rx_method_fn *arrays_response;
    language_nothing__rx_method_fn *nothing;
};

/** Handlers of calls that answer at once.  What comes in is freed when they return, capabilities excepted, which
 *  are theirs; what goes out is freed when it is sent, and ignored if they fail. */
struct language_ops {
    err_t (*testrpc)(struct language_binding *b, const char *s);
    void (*arrays)(struct language_binding *b, language_card_t one, const language_card_t *many, size_t many_length,
                   char ***names, size_t *names_length, cptr_t **some, size_t *some_length);
};

typedef void language_error_handler_fn(struct language_binding *b, err_t err);

struct language_binding {
    union {
        struct {
            /** the user's */
            void *st;
            /** where handlers run; language_change_waitset() */
            struct waitset *waitset;
        };
        struct binding common;
    };
    /** called once, when the binding has ended */
    language_error_handler_fn *error_handler;
    struct language_rx_vtbl rx_vtbl;
    /** for calls that rx_vtbl has no handler for; NULL: none */
    const struct language_ops *ops;
};

extern const struct binding_interface language_interface;

/* --- Export and bind: os/binding.h has the errors. --- */

typedef err_t language_connect_fn(void *st, struct language_binding *b);
typedef void language_bind_continuation_fn(void *st, err_t err, struct language_binding *b);

static inline err_t language_export(void *st, idc_export_callback_fn *callback, language_connect_fn *connect,
                                    struct waitset *ws)
{
    return binding_export_async(&language_interface, st, callback, (void (*)(void))connect, ws);
}

/** Export: @p ops answer all clients, and @p st is the st of their bindings. */
static inline err_t language_serve(const struct language_ops *ops, void *st, struct waitset *ws, iref_t *iref)
{
    return binding_serve(&language_interface, ops, st, ws, iref);
}

static inline err_t language_bind(iref_t iref, language_bind_continuation_fn *continuation, void *st,
                                  struct waitset *ws)
{
    struct transport *t;

    TRY(binding_reach(iref, &t));
    return binding_bind(&language_interface, t, ws, (void (*)(void))continuation, st);
}

/** Bind and wait for it. */
static inline err_t language_connect(iref_t iref, struct waitset *ws, struct language_binding **b)
{
    struct transport *t;
    struct binding *common;

    TRY(binding_reach(iref, &t));
    TRY(binding_connect(&language_interface, t, ws, 0, &common));
    *b = (struct language_binding *)common;
    return OK;
}

static inline bool language_can_send(struct language_binding *b)
{
    return binding_can_send(&b->common);
}

static inline err_t language_register_send(struct language_binding *b, struct waitset *ws,
                                           struct event_closure closure)
{
    return binding_register_send(&b->common, ws, closure);
}

static inline err_t language_change_waitset(struct language_binding *b, struct waitset *ws)
{
    return binding_change_waitset(&b->common, ws);
}

static inline err_t language_control(struct language_binding *b, enum idc_control control)
{
    return binding_control(&b->common, control);
}

/* --- Send.  What goes out is only read, and may be changed when the function returns; slots of capabilities when
 * the continuation runs. --- */

err_t language_basic__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg);

err_t language_str__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg, const char *s);

err_t language_caps__tx(struct language_binding *b, struct event_closure continuation, uint32_t arg, cptr_t cap1,
                        cptr_t cap2);

err_t language_buf__tx(struct language_binding *b, struct event_closure continuation, const uint8_t *buf,
                       size_t buflen);

err_t language_bounded__tx(struct language_binding *b, struct event_closure continuation, const uint8_t *buf,
                           size_t buflen, const char *s, const language_card_t *many, size_t many_length);

err_t language_all__tx(struct language_binding *b_, struct event_closure continuation, bool a, char b, int c,
                       int8_t d, int16_t e, int32_t f, int64_t g, uint8_t h, uint16_t i, uint32_t j, uint64_t k,
                       intptr_t l, uintptr_t m, size_t n, const char *o, iref_t p, cptr_t q, cptr_t r, err_t s,
                       language_board_t t);

err_t language_testrpc_call__tx(struct language_binding *b, struct event_closure continuation, const char *s);

err_t language_testrpc_response__tx(struct language_binding *b, struct event_closure continuation, err_t reterr);

err_t language_arrays_call__tx(struct language_binding *b, struct event_closure continuation, language_card_t one,
                               const language_card_t *many, size_t many_length);

err_t language_arrays_response__tx(struct language_binding *b, struct event_closure continuation, char *const *names,
                                   size_t names_length, const cptr_t *some, size_t some_length);

err_t language_nothing__tx(struct language_binding *b, struct event_closure continuation);

/* --- Calls.  They return the server's error or why there is no answer; what they write is the caller's.  _start
 * does not wait for the answer, _finish does, until a deadline of events_now(). --- */

err_t language_rpc_testrpc(struct language_binding *b, const char *s);
err_t language_rpc_testrpc_start(struct language_binding *b, struct rpc_future *future, const char *s);
err_t language_rpc_testrpc_finish(struct rpc_future *future, uint64_t deadline);

err_t language_rpc_arrays(struct language_binding *b, language_card_t one, const language_card_t *many,
                          size_t many_length, char ***names, size_t *names_length, cptr_t **some,
                          size_t *some_length);
err_t language_rpc_arrays_start(struct language_binding *b, struct rpc_future *future, language_card_t one,
                                const language_card_t *many, size_t many_length);
err_t language_rpc_arrays_finish(struct rpc_future *future, uint64_t deadline, char ***names, size_t *names_length,
                                 cptr_t **some, size_t *some_length);

#endif
