/** @file accounts.c  Contracts in accounts.h. */
#include "accounts.h"
#include <os/bug.h>

static uint64_t beyond(const struct account *a)
{
    return account_committed(a) - a->granted;
}

/* Around every change of promised or granted: A2. */
static void set(struct accounts *book, struct account *a, uint64_t promised, uint64_t granted)
{
    book->outstanding -= beyond(a);
    a->promised = promised;
    a->granted = granted;
    book->outstanding += beyond(a);
}

void accounts_init(struct accounts *book, struct slab *account_slab, struct slab *range_slab)
{
    *book = (struct accounts){ .account_slab = account_slab, .range_slab = range_slab };
}

err_t account_make(struct accounts *book, uint64_t limit, struct account **made)
{
    struct account *const a = slab_alloc(book->account_slab);

    REQUIRE(a, E_SLAB_EMPTY);
    struct account **const bucket = &book->bucket[++book->latest % ACCOUNT_BUCKETS];
    *a = (struct account){ .next = *bucket, .id = book->latest, .limit = limit };
    range_tree_init(&a->grants, RANGES_USED, 0, UINT64_MAX);
    *bucket = a;
    book->count++;
    *made = a;
    return OK;
}

struct account *account_find(const struct accounts *book, uint64_t id)
{
    struct account *a = book->bucket[id % ACCOUNT_BUCKETS];

    while (a && a->id != id) {
        a = a->next;
    }
    return a;
}

void account_drop(struct accounts *book, struct account *account)
{
    struct account **link = &book->bucket[account->id % ACCOUNT_BUCKETS];

    OS_ASSERT(account->granted == 0);
    set(book, account, 0, 0);
    while (*link != account) {
        link = &(*link)->next;
    }
    *link = account->next;
    book->count--;
    slab_free(book->account_slab, account);
}

void account_set_limit(struct accounts *book, struct account *account, uint64_t limit)
{
    account->limit = limit;
    set(book, account, account->promised < limit ? account->promised : limit, account->granted);
}

/* Free bytes that are promised to nobody else. */
static uint64_t available(const struct accounts *book, const struct account *account, uint64_t unused)
{
    const uint64_t others = book->outstanding - beyond(account);

    return unused > others ? unused - others : 0;
}

err_t account_promise(struct accounts *book, struct account *account, uint64_t bytes, uint64_t unused)
{
    REQUIRE(bytes <= account->limit, E_MEM_LIMIT);
    REQUIRE(bytes <= account->granted || bytes - account->granted <= available(book, account, unused), E_MEM_PROMISED);
    set(book, account, bytes, account->granted);
    return OK;
}

uint64_t account_missing(const struct accounts *book, const struct account *account, uint64_t bytes, uint64_t unused)
{
    const uint64_t more = bytes > account->granted ? bytes - account->granted : 0;
    const uint64_t there = available(book, account, unused);

    return more > there ? more - there : 0;
}

err_t account_may_have(const struct accounts *book, const struct account *account, uint64_t bytes, uint64_t unused)
{
    REQUIRE(account->granted <= account->limit && bytes <= account->limit - account->granted, E_MEM_LIMIT);
    REQUIRE(bytes > unused || bytes <= available(book, account, unused), E_MEM_PROMISED);
    return OK;
}

err_t account_grant(struct accounts *book, struct account *account, uint64_t base, uint64_t bytes)
{
    struct range *const r = slab_alloc(book->range_slab);

    REQUIRE(r, E_SLAB_EMPTY);
    *r = (struct range){ .base = base, .end = base + bytes };
    const bool new = range_insert(&account->grants, r);
    OS_ASSERT(new);
    set(book, account, account->promised, account->granted + bytes);
    return OK;
}

bool account_has(const struct account *account, uint64_t base, uint64_t bytes)
{
    const struct range *const r = range_find(&account->grants, base);

    return r && r->base == base && r->end - base == bytes;
}

bool account_next(const struct account *account, uint64_t address, uint64_t *base, uint64_t *bytes)
{
    const struct range *const r = range_from(&account->grants, address);

    if (r) {
        *base = r->base;
        *bytes = r->end - r->base;
    }
    return r != NULL;
}

void account_return(struct accounts *book, struct account *account, uint64_t base)
{
    struct range *const r = range_find(&account->grants, base);

    OS_ASSERT(r && r->base == base);
    range_remove(&account->grants, r);
    set(book, account, account->promised, account->granted - (r->end - base));
    slab_free(book->range_slab, r);
}

const char *accounts_check(const struct accounts *book)
{
    uint64_t outstanding = 0, count = 0;

    for (unsigned i = 0; i < ACCOUNT_BUCKETS; i++) {
        for (const struct account *a = book->bucket[i]; a; a = a->next) {
            uint64_t granted = 0;
            for (const struct range *r = range_from(&a->grants, 0); r; r = range_from(&a->grants, r->end)) {
                granted += r->end - r->base;
            }
            if (granted != a->granted || range_check(&a->grants)) {
                return "granted is the sum of the grants";
            }
            outstanding += beyond(a);
            count++;
        }
    }
    return outstanding != book->outstanding ? "outstanding is the sum of what is promised beyond what is granted"
           : count != book->count           ? "count is the number of accounts"
                                            : NULL;
}
