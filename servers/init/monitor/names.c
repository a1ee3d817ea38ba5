/** @file names.c  Where the name service is; contracts in monitor.h.
 *
 * It runs on the boot core and keeps the names of all cores (servers/names).  Its own place is what it cannot be asked for:
 * that every monitor knows, because home says it.  A name service that is started again knows nothing, so those who offer
 * something are asked to register once more.
 */
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <stubs/intermon.h>

static void tell(struct peer *peer)
{
    struct rpc_message m;

    intermon_names_request(&m, monitor.names);
    err_ignore(peer_send(peer, &m, NULL, NULL));        /* E_CORE_DOWN: it hears when it is up */
}

void names_tell(struct peer *peer)
{
    if (monitor.names) {
        tell(peer);
    }
}

void names_at(iref_t service)
{
    monitor.names = service;
    for (struct peer *p = init.boot->core == 0 ? monitor.peers : NULL; p; p = p->next) {
        tell(p);
    }
    if (service == 0) {
        return;
    }
    for (struct service *s = monitor.services; s; s = s->next) {
        if (s->name == 0) {
            service_ask_renew(s);
        }
    }
    monitor_retry_all(monitor.serving);                 /* who waits for it */
}
