/** @file mem.c  The memory server as its clients see it: good ones, bad ones, and ones that die. */
#include "../memory.h"
#include "children.h"
#include <os/string.h>
#include <stubs/mem.h>

#define PAGE SHOAL_PAGE_SIZE
#define ACCOUNT_SESSIONS 8u          /* of servers/mem/state.h */
#define MIB  0x100000ull

static struct memory memory;

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

/* Is the memory of @p ram zero at its beginning and its end?  Afterwards it is not. */
static void check_zero(struct test *t, cptr_t ram, uint64_t bytes)
{
    const uint64_t window = t->window_used, part = bytes < 4 * PAGE ? bytes : 4 * PAGE;
    const cptr_t frame = test_slot(t);

    MUST(t, cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame));
    for (unsigned end = 0; end < 2; end++) {
        uint64_t *const word = test_map(t, frame, end ? bytes - part : 0, part, MAP_READ | MAP_WRITE, NULL);
        uint64_t dirty = 0;
        for (uint64_t i = 0; word && i < part / 8; i++) {
            dirty |= end && bytes < 2 * part ? 0 : word[i];
            word[i] = ~i;
        }
        CHECK(t, dirty == 0, "%lu bytes were not zero", bytes);
    }
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, 0, bytes));
    t->window_used = window;
}

static void sizes(struct test *t)
{
    static const uint64_t size[] = { PAGE, 2 * PAGE, 3 * PAGE, 511 * PAGE, 512 * PAGE, 513 * PAGE, 4 * MIB,
                                     5 * MIB + PAGE, 64 * MIB };

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const c = &memory.manager.rpc;
    const uint64_t unused = memory_unused(&memory);
    for (unsigned i = 0; i < 2 * sizeof(size) / sizeof(size[0]); i++) {
        const uint64_t bytes = size[i / 2], align = PAGE << (i * 5 % 17);
        struct cap_info info = { 0 };
        if (!memory_holds(&memory, bytes, align)) {
            continue;               /* on a machine of 256 MiB */
        }
        for (unsigned again = 0; again < 2; again++) {
            cptr_t ram;
            MUST(t, mem_alloc(c, bytes, align, &ram));
            EXPECT_OK(t, cap_identify(CPTR_NULL, ram, &info));
            CHECK(t, info.type == CAP_RAM && info.bytes == bytes && info.base % align == 0 && info.rights & RIGHT_OWN,
                  "type %u, %#lx bytes at %#lx for %#lx aligned to %#lx, rights %#lx", info.type, info.bytes,
                  info.base, bytes, align, info.rights);
            CHECK_EQ(t, memory_unused(&memory), unused - bytes);
            check_zero(t, ram, bytes);
            EXPECT_OK(t, mem_free(c, ram));
            CHECK_EQ(t, slot_type(CPTR_NULL, ram), CAP_NULL);
            CHECK_EQ(t, memory_unused(&memory), unused);
        }
    }
    memory_stop(&memory);
}

