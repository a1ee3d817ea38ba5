/** @file mdb_test.c  The mapping database against a list: order, copies, ancestors, descendants, ranges, edges. */
#include "mdb_world.h"

#define STEPS 2500

/* ---- queries, each against a scan of the walk ---- */

static void check_first_inside(struct world *w, const struct cte *c)
{
    const uint64_t at = world_below(w, c->bytes), room = c->bytes - at;
    const bool all = world_below(w, 3) == 0;
    const uint64_t lo = all ? c->base : c->base + at;
    const uint64_t hi = all ? c->base + c->bytes : lo + 1 + world_below(w, room < 65536 ? room : 65536);
    const struct cte *want = NULL, *got = mdb_first_inside(&w->db, c, lo, hi);

    for (size_t i = 0; i < w->count && !want; i++) {
        const struct cte *n = w->live[i];
        if (world_inside(n, c) && n->base < hi && n->base + n->bytes > lo) {
            want = n;
        }
    }
    EXPECT(got == want, "inside %#" PRIx64 "+%#" PRIx64 " of type %d: %#" PRIx64 " to %#" PRIx64, c->base, c->bytes,
           cte_type(c), lo, hi);
}

static void check_other_copy(struct world *w, const struct cte *c)
{
    bool any[2] = { false, false }, send = false;

    for (size_t i = 0; i < w->count; i++) {
        const struct cte *n = w->live[i];
        if (n != c && n->base == c->base && n->bytes == c->bytes && cte_type(n) == cte_type(c) && n->gen == c->gen &&
            cte_type(n) != CAP_MAPPING) {
            any[0] = true;
            any[1] |= !(n->flags & CTE_WEAK);
            send |= !(n->flags & CTE_RECV);
        }
    }
    for (int strong = 0; strong < 2; strong++) {
        const struct cte *got = mdb_other_copy(c, strong);
        EXPECT(!got == !any[strong], "another copy, strong %d", strong);
        if (got) {
            EXPECT(got != c && mdb_is_copy(got, c) && !(strong && got->flags & CTE_WEAK), "not another copy");
            EXPECT(!(got->flags & CTE_RECV) || !send,
                   "the receive capability, though there is another send capability");
        }
    }
}

static void check_ancestor(struct world *w, const struct cte *c)
{
    static const uint8_t types[] = {
        CAP_RAM, CAP_FRAME, CAP_DEVRANGE, CAP_VNODE_L3, CAP_IRQTABLE, CAP_ID, CAP_L2CNODE
    };
    const enum cap_type type = (enum cap_type)types[world_below(w, sizeof(types))];
    const uint64_t offset = world_below(w, c->bytes), base = c->base + (world_below(w, 2) ? 0 : offset);
    const uint64_t bytes = world_below(w, 2) ? c->base + c->bytes - base : 1;
    const struct cte *want = NULL, *got = mdb_ancestor(&w->db, base, bytes, type);

    for (size_t i = 0; i < w->count; i++) {
        const struct cte *n = w->live[i];
        if (cte_type(n) == type && n->base <= base && n->base + n->bytes >= base + bytes &&
            (!want || n->bytes < want->bytes || (n->bytes == want->bytes && n->gen > want->gen))) {
            want = n;
        }
    }
    EXPECT(!got == !want, "ancestor of type %d of %#" PRIx64 "+%#" PRIx64, type, base, bytes);
    if (got && want) {
        EXPECT(got == want || mdb_is_copy(got, want), "not the smallest ancestor of type %d", type);
    }
}

static void check_lower_bound(struct world *w, const struct cte *c)
{
    struct cte key = { .base = c->base + world_below(w, 3) - 1, .bytes = c->bytes + world_below(w, 3) - 1 };
    const struct cte *want = NULL;

    if (world_below(w, 2)) {
        key.base = c->base;
        key.bytes = c->bytes;
    }
    key.type = (uint8_t)(world_below(w, 2) ? cte_type(c) : 1 + world_below(w, CAP_TYPE_COUNT - 1));
    key.word[0] = c->word[0] - 1 + world_below(w, 3);
    key.word[1] = c->word[1] - 1 + world_below(w, 3);
    key.flags = key.type == CAP_ENDPOINT ? CTE_RECV : 0;
    for (size_t i = 0; i < w->count && !want; i++) {
        if (world_compare(&key, w->live[i]) <= 0) {
            want = w->live[i];
        }
    }
    EXPECT(mdb_lower_bound(&w->db, key.base, key.bytes, (enum cap_type)key.type, key.word[0], key.word[1]) == want,
           "lower bound of %#" PRIx64 "+%#" PRIx64 " type %d", key.base, key.bytes, key.type);
}

