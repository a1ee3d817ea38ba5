/* Grants on the fake kernel: books, capabilities and free ranges agree, also when the n-th call fails. */
#include "libos_world.h"
#include "state.h"

#define PAGE   0x1000ul
#define BASE   0x80000000ull
#define PAGES  1024u
#define HELD   64u

struct mem mem;

static struct world w;
static struct account *account[3];
static struct { cptr_t ram; uint64_t bytes; unsigned account; } held[HELD];
static uint64_t scrubs;             /* left until scrub() fails once; 0: never */

err_t scrub(cptr_t ram, uint64_t base, uint64_t bytes)
{
    EXPECT_EQ(fake_base(ram), base, "scrub of %" PRIu64 " pages", bytes / PAGE);
    return scrubs > 0 && --scrubs == 0 ? ERR(E_STATE) : OK;
}

void rpc_drop_cap(cptr_t cap)
{
    (void)cap_delete(CPTR_NULL, cap);
}

static void start(void)
{
    world_start(&w, 0x40000, test_seed());
    memset(&mem, 0, sizeof(mem));
    memset(held, 0, sizeof(held));
    scrubs = 0;
    mem.stock = &w.stock;
    slab_init(&mem.range_slab, sizeof(struct range), &w.stock.pool, SLAB_KEEP);
    slab_init(&mem.root_slab, sizeof(struct mm_root), &w.stock.pool, SLAB_KEEP);
    slab_init(&mem.account_slab, sizeof(struct account), &w.stock.pool, SLAB_KEEP);
    EXPECT(err_ok(stock_add_slab(&w.stock, &mem.range_slab, E_REFILL_RANGES)), "ranges");
    EXPECT(err_ok(stock_add_slab(&w.stock, &mem.root_slab, E_REFILL_ROOTS)), "roots");
    EXPECT(err_ok(stock_add_slab(&w.stock, &mem.account_slab, E_REFILL_ACCOUNTS)), "accounts");
    mm_init(&mem.mm, &mem.range_slab, &mem.root_slab, &w.stock.slots);
    accounts_init(&mem.accounts, &mem.account_slab, &mem.range_slab);
    EXPECT(err_ok(mm_add_root(&mem.mm, fake_ram(BASE, PAGES * PAGE))), "root");
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(err_ok(account_make(&mem.accounts, ~0ull, &account[i])), "account");
    }
}

static void check(const char *when)
{
    uint64_t granted = 0;
    const char *const wrong = accounts_check(&mem.accounts);

    EXPECT(!wrong, "%s: %s", when, wrong);
    for (unsigned i = 0; i < 3; i++) {
        granted += account[i] ? account[i]->granted : 0;
    }
    EXPECT_EQ(mm_free_bytes(&mem.mm) + granted, PAGES * PAGE, "%s", when);
}

/* The reply arrived: the client has the capability in a slot of its own. */
static cptr_t deliver(cptr_t ram)
{
    const cptr_t slot = fake_slot();

    EXPECT(err_ok(cap_move(CPTR_NULL, slot, CPTR_NULL, ram)), "deliver");
    grant_settle();
    return slot;
}

static void random_step(uint64_t random)
{
    const unsigned h = (unsigned)random % HELD, a = (unsigned)(random >> 8) % 3;
    cptr_t ram;

    EXPECT(err_ok(stock_refill(&w.stock)), "refill");
    if (held[h].bytes) {
        EXPECT_EQ(err_root(grant_return(account[held[h].account], held[h].ram)), E_OK, "return");
        EXPECT(fake_empty(held[h].ram), "the client still has it");
        held[h].bytes = 0;
    } else if (account[a]) {
        const uint64_t bytes = (1 + (random >> 16) % 40) * PAGE, slots = w.stock.slots.used;
        const err_t err = grant_make(account[a], bytes, PAGE << (random >> 32) % 6, &ram);
        if (!err_ok(err)) {
            EXPECT_EQ(err_root(err), E_RAM_NONE, "grant");
        } else if ((random >> 40) % 8 == 0) {               /* the reply did not arrive */
            grant_settle();
        } else {
            held[h].ram = deliver(ram);
            held[h].bytes = bytes;
            held[h].account = a;
        }
        EXPECT_EQ(w.stock.slots.used, slots, "slots");
    }
}

