/** @file bind_name.c  Bindings to services of a name; contracts in os/services.h. */
#include <os/err.h>
#include <os/names.h>
#include <os/services.h>

#include "internal.h"

err_t service_bind_for(struct rpc_client *c, const char *name, struct rpc_seat **seat)
{
    iref_t service;

    TRY(name_lookup(name, true, &service));
    return service_bind_any(c, service, seat);
}

err_t service_bind_name(struct rpc_client *c, const char *name, bool wait)
{
    iref_t service;

    TRY(name_lookup(name, wait, &service));
    return service_bind(c, service);
}
