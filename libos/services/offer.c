/** @file offer.c  A server's start; contract in os/names.h. */
#include <os/caps.h>
#include <os/err.h>
#include <os/names.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

err_t service_offer(struct rpc_seat *seat, const char *name, iref_t *service)
{
    struct rpc_client *const m = os_monitor();
    struct slots *const slots = &os_stock()->slots;
    cptr_t listen, got;

    TRY(slots_alloc(slots, &listen));
    TRY(rpc_seat_mint(seat, CPTR_NULL, listen));
    rpc_receive_into(m, seat->rpc.end.send);
    TRY(monitor_export(m, 0, listen, service, &got));
    slots_free(slots, listen);                          /* it was given away */
    return name ? name_publish(name, *service) : OK;
}
