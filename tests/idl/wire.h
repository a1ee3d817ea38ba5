/**
 * @file wire.h  A transport within one program: client and server stubs of idl/goldens/good talk through it.
 * Capabilities are numbers; wire_new_cap() makes one, and every one must end with an owner or be dropped, once.
 */
#ifndef WIRE_H
#define WIRE_H

#include "test.h"

#include <os/rpc.h>

struct rpc_client {
    void (*serve)(struct rpc_message *m);
    /** What a hostile client or server makes of a message on its way; NULL: nothing. */
    void (*change_request)(struct rpc_message *m), (*change_reply)(struct rpc_message *m);
    err_t fail;                         /**< of the transport; then nothing is sent                                   */
    struct rpc_message request, reply;  /**< as they travelled last                                                   */
};

/** Every argument of a random message: numbers near the ends of their ranges are as likely as others. */
uint64_t wire_random(uint64_t *state);

cptr_t wire_new_cap(void);
bool wire_dropped(cptr_t cap);
unsigned wire_drops(void);

#endif
