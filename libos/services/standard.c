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
        .event = event, .receive = PSLOT_FROM_MONITOR + event - PEVENT_MONITOR,
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

/* The capability to answer with lies in the new binding's receive slot until it is sent. */
static err_t fetch(const struct standard *s, const char *name, cptr_t send, cptr_t own)
{
    const cptr_t reply = s->client.end.receive;
    struct rpc_client *const m = os_monitor();
    iref_t iref;
    cptr_t got;

    TRY(monitor_lookup(m, service_name(name), true, &iref));
    TRY(cap_mint(CPTR_NULL, reply, CPTR_NULL, own, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    rpc_receive_into(m, send);
    const err_t err = monitor_bind(m, iref, reply, &got);
    if (!err_ok(err)) {
        rpc_drop_cap(reply);                /* if it was not sent */
    }
    return err;
}

static void make(struct standard *s, const char *name, cptr_t send, cptr_t own, enum process_event event)
{
    struct cap_info info;

    set_up(s, send, event);
    const bool there = err_ok(cap_identify(CPTR_NULL, send, &info)) || err_ok(fetch(s, name, send, own));
    __atomic_store_n(&s->bound, there, __ATOMIC_RELEASE);
}

/* Calls over a binding that could not be made say so: there is no capability in its slot.  The next one tries again. */
static struct rpc_client *standard(struct standard *s, const char *name, cptr_t send, cptr_t own,
                                   enum process_event event)
{
    const struct rpc_threads *const threads = rpc_threads();        /* services_lock() would come here */

    if (__atomic_load_n(&s->bound, __ATOMIC_ACQUIRE)) {
        return &s->client;
    }
    if (!threads) {
        make(s, name, send, own, event);
        return &s->client;
    }
    threads->lock();
    if (!s->bound) {
        make(s, name, send, own, event);
    }
    threads->unlock();
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