static void refuses(struct test *t)
{
    static const struct { uint64_t bytes, align; enum err_code want; } row[] = {
        { 0, PAGE, E_MEM_SIZE }, { 1, PAGE, E_MEM_SIZE }, { PAGE + 1, PAGE, E_MEM_SIZE }, { ~0ull, PAGE, E_MEM_SIZE },
        { PAGE, 0, E_MEM_ALIGN }, { PAGE, 1, E_MEM_ALIGN }, { PAGE, 3 * PAGE, E_MEM_ALIGN }, { PAGE, ~0ull, E_MEM_ALIGN },
        { ~(PAGE - 1ull), PAGE, E_RAM_NONE }, { 1ull << 50, PAGE, E_RAM_NONE }, { PAGE, 1ull << 63, E_RAM_NONE },
    };
    const cptr_t part = test_slot(t), weak = test_slot(t);

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const c = &memory.manager.rpc;
    const uint64_t unused = memory_unused(&memory);
    cptr_t ram = CPTR_NULL;
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const err_t err = mem_alloc(c, row[i].bytes, row[i].align, &ram);
        CHECK(t, err_root(err) == row[i].want, "%#lx bytes aligned to %#lx: %s", row[i].bytes, row[i].align,
              err_name(err_root(err)));
    }
    c->cap_slot = test_slot(t);
    MUST(t, mem_alloc(c, 4 * PAGE, PAGE, &ram));
    c->cap_slot = CPTR_NULL;
    EXPECT_OK(t, cap_retype(ram, CAP_RAM, 0, PAGE, 1, CPTR_NULL, part));
    EXPECT_ERR(t, mem_free(c, part), E_MEM_GRANT);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, ram, RIGHT_READ | RIGHT_WRITE));
    EXPECT_ERR(t, mem_free(c, weak), E_MEM_GRANT);
    EXPECT_ERR(t, mem_free(c, test_make(t, CAP_FRAME, PAGE, 1)), E_MEM_GRANT);
    EXPECT_ERR(t, mem_free(c, test_ram(t, 4 * PAGE, PAGE)), E_MEM_GRANT);
    EXPECT_ERR(t, mem_account_destroy(c, 77), E_MEM_ACCOUNT);
    EXPECT_ERR(t, mem_account_limit(c, 0, 1), E_MEM_ACCOUNT);
    EXPECT_ERR(t, mem_connect(c, 77, false, memory.manager.rpc.end.send, &ram), E_MEM_ACCOUNT);
    EXPECT_ERR(t, mem_connect(c, 1, false, test_make(t, CAP_NOTIFY, 0, 1), &ram), E_MEM_ENDPOINT);
    EXPECT_ERR(t, mem_root_remove(c, memory.base[0] + PAGE, &ram), E_MM_ROOT);
    EXPECT_ERR(t, mem_root_add(c, test_make(t, CAP_FRAME, PAGE, 1)), E_CAP_TYPE);
    CHECK_EQ(t, memory_unused(&memory), unused - 4 * PAGE);
    /* a copy with own may free it: what was made of it, and the other copies, go */
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, ram, RIGHTS_ALL));
    EXPECT_OK(t, mem_free(c, weak));
    CHECK_EQ(t, slot_type(CPTR_NULL, part), CAP_NULL);
    CHECK_EQ(t, memory_unused(&memory), unused);
    memory_stop(&memory);
}

static void check_status(struct test *t, uint64_t account, uint64_t limit, uint64_t committed, uint64_t granted)
{
    uint64_t l = 0, c = 0, g = 0;

    EXPECT_OK(t, mem_account_status(&memory.manager.rpc, account, &l, &c, &g));
    CHECK(t, l == limit && c == committed && g == granted, "limit %#lx, committed %#lx, granted %#lx", l, c, g);
}

