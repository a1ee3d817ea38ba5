/** @file main.c  `crosstest CORE`: a Frame that a process of another core has sent goes when its owner does.
 *
 * A copy of this program runs on CORE as the sender, binds to a service of this one, and sends a Frame of its own, which is mapped
 * here.  Then it is killed; another one revokes the Frame.  Both times copy and Mapping are gone here when that has ended, and
 * the sender's core has the memory it had. */
#include <os/caps.h>
#include <os/err.h>
#include <os/print.h>
#include <os/process.h>
#include <os/remote_seat.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/vspace.h>
#include <stubs/cross.h>
#include <stubs/monitor.h>
#include <stubs/service.h>

#define FIRST   2048u                   /* event id of the first seat */
#define EVENTS  2112u
#define SECONDS 20u                     /* a sender that has not shown anything by then never will */
#define WORD    0x5ea15ea15ea15ea1ull

static struct rpc_session *session[EVENTS];
static struct rpc_server server = { .session = session, .events = EVENTS };
static struct rpc_seats seats;
static struct remote_seats remote;
static struct {
    cptr_t frame;
    uint64_t address;
    bool shown;
} got;

/* --- the receiver's service --- */

static err_t take(cptr_t frame, uint64_t word)
{
    TRY(cap_move(CPTR_NULL, got.frame, CPTR_NULL, frame));
    TRY(vspace_map(os_vspace(), got.frame, 0, SHOAL_PAGE_SIZE, MAP_READ, &got.address));
    uint64_t words[4];
    TRY(dispatcher_peek(TASK_DISPATCHER, got.address, words));      /* as check_gone() looks */
    REQUIRE(words[0] == word, E_ARG);
    got.shown = true;
    return OK;
}

static err_t do_show(void *s, cptr_t frame, uint64_t word)
{
    const err_t err = take(frame, word);

    (void)s;
    rpc_drop_cap(frame);
    return err;
}

static void serve_call(struct rpc_session *s, struct rpc_message *m)
{
    static const struct cross_ops ops = { .show = do_show };

    cross_serve(&ops, s, m);
}

static void closed(struct rpc_session *s)
{
    rpc_seat_close(&seats, s->state);
}

static err_t do_open(void *listen, uint64_t connection, uint64_t pid, uint64_t flags, cptr_t page)
{
    struct rpc_seat *seat;
    const err_t err = remote_seat_open(&remote, connection, page, &seat);

    (void)listen, (void)pid, (void)flags;
    if (!err_ok(err)) {
        rpc_drop_cap(page);
        return err;
    }
    seat->rpc.serve = serve_call;
    seat->rpc.closed = closed;
    seat->rpc.state = seat;
    return OK;
}

static err_t do_wake(void *listen, uint64_t connection, cptr_t client, cptr_t *own)
{
    (void)listen;
    return remote_seats_wake(&remote, connection, client, own);
}

static err_t do_deliver(void *listen, uint64_t connection, cptr_t sent)
{
    (void)listen;
    return remote_seats_deliver(&remote, connection, sent);
}

/* Senders are on other cores. */
static err_t do_connect(void *listen, uint64_t pid, cptr_t reply, cptr_t *binding)
{
    (void)listen, (void)pid, (void)binding;
    rpc_drop_cap(reply);
    return ERR(E_ARG);
}

static void serve_monitor(struct rpc_session *s, struct rpc_message *m)
{
    static const struct service_ops ops = { .connect = do_connect, .open = do_open, .wake = do_wake, .deliver = do_deliver };

    service_serve(&ops, s, m);
}

static err_t offer(iref_t *iref)
{
    struct rpc_client *const m = os_monitor();
    struct rpc_seat *seat;
    cptr_t slot, answers;

    TRY(rpc_seats_init(&seats, &server, os_stock(), os_vspace(), TASK_DISPATCHER, FIRST, EVENTS));
    TRY(remote_seats_init(&remote, &seats));
    TRY(stock_refill(os_stock()));
    TRY(rpc_seat_open(&seats, &seat));
    seat->rpc.serve = serve_monitor;
    seat->rpc.closed = closed;
    seat->rpc.state = seat;
    TRY(slots_alloc(&os_stock()->slots, &slot));
    TRY(slots_alloc(&os_stock()->slots, &got.frame));
    TRY(rpc_seat_mint(seat, CPTR_NULL, slot));
    m->cap_slot = seat->rpc.end.send;
    return monitor_export(m, 0, slot, iref, &answers);
}

