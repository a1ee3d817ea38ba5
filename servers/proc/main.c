/** @file main.c  The process server of a core (README.md). */
#include "proc.h"
#include <os/err.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/string.h>
#include <stubs/manager.h>
#include <stubs/monitor.h>
#include <stubs/service.h>

struct proc proc;

static err_t add_slab(struct slab *slab, size_t bytes)
{
    slab_init(slab, bytes, &os_stock()->pool, SLAB_KEEP);
    return stock_add_slab(os_stock(), slab, E_REFILL_SESSIONS);
}

static bool read_number(const char *text, uint64_t *number)
{
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        *number = *number * 10 + (uint64_t)(*text - '0');
    }
    return *text == '\0';
}

/* The archive's Frame is the first capability passed on; where in it the archive lies, the arguments say. */
static err_t map_archive(int argc, char **argv)
{
    uint64_t address;

    REQUIRE(argc == 5 && read_number(argv[1], &proc.archive_offset) && read_number(argv[2], &proc.archive_bytes) &&
            read_number(argv[3], &proc.core) && read_number(argv[4], &proc.first_number), E_ARG);
    const uint64_t pages = (proc.archive_offset + proc.archive_bytes + SHOAL_PAGE_SIZE - 1) & ~(SHOAL_PAGE_SIZE - 1ull);
    TRY(vspace_map(os_vspace(), PSLOT_PASSED, 0, pages, MAP_READ, &address));
    proc.archive = (const char *)address + proc.archive_offset;
    return OK;
}

/* --- what the monitor asks of us --- */

static err_t do_connect(void *session, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct rpc_session *const listen = session;
    struct process *const p = process_find(pid);
    struct rpc_seat *seat;

    err_t err = p && p->state == PROCESS_RUNNING ? rpc_seat_open(&proc.seats, &seat) : ERR(E_PROC_PID);
    if (!err_ok(err)) {
        rpc_drop_cap(reply);
        return err;
    }
    err = cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply);
    if (err_ok(err)) {
        err = rpc_seat_mint(seat, CPTR_NULL, listen->end.receive);
    }
    if (!err_ok(err)) {
        rpc_seat_close(&proc.seats, seat);
        rpc_drop_cap(reply);
        return err;
    }
    if (p->seat) {                              /* its new binding takes the place of the old one */
        rpc_seat_close(&proc.seats, p->seat);
    }
    p->seat = seat;
    seat->rpc.serve = proc_request;
    seat->rpc.closed = proc_closed;
    seat->rpc.state = p;
    *binding = listen->end.receive;
    return OK;
}

static err_t do_stopped(void *session, uint64_t pid, uint64_t cause, uint64_t address, uint64_t pc, uint64_t sp,
                        uint64_t syndrome, uint64_t x0)
{
    const uint64_t fault[5] = { cause, address, pc, sp, syndrome };

    (void)session;
    return process_stopped(pid, fault, x0);
}

/* A client of another core: it can be a parent here. */
static err_t open(uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    struct rpc_seat *seat;
    struct process *const p = process_add_remote(pid, flags);

    REQUIRE(p, E_SLAB_EMPTY);
    const err_t err = remote_seat_open(&proc.remote, connection, page, &seat);
    if (!err_ok(err)) {
        slab_free(&proc.process_slab, p);
        return err;
    }
    p->seat = seat;
    seat->rpc.serve = proc_request;
    seat->rpc.closed = proc_closed;
    seat->rpc.state = p;
    return OK;
}

static err_t do_open(void *session, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    (void)session;
    const err_t err = open(connection, pid, flags, page);
    if (!err_ok(err)) {
        rpc_drop_cap(page);
    }
    return err;
}

static err_t do_deliver(void *session, uint64_t connection, cptr_t sent)
{
    (void)session;
    return remote_seats_deliver(&proc.remote, connection, sent);
}

static err_t do_wake(void *session, uint64_t connection, cptr_t client, cptr_t *server)
{
    (void)session;
    return remote_seats_wake(&proc.remote, connection, client, server);
}

static err_t do_end_all(void *session)
{
    (void)session;
    processes_end_all();
    return OK;
}

static void connect_request(struct rpc_session *session, struct rpc_message *message)
{
    static const struct service_ops ops = { .connect = do_connect, .open = do_open, .wake = do_wake, .deliver = do_deliver };

    service_serve(&ops, session, message);
}

static void manager_request(struct rpc_session *session, struct rpc_message *message)
{
    static const struct manager_ops ops = { .stopped = do_stopped, .end_all = do_end_all };

    manager_serve(&ops, session, message);
}

/* The monitor is gone, and the core with it. */
static void monitor_gone(struct rpc_session *session)
{
    (void)session;
    os_exit(1);
}

static err_t offer(const char *name, void (*serve)(struct rpc_session *, struct rpc_message *))
{
    struct rpc_client *const monitor = os_monitor();
    struct rpc_seat *seat;
    iref_t iref;
    cptr_t got;

    TRY(rpc_seat_open(&proc.seats, &seat));
    seat->rpc.serve = serve;
    seat->rpc.closed = monitor_gone;
    TRY(rpc_seat_mint(seat, CPTR_NULL, PSLOT_FROM_MONITOR));
    monitor->cap_slot = seat->rpc.end.send;
    return monitor_export(monitor, service_name(name), PSLOT_FROM_MONITOR, &iref, &got);
}

/* --- start --- */

/* What init started is in the list, too. */
static err_t add_first(void)
{
    static const char *const name[] = { "init", "mem", "proc" };

    proc.latest = proc.core << ID_CORE_SHIFT;
    for (unsigned i = 0; i < 3; i++) {
        REQUIRE(process_add(name[i], NULL), E_SLAB_EMPTY);
    }
    proc.latest += proc.first_number;
    return OK;
}

static err_t start(int argc, char **argv)
{
    struct stock *const stock = os_stock();

    proc.server = (struct rpc_server){ .session = proc.session, .events = PROC_EVENTS };
    TRY(map_archive(argc, argv));
    TRY(rpc_seats_init(&proc.seats, &proc.server, stock, os_vspace(), TASK_DISPATCHER, PROC_SEATS, PROC_EVENTS));
    TRY(remote_seats_init(&proc.remote, &proc.seats));
    TRY(add_slab(&proc.program_slab, sizeof(struct program)));
    TRY(add_slab(&proc.chunk_slab, sizeof(struct text_chunk)));
    TRY(add_slab(&proc.draft_slab, sizeof(struct draft)));
    TRY(add_slab(&proc.process_slab, sizeof(struct process)));
    proc.maker = (struct spawn_maker){ stock, os_vspace(), os_vspace_slabs() };
    TRY(add_first());
    TRY(offer("manager", manager_request));
    return offer("proc", connect_request);
}

int main(int argc, char **argv, char **envp)
{
    struct rpc_pending pending = { 0 };
    char text[200];

    (void)envp;
    const err_t err = start(argc, argv);
    if (!err_ok(err)) {
        (void)err_format(err, text, sizeof(text));
        log_line("proc: cannot start: %s\n", text);
        return 1;
    }
    boot_start();
    for (;;) {
        rpc_server_step(&proc.server, &pending);
        boot_step();
    }
}