static void accounts(struct test *t)
{
    static struct memory_client client;
    uint64_t account, other, number;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc, *const c = &client.rpc;
    const cptr_t slot = test_slot(t), frame = test_slot(t);
    MUST(t, mem_account_new(m, MIB, &account));
    MUST(t, mem_account_new(m, ~0ull, &other));
    const uint64_t unused = memory_unused(&memory);
    if (!memory_connect(&memory, &client, account, false)) {
        return;
    }
    const uint64_t connected = memory_unused(&memory);
    cptr_t ram;
    EXPECT_ERR(t, mem_account_new(c, MIB, &number), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_account_alloc(c, other, PAGE, PAGE, &ram), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_account_destroy(c, account), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_account_status(c, account, &number, &number, &number), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_account_limit(c, account, ~0ull), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_connect(c, account, true, c->end.send, &ram), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_root_remove(c, memory.base[0], &ram), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_root_add(c, test_ram(t, PAGE, PAGE)), E_MEM_MANAGER);
    EXPECT_ERR(t, mem_alloc(c, MIB + PAGE, PAGE, &ram), E_MEM_LIMIT);

    c->cap_slot = slot;
    MUST(t, mem_alloc(c, MIB / 2, PAGE, &ram));
    c->cap_slot = CPTR_NULL;
    for (unsigned i = 0; i < 4; i++) {                      /* on its account, by somebody else; nobody keeps it */
        MUST(t, mem_account_alloc(m, account, MIB / 8, PAGE, &ram));
        rpc_drop_cap(ram);
    }
    EXPECT_ERR(t, mem_alloc(c, PAGE, PAGE, &ram), E_MEM_LIMIT);
    check_status(t, account, MIB, MIB, MIB);
    EXPECT_OK(t, mem_account_limit(m, account, MIB / 4));
    EXPECT_ERR(t, mem_alloc(c, PAGE, PAGE, &ram), E_MEM_LIMIT);
    EXPECT_OK(t, mem_account_limit(m, account, 2 * MIB));
    EXPECT_OK(t, mem_commit(c, 2 * MIB));
    EXPECT_ERR(t, mem_commit(c, 2 * MIB + 1), E_MEM_LIMIT);
    check_status(t, account, 2 * MIB, 2 * MIB, MIB);
    /* what is promised to one is not granted to another */
    EXPECT_ERR(t, mem_account_alloc(m, other, memory_unused(&memory), PAGE, &ram), E_MEM_PROMISED);
    EXPECT_OK(t, cap_retype(slot, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, frame));
    EXPECT_ERR(t, mem_free(m, slot), E_MEM_GRANT);          /* of another account; and now nobody holds it */
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_FRAME);

    EXPECT_OK(t, mem_account_destroy(m, account));
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_NULL);
    CHECK_EQ(t, memory_unused(&memory), connected);
    EXPECT_ERR(t, mem_account_destroy(m, account), E_MEM_ACCOUNT);
    EXPECT_ERR(t, mem_alloc(c, PAGE, PAGE, &ram), E_RPC_CLOSED);
    MUST(t, mem_account_new(m, MIB, &number));
    CHECK(t, number > other && other > account, "account %lu after %lu", number, other);
    CHECK_EQ(t, connected, unused);
    memory_stop(&memory);
}

/* Thousands of calls in random order on four accounts, of which now and then one is destroyed. */
static void random_calls(struct test *t)
{
    enum { ACCOUNTS = 4, HELD = 96, CALLS = 4000 };
    static struct { cptr_t ram; uint64_t bytes; unsigned account; } held[HELD];
    static struct memory_client client[ACCOUNTS];
    uint64_t account[ACCOUNTS], granted[ACCOUNTS] = { 0 }, random = 7, done = 0;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc;
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        MUST(t, mem_account_new(m, ~0ull, &account[i]));
        if (!memory_connect(&memory, &client[i], account[i], false)) {
            return;
        }
    }
    const uint64_t unused = memory_unused(&memory);
    uint64_t out = 0;
    const cptr_t first = test_slot(t);
    for (unsigned i = 0; i < HELD; i++) {
        held[i].ram = i ? test_slot(t) : first;
        held[i].bytes = 0;
    }
    for (unsigned i = 0; i < CALLS && t->wrong == 0; i++) {
        const unsigned h = (unsigned)(next_random(&random) % HELD), a = (unsigned)(next_random(&random) % ACCOUNTS);
        const uint64_t pages = 1 + next_random(&random) % (next_random(&random) % 8 ? 16 : 1500);
        if (held[h].bytes) {
            MUST(t, mem_free(&client[held[h].account].rpc, held[h].ram));
            out -= held[h].bytes;
            granted[held[h].account] -= held[h].bytes;
            held[h].bytes = 0;
        } else {
            cptr_t ram;
            client[a].rpc.cap_slot = held[h].ram;
            MUST(t, mem_alloc(&client[a].rpc, pages * PAGE, PAGE << next_random(&random) % 10, &ram));
            held[h].bytes = pages * PAGE;
            held[h].account = a;
            out += held[h].bytes;
            granted[a] += held[h].bytes;
            done++;
        }
        CHECK_EQ(t, memory_unused(&memory), unused - out);
    }
    CHECK(t, done > CALLS / 4, "only %lu", done);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        check_status(t, account[i], ~0ull, granted[i], granted[i]);
        EXPECT_OK(t, mem_account_destroy(m, account[i]));
    }
    for (unsigned i = 0; i < HELD; i++) {
        CHECK_EQ(t, slot_type(CPTR_NULL, held[i].ram), CAP_NULL);
    }
    CHECK_EQ(t, memory_unused(&memory), unused);
    memory_stop(&memory);
}

