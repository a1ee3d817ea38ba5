/**
 * @file accounts.h  Whose RAM is whose: accounts, their limits, promises and grants.  Numbers only; nothing here calls
 * the kernel.
 *
 * A1  granted is the sum of the account's grants, which lie in its tree and in no other.
 * A2  outstanding of the book is the sum, over its accounts, of what is promised beyond what is granted.
 * A3  A number that once named an account never names another.
 * accounts_check() tests A1 and A2.
 */
#ifndef MEM_ACCOUNTS_H
#define MEM_ACCOUNTS_H

#include <os/ranges.h>

#define ACCOUNT_BUCKETS 64u

struct account {
    struct account *next;           /**< in its bucket                                                                */
    uint64_t id;
    uint64_t limit;                 /**< bytes it may have at most                                                    */
    uint64_t promised;              /**< bytes, what is granted included; may be less than that                       */
    uint64_t granted;               /**< bytes                                                                        */
    unsigned sessions;              /**< bindings of its users                                                        */
    struct range_tree grants;
};

struct accounts {
    struct account *bucket[ACCOUNT_BUCKETS];
    struct slab *account_slab, *range_slab;
    uint64_t latest;                /**< id of the account made last                                                  */
    uint64_t count;
    uint64_t outstanding;           /**< bytes                                                                        */
};

/** @p account_slab: objects of struct account; @p range_slab: of struct range.  Both borrowed. */
void accounts_init(struct accounts *book, struct slab *account_slab, struct slab *range_slab);

/** @return E_SLAB_EMPTY; *made is written on success only */
err_t account_make(struct accounts *book, uint64_t limit, struct account **made);

/** @return NULL: there is none.  Cost: O(accounts / ACCOUNT_BUCKETS) */
struct account *account_find(const struct accounts *book, uint64_t id);

/** Forget an account of which nothing is granted; its promise ends. */
void account_drop(struct accounts *book, struct account *account);

/** More than what is granted may already be above the new limit: then nothing is granted until enough came back.  A
 *  promise above it shrinks. */
void account_set_limit(struct accounts *book, struct account *account, uint64_t limit);

/** Promise @p bytes in all, where @p unused bytes of RAM are free.
 * @return E_MEM_LIMIT; E_MEM_PROMISED more than is free and not promised to others; nothing is changed then */
err_t account_promise(struct accounts *book, struct account *account, uint64_t bytes, uint64_t unused);

/** How many more bytes would have to be free for account_promise() not to say E_MEM_PROMISED. */
uint64_t account_missing(const struct accounts *book, const struct account *account, uint64_t bytes, uint64_t unused);

/** May the account be granted @p bytes more?  @return E_MEM_LIMIT, E_MEM_PROMISED; no side effects */
err_t account_may_have(const struct accounts *book, const struct account *account, uint64_t bytes, uint64_t unused);

/** Write down a grant of memory that nobody was granted.  @return E_SLAB_EMPTY; nothing is changed then.  O(log n) */
err_t account_grant(struct accounts *book, struct account *account, uint64_t base, uint64_t bytes);

/** Is [base, base + bytes) a whole grant of the account?  O(log n) */
bool account_has(const struct account *account, uint64_t base, uint64_t bytes);

/** The first grant at or above @p address.  @return false: there is none.  O(log n) */
bool account_next(const struct account *account, uint64_t address, uint64_t *base, uint64_t *bytes);

/** Cross out the grant that begins at @p base and exists.  One object of the range slab is free then.  O(log n) */
void account_return(struct accounts *book, struct account *account, uint64_t base);

/** Bytes that the account is promised, whether granted or not. */
static inline uint64_t account_committed(const struct account *account)
{
    return account->promised > account->granted ? account->promised : account->granted;
}

/** Bytes that are promised and not granted yet. */
static inline uint64_t accounts_outstanding(const struct accounts *book)
{
    return book->outstanding;
}

/** A1 and A2.  @return NULL, or the sentence that is broken.  O(n) */
const char *accounts_check(const struct accounts *book);

#endif
