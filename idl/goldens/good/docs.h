/* Made by idlc from docs.if: do not edit. */
/** @file docs.h  What becomes of comments
 * The interface
 *
 * in two paragraphs.
 * And a line behind the context. */
#ifndef STUBS_DOCS_H
#define STUBS_DOCS_H

#include <os/rpc.h>

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

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

/** Ends a comment early:
 * * / not here / * nor here
 * @param shade  what it shall be
 * @param litres  how much of it,
 *         in litres
 * @param left  litres
 * @return E_ARG: no such colour */
err_t docs_paint(struct rpc_client *c, docs_colour_t shade, uint64_t litres, uint64_t *left);

/** Behind a short one:
 * litres */
err_t docs_peek(struct rpc_client *c, uint64_t *left);

err_t docs_stop(struct rpc_client *c);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void docs_paint_request(struct rpc_message *m, docs_colour_t shade, uint64_t litres);
err_t docs_paint_result(struct rpc_message *m, uint64_t *left);
void docs_peek_request(struct rpc_message *m);
err_t docs_peek_result(struct rpc_message *m, uint64_t *left);
void docs_stop_request(struct rpc_message *m);
err_t docs_stop_result(struct rpc_message *m);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct docs_ops {
    err_t (*paint)(void *session, docs_colour_t shade, uint64_t litres, uint64_t *left);
    void (*peek)(void *session, uint64_t *left);
    void (*stop)(void *session);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void docs_serve(const struct docs_ops *ops, void *session, struct rpc_message *m);

#endif
