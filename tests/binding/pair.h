/** @file pair.h  A client and a server of the interface talk in one thread, over any kind of channel. */
#ifndef BINDING_PAIR_H
#define BINDING_PAIR_H

#include "channels.h"
#include "host.h"

#include <os/heap.h>
#include <stubs/talk.h>

struct pair {
    const struct channel_kind *kind;
    struct waitset client_ws, server_ws;
    struct talk_binding *client, *server;       /**< NULL: not there, or gone                                         */
    iref_t iref;
    err_t bind_err;
    unsigned client_ended, server_ended;        /**< calls of the error handlers                                      */
    err_t client_why, server_why;
};

extern struct pair pair;

/** Export, bind over @p kind, with @p rx and @p ops at the server.  @return whether both are there */
bool pair_open(const struct channel_kind *kind, const struct talk_rx_vtbl *rx, const struct talk_ops *ops);

/** Dispatch one event of each side.  @return whether there was one */
bool pair_step(void);

/** Until nothing happens any more. */
void pair_run(void);

/** End what is left and check that nothing is left over. */
void pair_close(void);

/** Handlers that check what they get: numbers count up from 1, and all else follows from them. */
extern const struct talk_rx_vtbl checking_rx;
extern const struct talk_ops checking_ops;
extern uint64_t got_number;                     /**< of the last message                                              */

/** What a note number @p n says. */
void note_of(uint64_t n, char text[201], uint8_t data[3000], size_t *bytes);

/** Bytes that follow from @p n. */
void blob_of(uint64_t n, uint8_t *data, size_t bytes);
bool blob_is(uint64_t n, const uint8_t *data, size_t bytes);

#endif
