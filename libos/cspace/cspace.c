/** @file cspace.c  Contracts in os/cspace.h. */
#include <os/bug.h>
#include <os/cspace.h>
#include <os/err.h>
#include <os/lowlock.h>

/* The lowest of the low locks guards the bitmap too: both the pool and the slots take entries. */

static unsigned entries(const struct cspace *cs)
{
    return 1u << cs->log2;
}

void cspace_init(struct cspace *cs, cptr_t l1, cptr_t dispatcher, unsigned log2, unsigned used_entries)
{
    *cs = (struct cspace){ .l1 = l1, .dispatcher = dispatcher, .log2 = log2, .free = (1u << log2) - used_entries };
    for (unsigned w = entries(cs) / 64; w < CSPACE_L1_MAX / 64; w++) {      /* an L1 CNode has 64 entries or more */
        cs->used[w] = UINT64_MAX;
    }
    for (unsigned i = 0; i < used_entries; i++) {
        cs->used[i / 64] |= 1ull << i % 64;
    }
}

bool cspace_take(struct cspace *cs, unsigned *index)
{
    bool found = false;

    os_low_lock(LOW_RESERVE);
    for (unsigned w = 0; w < CSPACE_L1_MAX / 64 && !found; w++) {
        if (~cs->used[w]) {
            const unsigned b = (unsigned)__builtin_ctzll(~cs->used[w]);
            cs->used[w] |= 1ull << b;
            cs->free--;
            *index = w * 64 + b;
            found = true;
        }
    }
    os_low_unlock(LOW_RESERVE);
    return found;
}

void cspace_give(struct cspace *cs, unsigned index)
{
    os_low_lock(LOW_RESERVE);
    OS_ASSERT(index < entries(cs) && cs->used[index / 64] >> index % 64 & 1);
    cs->used[index / 64] &= ~(1ull << index % 64);
    cs->free++;
    os_low_unlock(LOW_RESERVE);
}

void cspace_mark(struct cspace *cs, unsigned index)
{
    os_low_lock(LOW_RESERVE);
    OS_ASSERT(index < entries(cs) && !(cs->used[index / 64] >> index % 64 & 1));
    cs->used[index / 64] |= 1ull << index % 64;
    cs->free--;
    os_low_unlock(LOW_RESERVE);
}

static unsigned next_log2(const struct cspace *cs)
{
    return cs->log2 + 2 < L1_SLOTS_LOG2_MAX ? cs->log2 + 2 : L1_SLOTS_LOG2_MAX;
}

bool cspace_low(const struct cspace *cs)
{
    return cs->free < entries(cs) / 8 && cs->log2 < L1_SLOTS_LOG2_MAX && cs->dispatcher != CPTR_NULL;
}

uint64_t cspace_grow_bytes(const struct cspace *cs)
{
    return (uint64_t)SLOT_BYTES << next_log2(cs);
}

/* Copy every entry in use to the L1 CNode at cs->l1, and let the kernel use that one. */
static err_t install(struct cspace *cs)
{
    for (unsigned i = 0; i < entries(cs); i++) {
        if (cs->used[i / 64] >> i % 64 & 1) {
            const err_t err = cap_copy(cs->l1, CPTR_L1(i), CPTR_NULL, CPTR_L1(i), RIGHTS_ALL);
            /* Somebody may have taken an entry and left it empty. */
            if (!err_ok(err) && err_root(err) != E_CAP_EMPTY) {
                return err;
            }
        }
    }
    return dispatcher_set_cspace(cs->dispatcher, cs->l1);
}

static err_t drop_old(struct cspace *cs, struct reserve *reserve, cptr_t old)
{
    return cs->ram.chunk ? reserve_unmake(reserve, &cs->ram) : cap_delete(CPTR_NULL, old);
}

/* The old L1 CNode lies in @p old, and nothing in cs->l1. */
static err_t make_and_install(struct cspace *cs, struct reserve *reserve, cptr_t old, struct ram_block *ram)
{
    TRY(reserve_make(reserve, CAP_L1CNODE, next_log2(cs), CPTR_NULL, cs->l1, ram));
    err_t err = install(cs);
    if (!err_ok(err)) {
        goto unmake;
    }
    err = drop_old(cs, reserve, old);
    if (!err_ok(err)) {
        goto uninstall;
    }
    return OK;
uninstall:
    (void)dispatcher_set_cspace(cs->dispatcher, old);
unmake:
    (void)reserve_unmake(reserve, ram);
    return err;
}

static void set_size(struct cspace *cs, unsigned log2)
{
    os_low_lock(LOW_RESERVE);
    for (unsigned i = entries(cs); i < 1u << log2; i++) {
        cs->used[i / 64] &= ~(1ull << i % 64);
    }
    cs->free += (1u << log2) - entries(cs);
    cs->log2 = log2;
    os_low_unlock(LOW_RESERVE);
}

static err_t grow(struct cspace *cs, struct reserve *reserve, cptr_t spare)
{
    struct ram_block ram;

    REQUIRE(cs->log2 < L1_SLOTS_LOG2_MAX && cs->dispatcher != CPTR_NULL, E_CSPACE_FULL);
    TRY(cap_move(CPTR_NULL, spare, CPTR_NULL, cs->l1));
    const err_t err = make_and_install(cs, reserve, spare, &ram);
    if (!err_ok(err)) {
        (void)cap_move(CPTR_NULL, cs->l1, CPTR_NULL, spare);
        return err;
    }
    set_size(cs, next_log2(cs));
    cs->ram = ram;
    return OK;
}

err_t cspace_grow(struct cspace *cs, struct reserve *reserve, cptr_t spare)
{
    /* Whoever would put a CNode into the old one meanwhile. */
    os_low_lock(LOW_SLOTS);
    os_low_lock(LOW_POOL);
    const err_t err = grow(cs, reserve, spare);
    os_low_unlock(LOW_POOL);
    os_low_unlock(LOW_SLOTS);
    return err_wrap(err, E_CSPACE_GROW);
}