TEST(mdb, agrees_with_a_list)
{
    struct world w;
    size_t most = 0;

    world_init(&w, test_seed());
    for (int i = 0; i < STEPS; i++) {
        world_step(&w);
        most = w.count > most ? w.count : most;
        world_walk(&w);
        for (int q = 0; q < 4 && w.count; q++) {
            const struct cte *c = world_any(&w);
            check_first_inside(&w, c);
            check_other_copy(&w, c);
            check_ancestor(&w, c);
            check_lower_bound(&w, c);
        }
    }
    while (w.count) {
        world_remove(&w, world_any(&w));
        if (w.count % 8 == 0) {
            world_walk(&w);
        }
    }
    EXPECT(!w.db.root && !w.db.count, "emptied");
    EXPECT(most > 100, "the random walk went to %zu capabilities only", most);
}

/* ---- every shape of small trees ---- */

/** Insert in the order of @p order, then remove in the order of @p order rotated by @p turn. */
static void insert_and_remove(const unsigned *order, unsigned n, unsigned turn)
{
    struct world w = { .random = 1 };
    struct cte *at[8];

    w.slot = phys_to_virt(FAKE_PHYS_BASE);
    for (unsigned i = 0; i < n; i++) {
        at[i] = world_insert(&w, world_cap(CAP_RAM, order[i] * 4096ull, 4096));
        world_walk(&w);
    }
    for (unsigned i = 0; i < n; i++) {
        world_remove(&w, at[(i + turn) % n]);
        world_walk(&w);
    }
}

TEST(mdb, all_orders_of_seven)
{
    unsigned order[7] = { 0, 1, 2, 3, 4, 5, 6 }, counter[7] = { 0 };

    fake_ram_init(WORLD_SLOTS * SLOT_BYTES);
    insert_and_remove(order, 7, 0);
    for (unsigned i = 0; i < 7;) { /* Heap's permutations */
        if (counter[i] < i) {
            const unsigned j = i % 2 ? counter[i] : 0, t = order[j];
            order[j] = order[i];
            order[i] = t;
            insert_and_remove(order, 7, counter[i] + i);
            counter[i]++;
            i = 0;
        } else {
            counter[i++] = 0;
        }
    }
}

/* ---- size ---- */

static unsigned height(const struct cte *c)
{
    const unsigned left = c ? height(mdb_child(c, 0)) : 0, right = c ? height(mdb_child(c, 1)) : 0;

    return c ? 1 + (left > right ? left : right) : 0;
}

TEST(mdb, ten_thousand_and_revoke)
{
    enum { N = 10000 };
    const struct cte *at;
    struct mdb db = { 0 };
    struct cte *slot, *n, *expected;
    uint64_t random = test_seed();

    fake_ram_init((N + 1) * SLOT_BYTES);
    slot = phys_to_virt(FAKE_PHYS_BASE);
    slot[0] = world_cap(CAP_RAM, 0x40000000, N * 4096ull);
    mdb_insert(&db, &slot[0]);
    for (uint64_t i = 0; i < N; i++) {
        slot[1 + i * 7919 % N] = world_cap(CAP_FRAME, 0x40000000 + i * 4096, 4096);
        mdb_insert(&db, &slot[1 + i * 7919 % N]);
    }
    EXPECT(!mdb_check(&db, &at), "%s", mdb_check(&db, &at));
    EXPECT(height(db.root) <= 18, "%u levels: an AVL tree of 10001 nodes has at most 18", height(db.root));
    for (int i = 0; i < 4000; i++) {
        struct cte *c = &slot[1 + test_random(&random) % N];
        mdb_remove(&db, c);
        mdb_insert(&db, c);
    }
    EXPECT(!mdb_check(&db, &at), "%s", mdb_check(&db, &at));
    expected = mdb_next(&slot[0]);
    while ((n = mdb_first_inside(&db, &slot[0], slot[0].base, slot[0].base + slot[0].bytes))) {
        EXPECT(n == expected, "not the leftmost descendant");
        expected = mdb_next(n);
        mdb_remove(&db, n);
    }
    EXPECT(db.count == 1 && db.root == &slot[0], "only the RAM is left");
}

/* ---- edges ---- */

