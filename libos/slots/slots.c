/** @file slots.c  Contracts in os/slots.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <os/slots.h>

#define WORDS       (L2_SLOTS / 64)
#define RUN_CNODES  8u      /* CNodes in which a run is looked for */

static bool can_return(const struct slots_cnode *c)
{
    return c->free == L2_SLOTS && c->ram.chunk;
}

/* Into the list it belongs to now. */
static void file_cnode(struct slots *s, struct slots_cnode *c)
{
    struct slots_cnode **const list = can_return(c) ? &s->empty : &s->partial;

    if (c->free) {
        c->next = *list;
        c->link = list;
        if (c->next) {
            c->next->link = &c->next;
        }
        *list = c;
    }
}

static void take_out_cnode(struct slots_cnode *c)
{
    if (c->link) {
        *c->link = c->next;
        if (c->next) {
            c->next->link = c->link;
        }
        c->link = NULL;
    }
}

/* The link that leads to the record of @p l1, or to NULL. */
static struct slots_cnode **find(struct slots *s, unsigned l1)
{
    struct slots_cnode **at = &s->bucket[l1 % SLOTS_BUCKETS];

    while (*at && (*at)->l1 != l1) {
        at = &(*at)->bucket;
    }
    return at;
}

void slots_init(struct slots *s, struct slab *slab, struct cspace *cspace, struct reserve *reserve)
{
    *s = (struct slots){ .slab = slab, .cspace = cspace, .reserve = reserve };
}

/* A record whose slots from @p first on are free. */
static void add(struct slots *s, struct slots_cnode *c, unsigned l1, unsigned first, struct ram_block ram)
{
    *c = (struct slots_cnode){ .l1 = (uint16_t)l1, .free = (uint16_t)(L2_SLOTS - first), .ram = ram };
    for (unsigned w = 0; w < WORDS; w++) {
        const unsigned below = first > w * 64 ? first - w * 64 : 0;     /* of this word: in use */
        c->map[w] = below < 64 ? UINT64_MAX << below : 0;
    }
    c->bucket = s->bucket[l1 % SLOTS_BUCKETS];
    s->bucket[l1 % SLOTS_BUCKETS] = c;
    file_cnode(s, c);
    s->free += c->free;
    s->used += first;
    s->cnodes++;
}

static void remove(struct slots *s, struct slots_cnode **at)
{
    struct slots_cnode *const c = *at;

    take_out_cnode(c);
    *at = c->bucket;
    s->free -= c->free;
    s->used -= L2_SLOTS - c->free;
    s->cnodes--;
}

err_t slots_adopt(struct slots *s, unsigned l1, unsigned first)
{
    REQUIRE(first <= L2_SLOTS, E_ARG);
    struct slots_cnode *const c = slab_alloc(s->slab);
    REQUIRE(c, E_SLAB_EMPTY);
    os_low_lock(LOW_SLOTS);
    OS_ASSERT(!*find(s, l1));
    add(s, c, l1, first, (struct ram_block){ .chunk = NULL });
    os_low_unlock(LOW_SLOTS);
    return OK;
}

unsigned slots_top(struct slots *s, unsigned l1)
{
    os_low_lock(LOW_SLOTS);
    const struct slots_cnode *const c = *find(s, l1);
    unsigned top = 0;

    OS_ASSERT(c);
    for (unsigned w = WORDS; w-- > 0 && top == 0;) {
        const uint64_t used = ~c->map[w];
        top = used ? w * 64 + 64 - (unsigned)__builtin_clzll(used) : 0;
    }
    os_low_unlock(LOW_SLOTS);
    return top;
}

err_t slots_disown(struct slots *s, unsigned l1)
{
    os_low_lock(LOW_SLOTS);
    struct slots_cnode **const at = find(s, l1), *const c = *at;
    if (c) {
        remove(s, at);
        slab_free(s->slab, c);
    }
    os_low_unlock(LOW_SLOTS);
    return c ? OK : ERR(E_ARG);
}

/* The first run of @p count bits in @p map, or L2_SLOTS.  A run of ones, or of zeros, is one step in each word. */
static unsigned find_run(const uint64_t map[WORDS], unsigned count)
{
    unsigned have = 0;

    for (unsigned i = 0; i < L2_SLOTS;) {
        const uint64_t bits = map[i / 64] >> i % 64, other = bits & 1 ? ~bits : bits;
        const unsigned left = 64 - i % 64, run = other ? (unsigned)__builtin_ctzll(other) : 64;
        const unsigned same = run < left ? run : left;

        have = bits & 1 ? have + same : 0;
        i += same;
        if (have >= count) {
            return i - have;
        }
    }
    return L2_SLOTS;
}