TEST(grants, random_and_destroyed)
{
    uint64_t state = test_seed() * 104729;

    start();
    for (unsigned step = 0; step < 1500; step++) {
        random_step(test_random(&state));
        check("random");
    }
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(err_ok(grant_return_all(account[i])), "all");
        EXPECT_EQ(account[i]->granted, 0, "all");
        account_drop(&mem.accounts, account[i]);
        account[i] = NULL;
    }
    check("destroyed");
    EXPECT_EQ(mem.mm.free.tree.count, 1, "merged");
    for (unsigned h = 0; h < HELD; h++) {
        EXPECT(!held[h].bytes || fake_empty(held[h].ram), "a grant outlives its account");
    }
}

TEST(grants, refused)
{
    cptr_t ram;

    start();
    EXPECT_EQ(err_root(grant_make(account[0], 0, PAGE, &ram)), E_MEM_SIZE, "nothing");
    EXPECT_EQ(err_root(grant_make(account[0], PAGE / 2, PAGE, &ram)), E_MEM_SIZE, "half a page");
    EXPECT_EQ(err_root(grant_make(account[0], PAGE, PAGE / 2, &ram)), E_MEM_ALIGN, "half a page");
    EXPECT_EQ(err_root(grant_make(account[0], PAGE, 3 * PAGE, &ram)), E_MEM_ALIGN, "three pages");
    EXPECT_EQ(err_root(grant_make(account[0], (PAGES + 1) * PAGE, PAGE, &ram)), E_RAM_NONE, "too much");
    account_set_limit(&mem.accounts, account[0], PAGE);
    EXPECT_EQ(err_root(grant_make(account[0], 2 * PAGE, PAGE, &ram)), E_MEM_LIMIT, "above the limit");
    EXPECT(err_ok(grant_make(account[1], 2 * PAGE, PAGE, &ram)), "grant");
    ram = deliver(ram);
    const cptr_t copy = fake_slot();
    EXPECT(err_ok(cap_copy(CPTR_NULL, copy, CPTR_NULL, ram, RIGHTS_ALL)), "copy");
    EXPECT_EQ(err_root(grant_return(account[0], copy)), E_MEM_GRANT, "of another account");
    EXPECT(fake_empty(copy) && !fake_empty(ram), "only what came is dropped");
    EXPECT_EQ(err_root(grant_return(account[1], copy)), E_MEM_GRANT, "an empty slot");
    EXPECT(err_ok(grant_return(account[1], ram)), "return");
    check("refused");
}

/* The n-th invocation, or the scrubbing, fails: nothing is changed. */
TEST(grants, nth_call_fails)
{
    cptr_t ram;

    start();
    for (uint64_t n = 1;; n++) {
        const uint64_t caps = fake_caps(), slots = w.stock.slots.used;
        fake_fail(n, FAKE_RETYPE | FAKE_COPY | FAKE_MOVE);
        const err_t err = grant_make(account[0], 3 * PAGE, PAGE, &ram);
        fake_fail(0, FAKE_ALL);
        check("failing");
        if (err_ok(err)) {
            EXPECT(n > 1, "nothing failed");
            break;
        }
        EXPECT_EQ(err_root(err), E_STATE, "call %" PRIu64, n);
        EXPECT(fake_caps() == caps && w.stock.slots.used == slots && mem.out.kind == OUT_NOTHING, "call %" PRIu64, n);
    }
    ram = deliver(ram);
    const uint64_t caps = fake_caps(), slots = w.stock.slots.used;
    scrubs = 1;
    cptr_t other;
    EXPECT_EQ(err_root(grant_make(account[0], PAGE, PAGE, &other)), E_STATE, "scrub");
    EXPECT(fake_caps() == caps && w.stock.slots.used == slots, "scrub");
    check("scrub");
    fake_fail(1, FAKE_REVOKE);
    EXPECT_EQ(err_root(grant_return_all(account[0])), E_STATE, "revoke");
    fake_fail(0, FAKE_ALL);
    EXPECT_EQ(account[0]->granted, 3 * PAGE, "revoke");
    check("revoke");
    EXPECT(err_ok(grant_return_all(account[0])) && fake_empty(ram), "again");
    check("again");
}
