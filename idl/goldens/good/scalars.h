/* Made by idlc from scalars.if: do not edit. */
/** @file scalars.h  Every scalar
 * Every scalar type, in each direction. */
#ifndef STUBS_SCALARS_H
#define STUBS_SCALARS_H

#include <os/rpc.h>

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

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t scalars_narrow(struct rpc_client *c_, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                     scalars_colour_t g, scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t,
                     uint16_t *u, scalars_colour_t *v, scalars_single_t *w);

err_t scalars_wide(struct rpc_client *c_, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                   uintptr_t g, size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u,
                   uintptr_t *v, size_t *w);

/** Names of types, and an error that is not the first thing to come back. */
err_t scalars_named(struct rpc_client *c_, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d,
                    err_t e, iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s,
                    err_t *t, iref_t *u);

/** Directions in any order; the error is what the function returns wherever it stands. */
err_t scalars_mixed(struct rpc_client *c, uint8_t a, uint8_t *p, int8_t b, int8_t *q);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void scalars_narrow_request(struct rpc_message *m, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f,
                            scalars_colour_t g, scalars_single_t h);
err_t scalars_narrow_result(struct rpc_message *m, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t, uint16_t *u,
                            scalars_colour_t *v, scalars_single_t *w);
void scalars_wide_request(struct rpc_message *m, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f,
                          uintptr_t g, size_t h);
err_t scalars_wide_result(struct rpc_message *m, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t,
                          intptr_t *u, uintptr_t *v, size_t *w);
void scalars_named_request(struct rpc_message *m, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d,
                           err_t e, iref_t f);
err_t scalars_named_result(struct rpc_message *m, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r,
                           scalars_verdict_t *s, err_t *t, iref_t *u);
void scalars_mixed_request(struct rpc_message *m, uint8_t a, int8_t b);
err_t scalars_mixed_result(struct rpc_message *m, uint8_t *p, int8_t *q);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct scalars_ops {
    err_t (*narrow)(void *session, bool a, char b, int8_t c, int16_t d, uint8_t e, uint16_t f, scalars_colour_t g,
                    scalars_single_t h, bool *p, char *q, int8_t *r, int16_t *s, uint8_t *t, uint16_t *u,
                    scalars_colour_t *v, scalars_single_t *w);
    err_t (*wide)(void *session, int a, int32_t b, int64_t c, uint32_t d, uint64_t e, intptr_t f, uintptr_t g,
                  size_t h, int *p, int32_t *q, int64_t *r, uint32_t *s, uint64_t *t, intptr_t *u, uintptr_t *v,
                  size_t *w);
    void (*named)(void *session, scalars_hue_t a, scalars_pid_t b, uint64_t c, scalars_verdict_t d, err_t e,
                  iref_t f, scalars_hue_t *p, scalars_pid_t *q, uint64_t *r, scalars_verdict_t *s, err_t *t,
                  iref_t *u);
    err_t (*mixed)(void *session, uint8_t a, uint8_t *p, int8_t b, int8_t *q);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void scalars_serve(const struct scalars_ops *ops, void *session, struct rpc_message *m);

#endif
