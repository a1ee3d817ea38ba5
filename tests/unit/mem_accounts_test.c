/* Accounts of the memory server against a model that keeps plain numbers and a list of grants. */
#include "accounts.h"
#include "libos_world.h"

#define PAGE     0x1000ul
#define ACCOUNTS 12u
#define GRANTS   200u
#define TOTAL    (1ull << 20)       /* bytes of RAM that the model has */

struct model_account {
    struct account *account;        /* NULL: none */
    uint64_t id, limit, promised;
};

struct model_grant {
    uint64_t base, bytes;           /* 0 bytes: none */
    unsigned account;
};

static struct world w;
static struct slab account_slab, range_slab;
static struct accounts book;
static struct model_account account[ACCOUNTS];
static struct model_grant grant[GRANTS];

static void start(void)
{
    world_start(&w, 0x40000, test_seed());
    memset(account, 0, sizeof(account));
    memset(grant, 0, sizeof(grant));
    slab_init(&account_slab, sizeof(struct account), &w.stock.pool, SLAB_KEEP);
    slab_init(&range_slab, sizeof(struct range), &w.stock.pool, SLAB_KEEP);
    EXPECT(err_ok(stock_add_slab(&w.stock, &account_slab, E_REFILL_ACCOUNTS)), "accounts");
    EXPECT(err_ok(stock_add_slab(&w.stock, &range_slab, E_REFILL_RANGES)), "ranges");
    accounts_init(&book, &account_slab, &range_slab);
}

static uint64_t granted(unsigned a)
{
    uint64_t bytes = 0;

    for (unsigned g = 0; g < GRANTS; g++) {
        bytes += grant[g].account == a ? grant[g].bytes : 0;
    }
    return bytes;
}

static uint64_t unused(void)
{
    uint64_t bytes = TOTAL;

    for (unsigned g = 0; g < GRANTS; g++) {
        bytes -= grant[g].bytes;
    }
    return bytes;
}

/* What the others are promised and do not have yet. */
static uint64_t promised_to_others(unsigned a)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < ACCOUNTS; i++) {
        if (i != a && account[i].account && account[i].promised > granted(i)) {
            bytes += account[i].promised - granted(i);
        }
    }
    return bytes;
}

static enum err_code may_have(unsigned a, uint64_t bytes)
{
    if (granted(a) + bytes > account[a].limit) {
        return E_MEM_LIMIT;
    }
    return bytes <= unused() && bytes + promised_to_others(a) > unused() ? E_MEM_PROMISED : E_OK;
}

static void check_all(unsigned step)
{
    const char *const wrong = accounts_check(&book);

    EXPECT(!wrong, "step %u: %s", step, wrong);
    for (unsigned a = 0; a < ACCOUNTS; a++) {
        const struct account *const real = account[a].account;
        if (!real) {
            EXPECT(account[a].id == 0 || !account_find(&book, account[a].id), "step %u: account %u lives", step, a);
            continue;
        }
        EXPECT(account_find(&book, account[a].id) == real, "step %u", step);
        EXPECT_EQ(real->limit, account[a].limit, "step %u", step);
        EXPECT_EQ(real->granted, granted(a), "step %u", step);
        EXPECT_EQ(account_committed(real), account[a].promised > granted(a) ? account[a].promised : granted(a),
                  "step %u", step);
    }
}

static void make_or_drop(unsigned a, uint64_t random)
{
    static uint64_t latest;
    struct account *const real = account[a].account;

    if (!real) {
        const uint64_t limit = (random % 400) * PAGE;
        EXPECT(err_ok(account_make(&book, limit, &account[a].account)), "make");
        EXPECT(account[a].account->id > latest || book.latest == 1, "number %" PRIu64 " again", account[a].account->id);
        latest = account[a].account->id;
        account[a].id = latest;
        account[a].limit = limit;
        account[a].promised = 0;
        return;
    }
    uint64_t base, bytes, at = 0, sum = 0;
    while (account_next(real, at, &base, &bytes)) {         /* in order, and all of them */
        EXPECT(base >= at && bytes > 0, "grant at %#" PRIx64, base);
        at = base + bytes;
        sum += bytes;
        account_return(&book, real, base);
    }
    EXPECT_EQ(sum, granted(a), "all grants");
    account_drop(&book, real);
    account[a].account = NULL;
    for (unsigned g = 0; g < GRANTS; g++) {
        grant[g].bytes = grant[g].account == a ? 0 : grant[g].bytes;
    }
}

