/** @file standard.c  The bindings to monitor, memory server and process server; contracts in os/services.h.
 *
 * A process has an endpoint and a ring for each from its start.  The monitor's send capability is there, too; the others
 * are, or are fetched through the monitor when they are first used: what takes no memory and starts nothing pays nothing.
 */
#include <os/caps.h>
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

struct standard {
    struct rpc_client client;
    bool bound;
};

static struct standard monitor, mem, proc;

static void set_up(struct standard *s, cptr_t send, enum process_event event)
{
    const uint64_t rings = os_startup()->rings;

    s->client.end = (struct lmp_end){
        .send = send, .ring = (void *)(rings + ((uint64_t)event - 1) * PRING_BYTES), .mask = (1u << PRING_LOG2) - 1,
        .event = event, .receive = PSLOT_RECEIVE,
    };
}

struct rpc_client *os_monitor(void)
{
    if (!monitor.bound) {
        set_up(&monitor, PSLOT_MONITOR, PEVENT_MONITOR);
        monitor.bound = true;
    }
    return &monitor.client;
}

/* The common receive slot is where the capability to answer lies until it is sent, and then where the answer's comes. */
static err_t fetch(const char *name, cptr_t send, cptr_t own)
{
    struct rpc_client *const m = os_monitor();
    iref_t iref;
    cptr_t got;

    TRY(monitor_lookup(m, service_name(name), true, &iref));
    TRY(cap_mint(CPTR_NULL, PSLOT_RECEIVE, CPTR_NULL, own, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    m->cap_slot = send;
    const err_t err = monitor_bind(m, iref, PSLOT_RECEIVE, &got);
    if (!err_ok(err)) {
        rpc_drop_cap(PSLOT_RECEIVE);        /* if it was not sent */
    }
    return err;
}

/* Calls over a binding that could not be made say so: there is no capability in its slot.  The next one tries again. */
static struct rpc_client *standard(struct standard *s, const char *name, cptr_t send, cptr_t own,
                                   enum process_event event)
{
    struct cap_info info;

    if (!s->bound) {
        set_up(s, send, event);
        s->bound = err_ok(cap_identify(CPTR_NULL, send, &info)) || err_ok(fetch(name, send, own));
    }
    return &s->client;
}

struct rpc_client *os_mem(void)
{
    return standard(&mem, "mem", PSLOT_MEM, PSLOT_MEM_RECV, PEVENT_MEM);
}

struct rpc_client *os_proc(void)
{
    return standard(&proc, "proc", PSLOT_PROC, PSLOT_PROC_RECV, PEVENT_PROC);
}