/* All RAM goes out, in ever smaller pieces; then every call fails with an error, and all comes back. */
static void exhaustion(struct test *t)
{
    uint64_t account;
    cptr_t ram;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc;
    MUST(t, mem_account_new(m, ~0ull, &account));
    const uint64_t unused = memory_unused(&memory);
    for (uint64_t bytes = 256 * MIB; bytes >= PAGE; bytes /= 4) {
        err_t err;
        while (err_ok(err = mem_account_alloc(m, account, bytes, PAGE, &ram))) {
            rpc_drop_cap(ram);
        }
        EXPECT_ERR(t, (err_t){ err.trail & 0xffff }, E_RAM_NONE);
    }
    CHECK_EQ(t, memory_unused(&memory), 0);
    for (unsigned i = 0; i < 20; i++) {
        EXPECT_ERR(t, mem_alloc(m, PAGE, PAGE, &ram), E_RAM_NONE);
    }
    check_status(t, account, ~0ull, unused, unused);
    EXPECT_OK(t, mem_account_destroy(m, account));
    CHECK_EQ(t, memory_unused(&memory), unused);
    memory_stop(&memory);
}

/* arg[0] service, arg[1] ring, arg[2] event, arg[3] receive slot, arg[4] calls, arg[5] bytes: allocates and keeps what it
 * gets in no slot.  result[0] successes, result[1] last error. */
static void child_allocates(volatile struct shared *page)
{
    struct rpc_client c = {
        .end = { .send = page->arg[0], .ring = (void *)page->arg[1], .mask = 1, .event = page->arg[2],
                 .receive = page->arg[3] },
    };

    for (uint64_t i = 0; i < page->arg[4]; i++) {
        cptr_t ram;
        const err_t err = mem_alloc(&c, page->arg[5], SHOAL_PAGE_SIZE, &ram);
        page->result[1] |= err.trail;
        if (err_ok(err)) {
            page->result[0]++;
            rpc_drop_cap(ram);
        }
    }
    child_exit();
}

static bool start_client(struct test *t, struct proc *p, child_fn entry, uint64_t account)
{
    struct proc_endpoint back;
    cptr_t service, receive;

    if (!proc_make(t, p, entry) || !memory_connect_child(&memory, p, &back, 9, account, &service, &receive)) {
        return false;
    }
    p->page->arg[0] = service;
    p->page->arg[1] = back.ring_va;
    p->page->arg[2] = 9;
    p->page->arg[3] = receive;
    return true;
}

/* A client goes with all its capabilities: its session ends, its memory stays until its account is destroyed. */
static void client_dies(struct test *t)
{
    static struct proc p;
    uint64_t account, unused = 0;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc;
    for (unsigned i = 0; i < 8; i++) {
        MUST(t, mem_account_new(m, 64 * PAGE, &account));
        if (!start_client(t, &p, child_allocates, account)) {
            return;
        }
        p.page->arg[4] = 5;
        p.page->arg[5] = 3 * PAGE;
        MUST(t, dispatcher_start(p.disp));
        (void)proc_finish(&p);
        CHECK_EQ(t, p.page->result[0], 5);
        CHECK_EQ(t, p.page->result[1], 0);
        MUST(t, dispatcher_stop(p.disp));
        EXPECT_OK(t, cap_delete(p.l1, p.page->arg[0]));         /* the last capability to its session */
        check_status(t, account, 64 * PAGE, 15 * PAGE, 15 * PAGE);
        EXPECT_OK(t, mem_account_destroy(m, account));
        CHECK(t, i == 0 || memory_unused(&memory) == unused, "%#lx bytes, %#lx before", memory_unused(&memory), unused);
        unused = memory_unused(&memory);
    }
    memory_stop(&memory);
}