static void promise(unsigned a, uint64_t bytes)
{
    const uint64_t had = granted(a), more = bytes > had ? bytes - had : 0;
    const uint64_t others = promised_to_others(a), left = unused() > others ? unused() - others : 0;
    const enum err_code want = bytes > account[a].limit ? E_MEM_LIMIT : more > left ? E_MEM_PROMISED : E_OK;
    const err_t err = account_promise(&book, account[a].account, bytes, unused());

    EXPECT_EQ(err_root(err), want, "promise %" PRIu64 " pages", bytes / PAGE);
    account[a].promised = err_ok(err) ? bytes : account[a].promised;
}

static void grant_or_return(unsigned g, unsigned a, uint64_t random)
{
    if (grant[g].bytes) {
        struct account *const holder = account[grant[g].account].account;
        EXPECT(account_has(holder, grant[g].base, grant[g].bytes), "grant %u", g);
        EXPECT(!account_has(holder, grant[g].base, grant[g].bytes + PAGE), "grant %u", g);
        EXPECT(!account_has(holder, grant[g].base + PAGE, grant[g].bytes), "grant %u", g);
        account_return(&book, holder, grant[g].base);
        EXPECT(!account_has(holder, grant[g].base, grant[g].bytes), "grant %u", g);
        grant[g].bytes = 0;
        return;
    }
    const uint64_t bytes = (1 + random % 30) * PAGE;
    const err_t err = account_may_have(&book, account[a].account, bytes, unused());
    EXPECT_EQ(err_root(err), may_have(a, bytes), "%" PRIu64 " pages", bytes / PAGE);
    if (err_ok(err) && bytes <= unused()) {
        grant[g] = (struct model_grant){ (g + 1) << 20, bytes, a };
        EXPECT(err_ok(account_grant(&book, account[a].account, grant[g].base, bytes)), "grant %u", g);
    }
}

TEST(accounts, random_against_the_model)
{
    uint64_t state = test_seed() * 7919, done = 0;

    start();
    for (unsigned step = 0; step < 6000; step++) {
        const uint64_t random = test_random(&state), what = random % 64;
        const unsigned a = (unsigned)(random >> 8) % ACCOUNTS, g = (unsigned)(random >> 16) % GRANTS;
        EXPECT(err_ok(stock_refill(&w.stock)), "refill");
        if (!account[a].account || what == 0) {
            make_or_drop(a, random >> 32);
        } else if (what < 6) {
            account[a].limit = (random >> 32) % 400 * PAGE;
            account[a].promised = account[a].promised < account[a].limit ? account[a].promised : account[a].limit;
            account_set_limit(&book, account[a].account, account[a].limit);
        } else if (what < 14) {
            promise(a, (random >> 32) % 200 * PAGE);
        } else {
            grant_or_return(g, a, random >> 32);
            done++;
        }
        check_all(step);
    }
    EXPECT(done > 3000, "%" PRIu64, done);
    for (unsigned a = 0; a < ACCOUNTS; a++) {
        if (account[a].account) {
            make_or_drop(a, 0);
        }
    }
    EXPECT_EQ(book.count, 0, "accounts left");
    EXPECT_EQ(book.outstanding, 0, "promises left");
    EXPECT_EQ(account_slab.used + range_slab.used, 0, "records left");
}

TEST(accounts, without_a_record)
{
    static struct slab empty;
    struct account *a = NULL, *none = NULL;

    start();
    slab_init(&empty, sizeof(struct range), NULL, 0);
    EXPECT(err_ok(account_make(&book, ~0ull, &a)), "make");
    book.range_slab = book.account_slab = &empty;
    EXPECT_EQ(err_root(account_grant(&book, a, PAGE, PAGE)), E_SLAB_EMPTY, "grant");
    EXPECT_EQ(err_root(account_make(&book, 0, &none)), E_SLAB_EMPTY, "make");
    EXPECT(!none && !accounts_check(&book), "changed");
    EXPECT(!account_find(&book, 0) && !account_find(&book, 2), "found");
}