TEST(mdb, links_hold_any_slot_number)
{
    static const uint64_t number[] = { 0x7000000,        0x73fffff,     0x7400000, 0x155555555,
                                       (1ull << 42) - 1, 0x2aaaaaaaaaa, 1ull << 41 };
    enum { N = sizeof(number) / sizeof(number[0]) };

    fake_ram_init(WORLD_SLOTS * SLOT_BYTES);
    for (int i = 0; i < N * N * N; i++) {
        struct cte c = { .link = { UINT64_MAX, UINT64_MAX } };
        const struct cte *left = mdb_slot(number[i % N]), *right = mdb_slot(number[i / N % N]),
                         *parent = mdb_slot(number[i / N / N]);
        mdb_set_child(&c, 0, left);
        mdb_set_parent(&c, parent);
        mdb_set_child(&c, 1, right);
        EXPECT(mdb_child(&c, 0) == left && mdb_child(&c, 1) == right && mdb_parent(&c) == parent, "links %d", i);
        mdb_set_parent(&c, NULL);
        EXPECT(mdb_child(&c, 0) == left && mdb_child(&c, 1) == right && !mdb_parent(&c), "no parent, links %d", i);
        mdb_set_parent(&c, parent);
        mdb_set_child(&c, 0, NULL);
        mdb_set_child(&c, 1, NULL);
        EXPECT(!mdb_child(&c, 0) && !mdb_child(&c, 1) && mdb_parent(&c) == parent, "no children, links %d", i);
    }
}

TEST(mdb, address_zero_and_the_ends_of_the_spaces)
{
    struct world w;

    world_init(&w, 1);
    world_walk(&w);
    for (size_t i = 0; i < 8; i++) { /* the roots touch (ID ends where CORE begins), but none is inside another */
        const struct cte *c = w.live[i];
        EXPECT(!mdb_first_inside(&w.db, c, c->base, c->base + c->bytes), "root %zu", i);
        EXPECT(mdb_ancestor(&w.db, c->base, c->bytes, cte_type(c)) == c, "root %zu", i);
        EXPECT(!mdb_other_copy(c, false), "root %zu", i);
    }
    const struct cte *const low = w.live[0], *const core = w.live[7], *const id = w.live[5];
    EXPECT(low->base == 0 && core->base + core->bytes == 1ull << 58 && id->base + id->bytes == SPACE_BASE(SPACE_CORE),
           "the order of the roots");
    struct cte *const zero = world_insert(&w, world_cap(CAP_FRAME, 0, 4096));
    struct cte *const top = world_insert(&w, world_cap(CAP_FRAME, (1ull << 48) - 4096, 4096));
    struct cte *const last_id = world_insert(&w, world_cap(CAP_ID, (1ull << 56) - 1, 1));
    world_walk(&w);
    EXPECT(mdb_first_inside(&w.db, low, 0, 1) == zero, "the frame at 0");
    EXPECT(!mdb_first_inside(&w.db, low, 4096, low->bytes), "behind the frame at 0");
    EXPECT(mdb_ancestor(&w.db, 0, 1, CAP_RAM) == low, "RAM at 0");
    EXPECT(mdb_lower_bound(&w.db, 0, UINT64_MAX, CAP_NULL, 0, 0) == low, "the first of all");
    EXPECT(!mdb_lower_bound(&w.db, UINT64_MAX, 0, CAP_NULL, 0, 0), "behind all");
    const struct cte *ram = mdb_ancestor(&w.db, (1ull << 48) - 1, 1, CAP_RAM);
    EXPECT(ram && ram->base + ram->bytes == 1ull << 48, "RAM up to 2^48");
    EXPECT(ram && mdb_first_inside(&w.db, ram, (1ull << 48) - 1, 1ull << 48) == top, "the frame below 2^48");
    EXPECT(ram && !mdb_first_inside(&w.db, ram, ram->base, top->base), "below the frame below 2^48");
    EXPECT(mdb_first_inside(&w.db, id, id->base, id->base + id->bytes) == last_id, "the last id");
    EXPECT(!mdb_ancestor(&w.db, 1ull << 48, 1, CAP_RAM), "past the memory");
}

/* ---- copies ---- */

TEST(mdb, weak_copies_stand_behind_strong_ones)
{
    struct world w;
    struct cte *strong[4], *weak[4];

    world_init(&w, 1);
    struct cte cap = world_cap(CAP_DISPATCHER, 0x40000000, 2048);
    strong[0] = world_insert(&w, cap);
    for (int i = 1; i < 4; i++) {
        strong[i] = world_copy(&w, strong[0], cap);
    }
    cap.flags = CTE_WEAK;
    for (int i = 0; i < 4; i++) {
        weak[i] = world_copy(&w, i ? weak[i - 1] : strong[0], cap); /* the first one by another sub-order */
    }
    cap.flags = 0;
    world_remove(&w, strong[3]);
    strong[3] = world_copy(&w, weak[3], cap);
    world_walk(&w);
    for (int i = 0; i < 4; i++) {
        const struct cte *other = mdb_other_copy(weak[i], true);
        EXPECT(other && !(other->flags & CTE_WEAK), "a weak copy finds a strong one");
        EXPECT(!mdb_first_inside(&w.db, weak[i], cap.base, cap.base + cap.bytes), "copies are no descendants");
        EXPECT(!mdb_first_inside(&w.db, strong[i], cap.base, cap.base + cap.bytes), "copies are no descendants");
    }
    for (int i = 0; i < 4; i++) {
        EXPECT(!mdb_other_copy(strong[i], true) == (i == 3), "strong copy %d", i);
        world_remove(&w, strong[i]);
    }
    for (int i = 0; i < 4; i++) {
        EXPECT(!mdb_other_copy(weak[i], true), "no strong copy is left");
        EXPECT(mdb_other_copy(weak[i], false), "the weak ones are");
    }
}

