/* What mem asks of its monitor, against a monitor that is made up: one wish at a time, in order; requests are served again until
 * they are answered; nothing is asked for a client that has gone, and RAM goes back only when enough stays. */
#include "libos_world.h"
#include "state.h"
#include <os/services.h>

#define PAGE 0x1000ull
#define MIB  0x100000ull
#define BASE 0x80000000ull
#define HOME (2 * MIB)              /* bytes of the root that is not borrowed */

struct mem mem;

static struct world w;
static struct session client[3], monitor;
static struct request { uint64_t bytes; err_t remote, answer; unsigned served; } request[3];
static struct { uint64_t wish, a, b, c; bool answered; } told;

/* --- what rpc_server and ops.c would do --- */

void rpc_drop_cap(cptr_t cap)
{
    (void)cap_delete(CPTR_NULL, cap);
}

static unsigned number_of(const struct session *s)
{
    return (unsigned)(s - client);
}

/* A request for RAM is served when there is as much; one that revokes when the other cores have done so. */
static void serve_client(struct rpc_session *rpc, struct rpc_message *m)
{
    struct session *const s = rpc->state;
    struct request *const r = &request[number_of(s)];
    const bool enough = r->bytes <= mm_free_bytes(&mem.mm);

    r->served++;
    r->answer = !err_ok(r->remote) ? want_revoke(s, r->remote)
                : enough           ? OK
                                   : want_ram(s, ERR(E_RAM_NONE), r->bytes, PAGE);
    m->number = err_root(r->answer) == E_RPC_LATER ? 1 : 0;
}

static void serve_monitor(struct rpc_session *rpc, struct rpc_message *m)
{
    const err_t err = wants_next(&told.wish, &told.a, &told.b, &told.c);

    (void)rpc;
    told.answered = err_ok(err);
    m->number = told.answered ? 0 : 1;
}

void rpc_retry(struct rpc_server *server, struct rpc_session *session)
{
    struct rpc_message m = session->kept;

    (void)server;
    if (rpc_waits(session)) {
        session->kept.number = 0;
        session->serve(session, &m);
        session->kept.number = m.number;
    }
}

static void ask(unsigned i, uint64_t bytes, err_t remote)
{
    wants_forget(&client[i]);
    request[i] = (struct request){ .bytes = bytes, .remote = remote };
    serve_client(&client[i].rpc, &client[i].rpc.kept);
}

static void attend(err_t result)
{
    struct rpc_message m;

    wants_heard(&monitor, true, result);
    serve_monitor(&monitor.rpc, &m);
    monitor.rpc.kept.number = m.number;
}

static void lend(uint64_t base, uint64_t bytes)
{
    EXPECT(err_ok(stock_refill(&w.stock)), "refill");
    EXPECT(err_ok(mm_add_root(&mem.mm, fake_ram(base, bytes))), "root");
    mm_set_lent(&mem.mm, base);
}

static void start(void)
{
    world_start(&w, 0x40000, 1);
    memset(&mem, 0, sizeof(mem));
    memset(&told, 0, sizeof(told));
    mem.stock = &w.stock;
    slab_init(&mem.range_slab, sizeof(struct range), &w.stock.pool, SLAB_KEEP);
    slab_init(&mem.root_slab, sizeof(struct mm_root), &w.stock.pool, SLAB_KEEP);
    EXPECT(err_ok(stock_add_slab(&w.stock, &mem.range_slab, E_REFILL_RANGES)), "ranges");
    EXPECT(err_ok(stock_add_slab(&w.stock, &mem.root_slab, E_REFILL_ROOTS)), "roots");
    EXPECT(err_ok(stock_refill(&w.stock)), "refill");
    mm_init(&mem.mm, &mem.range_slab, &mem.root_slab, &w.stock.slots);
    EXPECT(err_ok(mm_add_root(&mem.mm, fake_ram(BASE, HOME))), "root");
    wants_setup();
    for (unsigned i = 0; i < 3; i++) {
        client[i] = (struct session){ .rpc = { .serve = serve_client, .state = &client[i] } };
    }
    monitor = (struct session){ .rpc = { .serve = serve_monitor, .state = &monitor } };
}

