/** @file leave.c  The end of a core, as its own monitor brings it about; contracts in cores.h.
 *
 * First proc ends all processes.  Then nobody of this core is a client any more, and what servers of other cores had of
 * their connections they let go of, one after another; clients of other cores hear that proc is gone.  When no connection is left
 * the other cores are told to drop what this one owns (capops_leave()), then the channels are closed, and the kernel switches
 * the core off.  What it has borrowed home takes back with its loan: mem and proc lie in it.
 */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../commands.h"
#include "../state.h"
#include <os/err.h>
#include <stubs/intermon.h>
#include <stubs/manager.h>

static enum { STAYS, ENDING, CLOSING, LEAVING, LEFT } leaving;

void core_say_up(err_t err)
{
    struct rpc_message m;

    if (!monitor.home) {
        power_off(1);                               /* there is nobody to tell */
    }
    monitor.home->up = true;
    if (err_ok(err)) {
        crossing_connected(0);                      /* else home has nothing to do with its capops */
    }
    intermon_up_request(&m, err.trail);
    err_ignore(peer_send(monitor.home, &m, NULL, NULL));
    if (!err_ok(err)) {
        lending_close();
        leaving = CLOSING;                          /* nothing of this core runs but this */
    }
}

void core_leave(void)
{
    struct rpc_message m;

    if (leaving != STAYS) {
        return;
    }
    leaving = ENDING;
    capops_refuse(&crossing);
    manager_end_all_request(&m);
    ends_post(&m);
}

void core_processes_ended(void)
{
    leaving = CLOSING;
    lending_close();
    for (struct service *s = monitor.services; s; s = s->next) {
        connections_of_service_end(s);
    }
}

/* The others have dropped what this core owns; or capops knows of nobody. */
static void left(struct crossing_op *op, err_t err)
{
    (void)op, (void)err;
    leaving = LEFT;
}

/* @return all channels are closed */
static bool close_channels(void)
{
    for (struct peer *p = monitor.peers; p; p = p->next) {
        if (p->up && p->ump.end.under_way == 0) {
            rpc_session_leave(&monitor.server, &p->session);
            p->up = false;
        }
        if (p->up) {
            return false;                           /* an answer of its is still to come */
        }
    }
    return true;
}

void core_leave_step(void)
{
    static struct crossing_op op = { left };

    if (leaving == CLOSING && !monitor.connections) {
        leaving = LEAVING;
        const err_t err = capops_leave(&crossing, crossing_cookie(&op));
        if (!err_ok(err)) {
            left(&op, err);
        }
        monitor_wake_at(1);                         /* for crossing_step() */
    }
    if (leaving == LEFT && close_channels()) {
        err_ignore(kernel_stop(TASK_KERNEL));
    }
}