TEST(mdb, equal_keys_in_order_of_arrival)
{
    struct world w;
    struct cte *copy[9];

    world_init(&w, 1);
    for (int i = 0; i < 9; i++) {
        copy[i] = world_insert(&w, world_cap(CAP_FRAME, 0x40000000, 4096));
    }
    world_walk(&w);
    for (int i = 1; i < 9; i++) {
        EXPECT(mdb_prev(copy[i]) == copy[i - 1], "copy %d", i);
    }
}

TEST(mdb, last_send_capability)
{
    struct world w;

    world_init(&w, 1);
    struct cte cap = world_cap(CAP_ENDPOINT, 0x40000100, 256);
    cap.flags = CTE_RECV;
    struct cte *const recv = world_insert(&w, cap);
    cap.flags = 0;
    struct cte *const first = world_copy(&w, recv, cap), *const second = world_copy(&w, recv, cap);
    world_walk(&w);
    EXPECT(mdb_prev(second) == recv && mdb_prev(first) == second, "directly behind");
    EXPECT(mdb_other_copy(first, false) == second && mdb_other_copy(second, false) == first, "another send");
    world_remove(&w, second);
    EXPECT(mdb_other_copy(first, false) == recv, "no other send");
    world_remove(&w, first);
    EXPECT(!mdb_other_copy(recv, false), "none at all");
}

TEST(mdb, generations_of_one_range)
{
    struct world w;
    struct cte *gen[4];

    world_init(&w, 1);
    for (int i = 0; i < 4; i++) {
        struct cte cap = world_cap(CAP_RAM, 0x40000000, 4096);
        cap.gen = (uint8_t)i;
        gen[i] = world_insert(&w, cap);
        world_copy(&w, gen[i], cap);
    }
    struct cte *const frame = world_insert(&w, world_cap(CAP_FRAME, 0x40000000, 4096));
    world_walk(&w);
    for (int i = 0; i < 4; i++) {
        const struct cte *got = mdb_first_inside(&w.db, gen[i], gen[i]->base, gen[i]->base + 1);
        EXPECT(got && (i < 3 ? mdb_is_copy(got, gen[i + 1]) : got == frame), "what was made from generation %d", i);
    }
    const struct cte *got = mdb_ancestor(&w.db, 0x40000000, 4096, CAP_RAM);
    EXPECT(got && got->gen == 3, "the latest generation");
}

/* ---- mappings ---- */

TEST(mdb, mappings_by_entry_and_by_range)
{
    struct world w;
    struct cte *map[16];

    world_init(&w, 1);
    struct cte *const frame = world_insert(&w, world_cap(CAP_FRAME, 0x40000000, 16 * 4096));
    for (uint64_t i = 0; i < 16; i++) { /* windows that all end where the frame ends */
        struct cte cap = world_cap(CAP_MAPPING, 0x40000000 + i * 4096, (16 - i) * 4096);
        cap.word[0] = 100 + i % 3;
        cap.word[1] = i;
        map[i] = world_insert(&w, cap);
    }
    world_walk(&w);
    for (uint64_t i = 0; i < 16; i++) {
        const struct cte *m = map[i];
        EXPECT(mdb_lower_bound(&w.db, m->base, 0, CAP_MAPPING, m->word[0], m->word[1]) == m, "by entry");
        EXPECT(mdb_lower_bound(&w.db, m->base, 77, CAP_MAPPING, m->word[0], m->word[1] + 1) == mdb_next(m),
               "behind it");
        EXPECT(mdb_ancestor(&w.db, m->base, m->bytes, CAP_FRAME) == frame, "its frame");
        EXPECT(mdb_first_inside(&w.db, frame, m->base + m->bytes - 1, m->base + m->bytes) == map[0],
               "by its last byte");
        EXPECT(!mdb_first_inside(&w.db, m, m->base, m->base + m->bytes), "a mapping has no descendants");
        EXPECT(!mdb_other_copy(m, false), "a mapping has no copies");
    }
    world_remove(&w, frame);
    world_walk(&w);
    EXPECT(mdb_ancestor(&w.db, 0x40000000 + 15 * 4096, 4096, CAP_RAM)->bytes == 1024 * 4096, "RAM, without the frame");
    EXPECT(!mdb_ancestor(&w.db, 0x40000000 + 15 * 4096, 4096, CAP_FRAME), "the frame is gone");
}