TEST(wants, nobody_waits_before_the_monitor_attends)
{
    start();
    ask(0, 4 * MIB, OK);
    EXPECT_EQ(err_root(request[0].answer), E_RAM_NONE, "its own error");
    attend(OK);
    EXPECT(!told.answered, "nothing is wanted");
    mem.first = client[1];
    EXPECT_EQ(err_root(want_ram(&mem.first, ERR(E_RAM_NONE), PAGE, PAGE)), E_RAM_NONE, "nor does the monitor itself");
    EXPECT_EQ(err_root(want_ram(&client[0], ERR(E_MEM_LIMIT), PAGE, PAGE)), E_MEM_LIMIT, "RAM does not help here");
    EXPECT_EQ(err_root(want_ram(&client[0], ERR(E_RAM_NONE), 1ull << 63, PAGE)), E_RAM_NONE, "nor here");
}

TEST(wants, one_wish_at_a_time_and_all_try_again)
{
    start();
    attend(OK);
    ask(0, 4 * MIB, OK);
    EXPECT(told.answered && told.wish == WISH_RAM && told.a == 4 * MIB && told.b == PAGE && told.c == HOME, "the first wish");
    monitor.rpc.kept.number = 0;
    ask(1, 5 * MIB, OK);
    ask(2, 100 * MIB, OK);
    EXPECT_EQ(told.a, 4 * MIB, "the others have to wait");
    lend(BASE + 16 * MIB, 4 * MIB);
    attend(OK);
    EXPECT(err_ok(request[0].answer) && err_ok(request[1].answer), "it is enough for two");
    EXPECT(told.answered && told.a == 100 * MIB, "the third asks for itself");
    attend(ERR(E_RAM_NONE));
    EXPECT_EQ(err_root(request[2].answer), E_RAM_NONE, "and hears that there is none");
    EXPECT_EQ(request[2].served, 3u, "served when it came, when RAM came, when none came");
}

TEST(wants, who_has_gone_or_asks_for_something_else_wants_nothing)
{
    start();
    attend(OK);
    ask(0, 4 * MIB, OK);
    monitor.rpc.kept.number = 0;
    ask(1, 4 * MIB, OK);
    ask(2, 6 * MIB, OK);
    wants_forget(&client[0]);                   /* the monitor is at it */
    wants_forget(&client[2]);                   /* the last of the queue */
    ask(2, 7 * MIB, OK);
    wants_forget(&client[1]);                   /* the first of the queue */
    attend(OK);
    EXPECT_EQ(request[0].served, 1u, "not served any more");
    EXPECT(told.answered && told.a == 7 * MIB, "who is left");
    wants_forget(&monitor);
    EXPECT(!mem.attendant, "nobody attends");
}

TEST(wants, what_is_free_goes_back_but_not_all)
{
    start();
    attend(OK);
    lend(BASE + 16 * MIB, 4 * MIB);
    mem.accounts.outstanding = HOME;
    wants_tell();
    EXPECT(!told.answered, "what stays is promised");
    mem.accounts.outstanding = HOME - MIB;
    wants_tell();
    EXPECT(told.answered && told.wish == WISH_RETURN && told.a == BASE + 16 * MIB, "the unit");
    attend(ERR(E_LEAVING));
    EXPECT(!told.answered, "not again at once");
    ask(0, 50 * MIB, OK);
    lend(BASE + 64 * MIB, 50 * MIB);
    attend(OK);
    EXPECT(told.answered && told.wish == WISH_RETURN, "more has come, and is free");
}

TEST(wants, revocation_names_root_and_offset)
{
    start();
    attend(OK);
    mem.remote.base = BASE + 3 * PAGE;
    mem.remote.bytes = 2 * PAGE;
    ask(0, 0, ERR(E_REMOTE));
    EXPECT(told.answered && told.wish == WISH_REVOKE && told.b == 3 * PAGE && told.c == 2 * PAGE, "the range");
    EXPECT_EQ(fake_base(told.a), BASE, "of the root");
    request[0].remote = OK;
    attend(OK);
    EXPECT(err_ok(request[0].answer) && request[0].served == 2, "done");
    ask(1, 0, ERR(E_REMOTE));
    attend(ERR(E_QUARANTINED));
    EXPECT_EQ(err_root(request[1].answer), E_QUARANTINED, "why it failed");
    monitor.rpc.kept.number = 0;
    mem.remote.base = BASE + 512 * MIB;
    ask(2, 0, ERR(E_REMOTE));
    request[2].remote = OK;
    attend(OK);
    EXPECT(err_ok(request[2].answer) && !told.answered, "its root is gone: another one has done it");
}
