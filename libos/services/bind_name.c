/** @file bind_name.c  Bindings to services of a name; contracts in os/services.h. */
#include <os/err.h>
#include <os/names.h>
#include <os/services.h>
#include <os/string.h>
#include <stubs/monitor.h>

#include "internal.h"

/* What every monitor keeps a name of is not the name service's. */
static err_t lookup(const char *name, bool wait, iref_t *service)
{
    return strcmp(name, "mem") == 0 ? monitor_lookup(os_monitor(), service_name(name), wait, service)
                                    : name_lookup(name, wait, service);
}

err_t service_bind_for(struct rpc_client *c, const char *name, struct rpc_seat **seat)
{
    iref_t service;

    TRY(lookup(name, true, &service));
    return service_bind_any(c, service, seat);
}

err_t service_bind_name(struct rpc_client *c, const char *name, bool wait)
{
    iref_t service;

    TRY(lookup(name, wait, &service));
    return service_bind(c, service);
}