/* A client that cannot take the reply is closed, and what the reply should have brought is not lost. */
static void undeliverable(struct test *t)
{
    static struct memory_client client;
    uint64_t account;
    cptr_t ram, service;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc, *const c = &client.rpc;
    MUST(t, mem_account_new(m, ~0ull, &account));
    if (!memory_connect(&memory, &client, account, true)) {
        return;
    }
    MUST(t, mem_alloc(c, PAGE, PAGE, &ram));
    CHECK_EQ(t, ram, c->end.receive);                       /* where it stays, and is in the way */
    const uint64_t unused = memory_unused(&memory);
    EXPECT_ERR(t, mem_alloc(c, MIB, PAGE, &ram), E_RPC_CLOSED);
    check_status(t, account, ~0ull, PAGE, PAGE);
    CHECK_EQ(t, memory_unused(&memory), unused);
    /* the same with a session and a root */
    if (!memory_connect(&memory, &client, account, true)) {
        return;
    }
    MUST(t, mem_alloc(c, PAGE, PAGE, &ram));
    EXPECT_ERR(t, mem_connect(c, account, false, mint_send(t, memory.manager.back.recv, RIGHT_WRITE, 5), &service),
               E_RPC_CLOSED);
    if (!memory_connect(&memory, &client, account, true)) {
        return;
    }
    if (memory_holds(&memory, PAGE, 512 * MIB)) {
        MUST(t, mem_alloc(c, PAGE, 512 * MIB, &ram));
    }
    EXPECT_OK(t, mem_account_destroy(m, account));          /* it took what lay in the way, too */
    MUST(t, mem_account_new(m, ~0ull, &account));
    if (!memory_connect(&memory, &client, account, true)) {
        return;
    }
    uint64_t first = 0;
    MUST(t, mem_alloc(c, PAGE, PAGE, &ram));
    struct cap_info info = { 0 };
    EXPECT_OK(t, cap_identify(CPTR_NULL, ram, &info));
    while (first < init.boot->ram_count && info.base - memory.base[first] < MIB) {
        first++;                                            /* a root of which nothing is granted */
    }
    EXPECT_ERR(t, mem_root_remove(c, memory.base[first], &ram), E_RPC_CLOSED);
    EXPECT_OK(t, mem_account_destroy(m, account));
    memory_stop(&memory);
}

/* Bindings are as many as all have together: one account's users get a few, and none outlives it. */
static void bindings(struct test *t)
{
    cptr_t service[ACCOUNT_SESSIONS], got;
    uint64_t account, other;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc;
    const cptr_t reply = mint_send(t, memory.manager.back.recv, RIGHT_WRITE, 7), spare = test_slot(t);
    MUST(t, mem_account_new(m, ~0ull, &account));
    MUST(t, mem_account_new(m, ~0ull, &other));
    const uint64_t unused = memory_unused(&memory);
    for (unsigned i = 0; i < ACCOUNT_SESSIONS; i++) {
        service[i] = m->cap_slot = test_slot(t);
        MUST(t, mem_connect(m, account, false, reply, &got));
    }
    m->cap_slot = spare;
    EXPECT_ERR(t, mem_connect(m, account, false, reply, &got), E_MEM_SESSIONS);
    EXPECT_OK(t, mem_connect(m, other, false, reply, &got));
    EXPECT_OK(t, cap_delete(CPTR_NULL, service[0]));
    (void)memory_unused(&memory);                           /* it has run, and found the binding closed */
    m->cap_slot = service[0];
    EXPECT_OK(t, mem_connect(m, account, false, reply, &got));      /* one was closed */
    EXPECT_OK(t, mem_account_destroy(m, account));
    for (unsigned i = 0; i < ACCOUNT_SESSIONS; i++) {
        CHECK_EQ(t, slot_type(CPTR_NULL, service[i]), CAP_NULL);
    }
    CHECK_EQ(t, slot_type(CPTR_NULL, spare), CAP_ENDPOINT);
    EXPECT_OK(t, mem_account_destroy(m, other));
    CHECK_EQ(t, memory_unused(&memory), unused);
    m->cap_slot = CPTR_NULL;
    memory_stop(&memory);
}

