/** @file ops.c  The calls of monitor.if.  Capabilities for the caller are made in its binding's receive slot, which is
 * empty then, and leave it with the answer. */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "../commands.h"
#include "../state.h"
#include <os/err.h>
#include <os/print.h>
#include <stubs/monitor.h>

#define NAMES service_name("names")

static err_t do_bind(void *session, iref_t service, cptr_t reply, cptr_t *binding)
{
    return bind_request(session, service, reply, binding);
}

static err_t export(struct client *c, uint64_t name, cptr_t listen, iref_t *iref, cptr_t *answers)
{
    struct service *s = NULL;
    struct cap_info info;
    struct rpc_seat *seat;

    REQUIRE(err_ok(cap_identify(CPTR_NULL, listen, &info)) && info.type == CAP_ENDPOINT && info.rights & RIGHT_WRITE,
            E_MONITOR_ENDPOINT);
    if (name == service_name("manager")) {
        REQUIRE(c->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
        TRY(ends_manager(listen, &seat));
    } else {
        REQUIRE(name == 0 || name == service_name("proc") || (name == NAMES && init.boot->core == 0), E_MONITOR_NAME);
        TRY(service_new(c, name, listen, &s));
        seat = s->seat;
        *iref = s->iref;
    }
    *answers = c->seat->rpc.end.receive;
    const err_t err = rpc_seat_mint(seat, CPTR_NULL, *answers);
    if (!err_ok(err) && s) {
        service_end(s);
    }
    return err;
}

static err_t do_export(void *session, uint64_t name, cptr_t listen, iref_t *iref, cptr_t *answers)
{
    const err_t err = export(session, name, listen, iref, answers);

    if (!err_ok(err)) {
        rpc_drop_cap(listen);
        return err;
    }
    if (name == NAMES) {
        names_at(*iref);
    } else if (name != 0) {
        monitor_retry_all(session);                 /* who waits for the name */
    }
    if (session == client_find(PID_PROC) && name == service_name("proc") && init.boot->core != 0) {
        core_say_up(OK);                            /* now others can reach it */
    }
    return OK;
}

static err_t do_remote_open(void *session, iref_t service, cptr_t notify, uint64_t *number, cptr_t *page)
{
    return connection_open(session, service, notify, number, page);
}

static err_t do_remote_ready(void *session, uint64_t number, cptr_t *wake)
{
    return connection_ready(session, number, wake);
}

static err_t do_remote_close(void *session, uint64_t number)
{
    return connection_close(session, number);
}

static err_t do_remote_send(void *session, uint64_t number, cptr_t cap)
{
    return delivery_send(session, number, cap);
}

static err_t do_remote_receive(void *session, uint64_t number, cptr_t *cap)
{
    return delivery_receive(session, number, cap);
}

static err_t do_revoke(void *session, uint64_t address, uint64_t offset, uint64_t bytes)
{
    return revoking_request(session, address, offset, bytes);
}

static err_t do_core(void *session, uint64_t index, uint64_t *phase)
{
    return init.boot->core == 0 ? core_phase(index, phase) : core_ask(session, index, phase);
}

static err_t do_core_start(void *session, uint64_t index)
{
    struct client *const c = session;

    REQUIRE(c->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    REQUIRE(init.boot->core == 0, E_CORE_HOME);
    if (!c->retrying) {
        TRY(core_begin(index));
    }
    const struct core *const core = core_of(index);
    REQUIRE(core->phase != CORE_STARTING, E_RPC_LATER);
    REQUIRE(core->phase == CORE_UP, E_CORE_FAILED);
    return OK;
}

static err_t do_core_stop(void *session, uint64_t index)
{
    struct client *const c = session;

    REQUIRE(c->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    REQUIRE(init.boot->core == 0, E_CORE_HOME);
    if (!c->retrying || core_of(index)->phase == CORE_UP) {
        TRY(core_end(index));
    }
    const struct core *const core = core_of(index);
    REQUIRE(core->phase != CORE_STOPPING && core->phase != CORE_STARTING, E_RPC_LATER);
    REQUIRE(core->phase == CORE_DOWN, E_CORE_FAILED);
    return OK;
}

static err_t do_lookup(void *session, uint64_t name, bool wait, iref_t *iref)
{
    const struct service *const s = service_named(name);

    (void)session;
    *iref = name == NAMES ? monitor.names : s ? s->iref : 0;
    return *iref ? OK : wait ? ERR(E_RPC_LATER) : ERR(E_MONITOR_SERVICE);
}

static err_t do_clock(void *session, uint64_t *since)
{
    (void)session;
    return clock_since(since);
}

static err_t new_process(const struct client *manager, uint64_t pid, uint64_t flags, uint64_t account, cptr_t reply,
                         cptr_t *binding)
{
    struct client *c;

    REQUIRE(manager->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    TRY(client_new(pid, flags, account, &c));
    err_t err = cap_move(CPTR_NULL, c->seat->rpc.end.send, CPTR_NULL, reply);
    *binding = manager->seat->rpc.end.receive;
    if (err_ok(err)) {
        err = rpc_seat_mint(c->seat, CPTR_NULL, *binding);
    }
    if (!err_ok(err)) {
        err_ignore(client_end(c));          /* nothing of it has started */
    }
    return err;
}

static err_t do_process_new(void *session, uint64_t pid, uint64_t flags, uint64_t account, cptr_t reply,
                            cptr_t *binding)
{
    const err_t err = new_process(session, pid, flags, account, reply, binding);

    if (!err_ok(err)) {
        rpc_drop_cap(reply);
    }
    return err;
}

static err_t managed(const struct client *manager, uint64_t pid, struct client **c)
{
    REQUIRE(manager->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    *c = client_find(pid);
    REQUIRE(*c && *c != manager && pid != PID_MEM, E_MONITOR_PID);     /* without that the core is lost */
    return OK;
}

static err_t do_process_start(void *session, uint64_t pid, uint64_t priority, cptr_t dispatcher)
{
    struct client *c;
    err_t err = managed(session, pid, &c);

    if (err_ok(err)) {
        err = client_start(c, dispatcher, priority);
    }
    if (!err_ok(err)) {
        rpc_drop_cap(dispatcher);
    }
    return err;
}

static err_t do_process_stop(void *session, uint64_t pid)
{
    struct client *c;

    TRY(managed(session, pid, &c));
    REQUIRE(c->dispatcher, E_MONITOR_PID);
    return dispatcher_stop(c->dispatcher);
}

static err_t do_process_end(void *session, uint64_t pid)
{
    struct client *c;

    TRY(managed(session, pid, &c));
    return client_end(c);
}

static err_t do_machine(void *session, uint64_t what, uint64_t status)
{
    const struct client *const manager = session;

    REQUIRE(manager->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    REQUIRE(what <= MACHINE_RESET && status <= 255, E_ARG);
    if (what == MACHINE_RESET) {
        return core_reset(TASK_CORECONTROL);
    }
    power_off((int)status);
}

static err_t do_log(void *session, uint64_t bytes, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4,
                    uint64_t w5, uint64_t w6)
{
    const struct client *const c = session;
    const uint64_t word[] = { w0, w1, w2, w3, w4, w5, w6 };

    REQUIRE(c->flags & PROCESS_MANAGER, E_MONITOR_MANAGER);
    REQUIRE(bytes <= sizeof(word), E_ARG);
    for (uint64_t at = 0; at < bytes; at += KERNEL_PRINT_BYTES) {
        const uint64_t left = bytes - at;
        TRY(kernel_print(TASK_KERNEL, (const char *)word + at, left < KERNEL_PRINT_BYTES ? left : KERNEL_PRINT_BYTES));
    }
    return OK;
}

static err_t do_device(void *session, uint64_t what, cptr_t *device)
{
    const struct client *const c = session;

    REQUIRE(c->flags & PROCESS_DRIVER, E_MONITOR_DEVICE);
    *device = c->seat->rpc.end.receive;
    return device_make((enum monitor_device)what, *device);
}

static const struct monitor_ops ops = {
    .bind = do_bind, .export = do_export, .lookup = do_lookup, .clock = do_clock, .process_new = do_process_new,
    .process_start = do_process_start, .process_stop = do_process_stop, .process_end = do_process_end,
    .machine = do_machine, .log = do_log, .device = do_device, .remote_open = do_remote_open,
    .remote_ready = do_remote_ready, .remote_close = do_remote_close, .remote_send = do_remote_send,
    .remote_receive = do_remote_receive, .revoke = do_revoke, .core = do_core, .core_start = do_core_start,
    .core_stop = do_core_stop,
};

void monitor_request(struct rpc_session *session, struct rpc_message *message)
{
    struct client *const c = session->state, *const outer = monitor.serving;

    if (!c->retrying && c->bind.state != BIND_NONE) {
        bind_abandon(c);                    /* it asks for something else now */
    }
    monitor.serving = c;
    monitor_serve(&ops, c, message);
    monitor.serving = outer;                /* one request can be what another has waited for */
}

void monitor_closed(struct rpc_session *session)
{
    struct client *const c = session->state;

    bind_abandon(c);
    rpc_seat_close(&monitor.seats, c->seat);
    c->seat = NULL;
}