static unsigned find_one(const uint64_t map[WORDS])
{
    for (unsigned w = 0; w < WORDS; w++) {
        if (map[w]) {
            return w * 64 + (unsigned)__builtin_ctzll(map[w]);
        }
    }
    return L2_SLOTS;
}

/* All @p count bits from @p first on, which are the opposite now. */
static void set_bits(struct slots *s, struct slots_cnode *c, unsigned first, unsigned count, bool value)
{
    const bool refile = can_return(c) || !c->free;

    if (refile) {
        take_out_cnode(c);
    }
    for (unsigned at = first, left = count, here; left > 0; at += here, left -= here) {
        here = left < 64 - at % 64 ? left : 64 - at % 64;
        const uint64_t mask = ~0ull >> (64 - here) << at % 64;
        OS_ASSERT((c->map[at / 64] & mask) == (value ? 0 : mask));
        c->map[at / 64] ^= mask;
    }
    c->free += (uint16_t)(value ? count : -count);
    s->free += value ? count : -(uint64_t)count;
    s->used -= value ? count : -(uint64_t)count;
    if (!refile && (can_return(c) || !c->free)) {
        take_out_cnode(c);
    }
    if (!c->link) {
        file_cnode(s, c);
    }
}

static bool take_from(struct slots *s, struct slots_cnode *c, unsigned count, cptr_t *first)
{
    const unsigned at = count == 1 ? find_one(c->map) : find_run(c->map, count);

    if (at == L2_SLOTS) {
        return false;
    }
    set_bits(s, c, at, count, false);
    *first = CPTR(c->l1, at);
    return true;
}

static bool take(struct slots *s, unsigned count, cptr_t *first)
{
    struct slots_cnode *c = s->partial;

    for (unsigned tries = 0; c && tries < RUN_CNODES; c = c->next, tries++) {
        if (take_from(s, c, count, first)) {
            return true;
        }
    }
    return s->empty && take_from(s, s->empty, count, first);
}

err_t slots_alloc_run(struct slots *s, unsigned count, cptr_t *first)
{
    cptr_t found;

    REQUIRE(count >= 1 && count <= SLOTS_RUN_MAX, E_SLOTS_NONE);
    os_low_lock(LOW_SLOTS);
    const bool ok = take(s, count, &found);
    os_low_unlock(LOW_SLOTS);
    REQUIRE(ok, E_SLOTS_NONE);
    *first = found;
    return OK;
}

err_t slots_alloc(struct slots *s, cptr_t *slot)
{
    return slots_alloc_run(s, 1, slot);
}

void slots_free_run(struct slots *s, cptr_t first, unsigned count)
{
    const unsigned at = first % L2_SLOTS;

    os_low_lock(LOW_SLOTS);
    struct slots_cnode *const c = *find(s, (unsigned)(first / L2_SLOTS));
    OS_ASSERT(c && at + count <= L2_SLOTS);
    set_bits(s, c, at, count, true);
    os_low_unlock(LOW_SLOTS);
}

err_t slots_delete(struct slots *s, cptr_t slot)
{
    TRY(cap_delete(CPTR_NULL, slot));
    slots_free(s, slot);
    return OK;
}

bool slots_low(const struct slots *s)
{
    return s->cspace && s->free < SLOTS_LOW;
}

static err_t make_cnode(struct slots *s, struct slots_cnode *c)
{
    struct ram_block ram;
    unsigned l1;

    REQUIRE(cspace_take(s->cspace, &l1), E_SLOTS_CSPACE);
    const err_t err = reserve_make(s->reserve, CAP_L2CNODE, 0, CPTR_NULL, CPTR_L1(l1), &ram);
    if (!err_ok(err)) {
        cspace_give(s->cspace, l1);
        return err;
    }
    add(s, c, l1, 0, ram);
    return OK;
}

err_t slots_refill(struct slots *s)
{
    struct slots_cnode *const c = slab_alloc(s->slab);

    REQUIRE(c, E_SLAB_EMPTY);
    os_low_lock(LOW_SLOTS);
    const err_t err = make_cnode(s, c);
    os_low_unlock(LOW_SLOTS);
    if (!err_ok(err)) {
        slab_free(s->slab, c);
    }
    return err;
}

bool slots_fat(const struct slots *s)
{
    return s->empty && s->free >= SLOTS_LOW + 2 * L2_SLOTS;
}

err_t slots_trim(struct slots *s)
{
    err_t err = OK;

    os_low_lock(LOW_SLOTS);
    while (err_ok(err) && slots_fat(s)) {
        struct slots_cnode *const c = s->empty;
        err = reserve_unmake(s->reserve, &c->ram);
        if (err_ok(err)) {
            cspace_give(s->cspace, c->l1);
            remove(s, find(s, c->l1));
            slab_free(s->slab, c);
        }
    }
    os_low_unlock(LOW_SLOTS);
    return err;
}
