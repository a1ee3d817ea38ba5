/** @file rpc_ump_client.h  What the two kinds of calls over UMP share; private to libos/rpc. */
#ifndef RPC_UMP_CLIENT_H
#define RPC_UMP_CLIENT_H

#include <os/rpc_ump.h>

/** Of a client with link. */
static inline struct ump_end *rpc_ump_end(const struct rpc_client *c)
{
    return &((struct ump_client *)c->link)->end;
}

#endif