/* Calls in good order, of random numbers, words and capabilities.  arg[0..3] as above, arg[4] calls, arg[5] seed, arg[6..9]
 * capabilities; result[0] successes, result[1] other replies, result[2] errors of the transport. */
static void child_nonsense(volatile struct shared *page)
{
    struct rpc_client c = {
        .end = { .send = page->arg[0], .ring = (void *)page->arg[1], .mask = 1, .event = page->arg[2],
                 .receive = page->arg[3] },
    };
    uint64_t random = page->arg[5];

    for (uint64_t i = 0; i < page->arg[4]; i++) {
        struct rpc_message m = { .number = (uint16_t)(next_random(&random) % 16),
                                 .length = (uint8_t)(next_random(&random) % 5) };
        for (unsigned w = 0; w < RPC_WORDS; w++) {
            m.word[w] = next_random(&random) % 4 ? (next_random(&random) % 40) << next_random(&random) % 30
                                                 : next_random(&random) << 33 | next_random(&random);
        }
        if (next_random(&random) % 3 == 0) {
            const uint64_t which = next_random(&random) % 4;
            m.cap = page->arg[6 + which];
            m.give = which != 2 && next_random(&random) % 64 == 0;      /* the service it cannot give away */
        }
        if (!err_ok(rpc_call(&c, &m))) {
            page->result[2]++;
            continue;
        }
        page->result[m.number & RPC_ERROR ? 1 : 0]++;
        rpc_drop_received(&m);
    }
    child_exit();
}

static void nonsense(struct test *t)
{
    static struct proc garbage, random;
    uint64_t account[2];
    cptr_t ram;

    if (!memory_start(t, &memory)) {
        return;
    }
    struct rpc_client *const m = &memory.manager.rpc;
    for (unsigned i = 0; i < 2; i++) {
        MUST(t, mem_account_new(m, 8 * MIB, &account[i]));
    }
    if (!start_client(t, &garbage, child_garbage, account[0]) ||
        !start_client(t, &random, child_nonsense, account[1])) {
        return;
    }
    const uint64_t unused = memory_unused(&memory);
    garbage.page->arg[1] = 99;
    garbage.page->arg[2] = proc_give(&garbage, test_make(t, CAP_NOTIFY, 0, 1), RIGHTS_ALL);
    garbage.page->arg[3] = 2000;
    random.page->arg[4] = 3000;
    random.page->arg[5] = 4711;
    random.page->arg[6] = proc_give(&random, test_make(t, CAP_NOTIFY, 0, 1), RIGHTS_ALL);
    random.page->arg[7] = proc_give(&random, test_ram(t, 4 * PAGE, PAGE), RIGHTS_ALL);
    random.page->arg[8] = random.page->arg[0];
    random.page->arg[9] = proc_give(&random, test_make(t, CAP_FRAME, PAGE, 1), RIGHT_READ);
    MUST(t, dispatcher_start(garbage.disp));
    MUST(t, dispatcher_start(random.disp));
    for (unsigned i = 0; i < 200; i++) {
        MUST(t, mem_alloc(m, PAGE, PAGE, &ram));
        EXPECT_OK(t, mem_free(m, ram));
        if (i % 8 == 0) {
            sys_yield();
        }
    }
    (void)proc_finish(&garbage);
    (void)proc_finish(&random);
    CHECK(t, garbage.page->result[0] >= 2, "nothing got through");
    CHECK(t, random.page->result[0] + random.page->result[1] > 10 && random.page->result[0] > 0,
          "%lu successes, %lu refused, %lu not sent", random.page->result[0], random.page->result[1],
          random.page->result[2]);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_OK(t, mem_account_destroy(m, account[i]));
    }
    CHECK_EQ(t, memory_unused(&memory), unused);
    MUST(t, mem_alloc(m, PAGE, PAGE, &ram));
    EXPECT_OK(t, mem_free(m, ram));
    memory_stop(&memory);
}

TEST_GROUP(mem, CASE(sizes), CASE(refuses), CASE(accounts), CASE(random_calls), CASE(exhaustion), CASE(client_dies),
           CASE(undeliverable), CASE(bindings), CASE(nonsense));