/* --- the sender --- */

static bool read_word(const char *text, uint64_t *word)
{
    *word = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        *word = *word * 10 + (uint64_t)(*text - '0');
    }
    return *text == '\0';
}

static err_t make_frame(cptr_t *frame)
{
    struct ram_block ram;
    uint64_t address;

    TRY(stock_refill(os_stock()));
    TRY(slots_alloc(&os_stock()->slots, frame));
    TRY(reserve_make(&os_stock()->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, *frame, &ram));
    TRY(vspace_map(os_vspace(), *frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address));
    *(volatile uint64_t *)address = WORD;
    return OK;
}

static err_t send(iref_t iref, bool revoke)
{
    static struct rpc_client client;
    cptr_t frame;

    TRY(make_frame(&frame));
    TRY(service_bind(&client, iref));
    TRY(cross_show(&client, frame, WORD));
    while (!revoke) {                           /* until it is killed */
        (void)sys_xfer(&(struct xfer){ .accept = (uint64_t)XFER_ANY });
    }
    REQUIRE(err_root(cap_revoke(CPTR_NULL, frame, 0, SHOAL_PAGE_SIZE)) == E_REMOTE, E_STATE);
    return revoke_everywhere(frame, 0, SHOAL_PAGE_SIZE);
}

/* --- the receiver --- */

static err_t wait_until_shown(void)
{
    struct rpc_pending pending = { 0 };
    const uint64_t end = time_now() + SECONDS * time_hz();

    got.shown = false;
    server.deadline = end;
    while (!got.shown) {
        REQUIRE(time_now() < end, E_STATE);
        rpc_server_step(&server, &pending);
    }
    return OK;
}

/* Copy and Mapping.  An address that is not mapped the kernel does not read for us either. */
static err_t check_gone(void)
{
    struct cap_info info;
    uint64_t words[4];

    REQUIRE(err_root(cap_identify(CPTR_NULL, got.frame, &info)) == E_CAP_EMPTY, E_STATE);
    REQUIRE(err_root(dispatcher_peek(TASK_DISPATCHER, got.address, words)) == E_PEEK, E_STATE);
    return OK;
}

/* What a core has free comes back when its servers have heard of the end. */
static err_t check_memory(uint64_t core, uint64_t before)
{
    const uint64_t end = time_now() + time_hz();
    uint64_t total, unused;

    do {
        TRY(process_memory_of(core, &total, &unused));
    } while (unused != before && time_now() < end);
    print("crosstest: core %lu has %lu KiB free, had %lu\n", core, unused / 1024, before / 1024);
    return unused == before ? OK : ERR(E_STATE);
}

static err_t receive(uint64_t core, iref_t iref, const char *mode)
{
    char number[24];
    const char *const words[] = { "crosstest", mode, number };
    const struct spawn_options there = { .elsewhere = true, .core = core };
    const bool kill = strcmp(mode, "as-victim") == 0;
    uint64_t total, before, pid, ended;
    unsigned status;

    (void)format_text(number, sizeof(number), "%lu", iref);
    TRY(process_memory_of(core, &total, &before));
    TRY(process_spawn(3, words, &there, &pid));
    TRY(wait_until_shown());
    if (kill) {
        TRY(process_kill(pid));
    }
    TRY(process_wait(pid, &ended, &status));
    REQUIRE(status == (kill ? STATUS_KILLED : 0), E_STATE);
    TRY(check_gone());
    print("crosstest: %s ok\n", mode);
    return check_memory(core, before);
}

static err_t run(uint64_t core)
{
    iref_t iref;

    TRY(offer(&iref));
    TRY(receive(core, iref, "as-owner"));           /* its core has connections and records that stay after the first */
    TRY(receive(core, iref, "as-victim"));
    return receive(core, iref, "as-owner");
}

int main(int argc, char **argv, char **envp)
{
    uint64_t number;
    err_t err = ERR(E_ARG);

    (void)envp;
    if (argc == 2 && read_word(argv[1], &number)) {
        err = run(number);
    } else if (argc == 3 && read_word(argv[2], &number)) {
        err = send(number, strcmp(argv[1], "as-owner") == 0);
    }
    if (!err_ok(err)) {
        err_print("crosstest", err);
        return 1;
    }
    return 0;
}
