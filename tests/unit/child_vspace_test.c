/* libos/vspace: an address space built for a child, handed over and gone on with; and lists that are none. */
#include "libos_world.h"
#include <os/child_vspace.h>

#define EXPECT_OK(err, what) EXPECT(err_ok(err), "%s: %#" PRIx64, what, (err).trail)

#define PAGE  0x1000ull
#define MIB   0x100000ull
#define TEXT  0x400000ull
#define STACK 0x7f0000000000ull
#define DATA  0x80000000ull             /* in blocks of 2 MiB */
#define LAZY  0x90000000ull
#define RW    (MAP_READ | MAP_WRITE)
#define L1_CHILD 3u                     /* where the child finds the CNode */
#define FIRST_SLOT 40u                  /* of it, for tables and mappings */

static struct world w;

/* What the maker has of the child. */
static struct {
    struct vspace vs;
    struct slots slots;
    struct reserve reserve;
    struct reserve_chunk chunk;
    unsigned l1;                        /* the CNode in the maker's own CSpace */
    cptr_t root, frame;
} child;

static uint64_t list[512];

/* The child's slots as its set-up takes them: those of the list, and then the rest of the CNode. */
static struct child_slots reader_slots(struct slots *slots, unsigned l1)
{
    struct child_slots found = { 0 };

    EXPECT(err_ok(child_slots(&found, l1, FIRST_SLOT, list, sizeof(list))), "slots of the list");
    slots_init(slots, &w.stock.cnodes, NULL, NULL);
    EXPECT(err_ok(slots_adopt(slots, l1, found.end)), "and those behind");
    return found;
}

static void make_child(uint64_t ram_bytes)
{
    const cptr_t ram = fake_object(CAP_RAM, ram_bytes, PAGE, 0), first = fake_slot();

    reserve_init(&child.reserve);
    reserve_add(&child.reserve, &child.chunk, ram, fake_base(ram), 0, ram_bytes);
    struct ram_block block;
    EXPECT_OK(reserve_make(&child.reserve, CAP_VNODE_L0, 0, CPTR_NULL, first, &block), "root");
    child.root = first;
    EXPECT(cspace_take(&w.stock.cspace, &child.l1), "an entry");
    EXPECT_OK(reserve_make(&child.reserve, CAP_L2CNODE, 0, CPTR_NULL, CPTR_L1(child.l1), &block), "CNode");
    slots_init(&child.slots, &w.stock.cnodes, NULL, NULL);
    EXPECT_OK(slots_adopt(&child.slots, child.l1, FIRST_SLOT), "its slots");
    vspace_init(&child.vs, child.root, &w.stock, &w.slabs, &child.slots, &child.reserve);
    child.frame = fake_object(CAP_FRAME, 8 * MIB, 2 * MIB, 0);
}

static void build(void)
{
    EXPECT_OK(vspace_map_at(&child.vs, TEXT, child.frame, 0, 40 * PAGE, MAP_READ | MAP_EXEC), "text");
    EXPECT_OK(vspace_map_at(&child.vs, TEXT + 40 * PAGE, child.frame, 40 * PAGE, 3 * MIB, RW), "data");
    EXPECT_OK(vspace_reserve_at(&child.vs, STACK, 16 * PAGE), "stack and guard");
    EXPECT_OK(vspace_map_in(&child.vs, STACK + PAGE, child.frame, 0, 15 * PAGE, RW), "stack");
    EXPECT_OK(vspace_map_at(&child.vs, DATA, child.frame, 0, 6 * MIB, MAP_READ), "blocks");
    EXPECT_OK(vspace_lazy_at(&child.vs, LAZY, 12 * PAGE, RW, false), "a lazy region");
    EXPECT_OK(vspace_lazy_at(&child.vs, LAZY + 12 * PAGE, 8 * MIB, RW, true), "one by blocks");
    EXPECT_OK(vspace_exclude(&child.vs, VSPACE_POOL, 0x8000000000), "the child's pool");
    const char *const wrong = vspace_check(&child.vs);
    EXPECT(!wrong, "%s", wrong);
}

static bool same_use(const struct vspace *a, const struct vspace *b)
{
    const struct range_tree *const ta[] = { &a->regions, &a->mappings, &a->tables[1], &a->tables[2], &a->tables[3] };
    const struct range_tree *const tb[] = { &b->regions, &b->mappings, &b->tables[1], &b->tables[2], &b->tables[3] };

    for (unsigned i = 0; i < 5; i++) {
        const struct range *x = range_from(ta[i], 0), *y = range_from(tb[i], 0);
        for (; x && y; x = range_from(ta[i], x->end), y = range_from(tb[i], y->end)) {
            if (x->base != y->base || x->end != y->end) {
                return false;
            }
        }
        if (x || y) {
            return false;
        }
    }
    return true;
}

TEST(child_vspace, maker_and_child_agree)
{
    static struct vspace_slabs slabs;
    static struct slots slots;
    static struct vspace vs;
    struct fake_place p = { 0 };

    world_start(&w, 0x200000, test_seed());
    make_child(0x40000);
    build();
    const uint64_t root = fake_base(child.root);
    EXPECT(fake_translate(root, STACK + PAGE, &p) && p.flags == RW, "mapped in the child's tables");
    EXPECT(!fake_translate(fake_base(CPTR(0, TASK_VSPACE)), STACK + PAGE, &p), "and not in the maker's");
    EXPECT_OK(vspace_export(&child.vs, list, sizeof(list)), "export");
    const unsigned top = slots_top(&child.slots, child.l1);

    /* The child: here it shares the maker's CSpace, in which the CNode is the same. */
    EXPECT_OK(vspace_slabs_init(&slabs, &w.stock), "the child's slabs");
    const struct child_slots from = reader_slots(&slots, child.l1);
    vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
    EXPECT_OK(vspace_adopt(&vs, list, sizeof(list), &from), "adopt");
    const char *const wrong = vspace_check(&vs);
    EXPECT(!wrong, "%s", wrong);
    EXPECT(same_use(&child.vs, &vs), "both agree on what is in use");
    EXPECT_EQ(slots.free, L2_SLOTS - top, "and on the slots");
    const struct vspace_region *const lazy = (struct vspace_region *)range_find(&vs.regions, LAZY);
    const struct vspace_region *const blocks = (struct vspace_region *)range_find(&vs.regions, LAZY + 12 * PAGE);
    EXPECT(lazy->kind == REGION_LAZY && lazy->flags == RW && !lazy->blocks, "lazy, by pages");
    EXPECT(blocks->kind == REGION_LAZY && blocks->flags == RW && blocks->blocks, "lazy, by blocks");

    const uint64_t records = w.slabs.regions.used + w.slabs.mappings.used + w.slabs.tables.used;
    EXPECT(records > 10, "the maker has records of it");
    EXPECT_OK(slots_disown(&child.slots, child.l1), "the maker lets go of the slots");
    vspace_forget(&child.vs);
    EXPECT_EQ(w.slabs.regions.used + w.slabs.mappings.used + w.slabs.tables.used, 1, "and of the records but its own");
    EXPECT(fake_translate(root, TEXT, &p), "which changes nothing for the child");

    EXPECT_EQ(err_root(vspace_map_at(&vs, TEXT + PAGE, child.frame, 0, PAGE, RW)), E_VSPACE_OVERLAP, "in use");
    EXPECT_OK(vspace_map_at(&vs, TEXT + 4 * MIB - PAGE, child.frame, 0, PAGE, RW), "in a table the maker made");
    EXPECT(fake_translate(root, TEXT + 4 * MIB - PAGE, &p), "there it is");
    EXPECT_EQ(err_root(vspace_unmap(&vs, TEXT, PAGE)), E_VSPACE_SPLIT, "the maker's frames are not known");
    EXPECT_OK(vspace_unmap(&vs, TEXT, 40 * PAGE), "but all of the text can go");
    EXPECT(fake_translate(root, DATA, &p) && p.level == 2, "blocks were handed over");
    EXPECT_OK(vspace_unmap(&vs, DATA, 6 * MIB), "and can go");
    EXPECT(!fake_translate(root, DATA, &p), "gone");
    EXPECT(!fake_translate(root, TEXT, &p), "gone");
    EXPECT_OK(vspace_unreserve(&vs, STACK, 16 * PAGE), "and the stack");
    const char *const after = vspace_check(&vs);
    EXPECT(!after, "%s", after);
}

TEST(child_vspace, what_cannot_be_handed_over)
{
    world_start(&w, 0x200000, test_seed());
    make_child(0x40000);
    build();
    const size_t bytes = sizeof(struct child_vspace) + 16 * (child.vs.regions.count + child.vs.mappings.count +
                         child.vs.tables[1].count + child.vs.tables[2].count + child.vs.tables[3].count);
    EXPECT_OK(vspace_export(&child.vs, list, bytes), "just enough room");
    for (size_t less = 8; less <= bytes; less += 8) {
        EXPECT_EQ(err_root(vspace_export(&child.vs, list, bytes - less)), E_CHILD_ROOM, "%zu too few", less);
    }
    struct vspace_mapping *const m = (struct vspace_mapping *)range_from(&child.vs.mappings, 0);
    m->slot += L2_SLOTS;
    EXPECT_EQ(err_root(vspace_export(&child.vs, list, sizeof(list))), E_CHILD_SLOTS, "another CNode");
    m->slot -= L2_SLOTS;
    m->ram.chunk = &child.chunk;
    EXPECT_EQ(err_root(vspace_export(&child.vs, list, sizeof(list))), E_CHILD_SLOTS, "memory of the maker's reserve");
    m->ram.chunk = NULL;
}

TEST(child_vspace, runs_out_of_its_own_ram_and_slots_cleanly)
{
    world_start(&w, 0x200000, test_seed());
    make_child(9 * PAGE);               /* root, CNode, three tables, and one more */
    EXPECT_OK(vspace_map_at(&child.vs, TEXT, child.frame, 0, PAGE, RW), "three tables");
    EXPECT_EQ(err_root(vspace_map_at(&child.vs, STACK, child.frame, 0, PAGE, RW)), E_RESERVE_NONE, "no more");
    const char *wrong = vspace_check(&child.vs);
    EXPECT(!wrong && child.vs.regions.count == 1 && child.slots.used == FIRST_SLOT + 7, "as before: %s", wrong);
    EXPECT(child.vs.empty == 0 && !child.vs.spare, "the tables it made on the way are gone at once");
    cptr_t slot;
    while (err_ok(slots_alloc(&child.slots, &slot))) {
    }
    EXPECT_EQ(err_root(vspace_map_at(&child.vs, TEXT + PAGE, child.frame, 0, PAGE, RW)), E_SLOTS_NONE, "no slot");
    EXPECT_EQ(child.vs.regions.count, 1, "as before");
}

/* Every bit of the list is turned once: adopting either refuses and leaves nothing, or the result holds together. */
TEST(child_vspace, broken_lists)
{
    static struct vspace_slabs slabs;
    static struct slots slots;
    static struct vspace vs;
    static uint64_t copy[512];
    uint64_t refused = 0, bits = 0;

    world_start(&w, 0x200000, test_seed());
    make_child(0x40000);
    build();
    EXPECT_OK(vspace_export(&child.vs, list, sizeof(list)), "export");
    EXPECT_OK(vspace_slabs_init(&slabs, &w.stock), "the child's slabs");
    const struct child_slots from = reader_slots(&slots, L1_CHILD);
    const uint64_t words = 3 + 2 * (child.vs.regions.count + child.vs.mappings.count + child.vs.tables[1].count +
                                    child.vs.tables[2].count + child.vs.tables[3].count);
    for (uint64_t bit = 0; bit < words * 64; bit++) {
        memcpy(copy, list, sizeof(copy));
        copy[bit / 64] ^= 1ull << bit % 64;
        vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
        const err_t err = vspace_adopt(&vs, copy, words * 8, &from);
        EXPECT(err_ok(err) || err_root(err) == E_CHILD_LIST, "bit %" PRIu64 ": %#" PRIx64, bit, err.trail);
        refused += !err_ok(err);
        bits++;
        if (err_ok(err)) {
            const char *const wrong = vspace_check(&vs);
            EXPECT(!wrong, "bit %" PRIu64 ": %s", bit, wrong);
            vspace_forget(&vs);
        }
        EXPECT_EQ(slabs.regions.used + slabs.mappings.used + slabs.tables.used, 0, "bit %" PRIu64, bit);
    }
    vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
    EXPECT_OK(vspace_adopt(&vs, list, words * 8, &from), "as it was, to the byte");
    vspace_forget(&vs);
    EXPECT(refused > bits / 4, "only %" PRIu64 " of %" PRIu64 " were noticed", refused, bits);
    for (size_t bytes = 0; bytes < words * 8; bytes += 4) {
        vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
        EXPECT_EQ(err_root(vspace_adopt(&vs, list, bytes, &from)), E_CHILD_LIST, "cut to %zu bytes", bytes);
    }
}

/* Slots that are not the list's, an end that is none, and a CNode that is full. */
TEST(child_vspace, slots_of_the_list)
{
    static struct vspace_slabs slabs;
    static struct slots slots;
    static struct vspace vs;

    world_start(&w, 0x200000, test_seed());
    make_child(0x40000);
    build();
    EXPECT_OK(vspace_export(&child.vs, list, sizeof(list)), "export");
    EXPECT_OK(vspace_slabs_init(&slabs, &w.stock), "the child's slabs");
    const struct child_slots from = reader_slots(&slots, L1_CHILD);
    struct child_vspace *const header = (struct child_vspace *)list;
    struct child_table *const table = (struct child_table *)(header + 1);
    struct child_mapping *const mapping = (struct child_mapping *)(table + header->tables);
    uint16_t *const field[] = { &table->vnode, &table->link, &mapping->slot };
    EXPECT(from.first == FIRST_SLOT && from.end == slots_top(&child.slots, child.l1), "the list's slots");
    EXPECT_EQ(slots.free, L2_SLOTS - from.end, "the child's");
    for (unsigned i = 0; i < 6; i++) {
        const uint16_t before = *field[i / 2];
        *field[i / 2] = (uint16_t)(i % 2 ? from.end : from.first - 1);
        vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
        EXPECT_EQ(err_root(vspace_adopt(&vs, list, sizeof(list), &from)), E_CHILD_LIST, "field %u", i);
        *field[i / 2] = before;
    }
    struct child_slots found = { 1, 2, 3 };
    const uint32_t wrong[] = { 0, FIRST_SLOT - 1, L2_SLOTS + 1, UINT32_MAX };
    for (unsigned i = 0; i < 4; i++) {
        header->next_slot = wrong[i];
        EXPECT_EQ(err_root(child_slots(&found, L1_CHILD, FIRST_SLOT, list, sizeof(list))), E_CHILD_LIST, "%u", i);
    }
    EXPECT(found.l1 == 1 && found.first == 2 && found.end == 3, "written on success only");
    for (size_t bytes = 0; bytes < sizeof(*header); bytes++) {
        EXPECT_EQ(err_root(child_slots(&found, L1_CHILD, FIRST_SLOT, list, bytes)), E_CHILD_LIST, "%zu bytes", bytes);
    }
    header->next_slot = L2_SLOTS;
    EXPECT_EQ(err_root(vspace_adopt(&vs, list, sizeof(list), &from)), E_CHILD_LIST, "changed since it was looked at");
    const struct child_slots all = reader_slots(&slots, L1_CHILD);
    EXPECT_OK(vspace_adopt(&vs, list, sizeof(list), &all), "a full one");
    EXPECT_EQ(slots.free, 0, "nothing is left");
    header->magic++;
    EXPECT_EQ(err_root(child_slots(&found, L1_CHILD, FIRST_SLOT, list, sizeof(list))), E_CHILD_LIST, "no list");
}

/* The n-th refill fails while the child reads its list. */
TEST(child_vspace, adopting_without_memory)
{
    static struct vspace_slabs slabs;
    static struct slots slots;
    static struct vspace vs;

    world_start(&w, 0x200000, test_seed());
    make_child(0x40000);
    build();
    EXPECT_OK(vspace_export(&child.vs, list, sizeof(list)), "export");
    EXPECT_OK(vspace_slabs_init(&slabs, &w.stock), "the child's slabs");
    const struct child_slots from = reader_slots(&slots, L1_CHILD);
    vspace_init(&vs, child.root, &w.stock, &slabs, &slots, &child.reserve);
    struct slab *const each[] = { &slabs.regions, &slabs.mappings, &slabs.tables };
    for (unsigned i = 0; i < 3; i++) {
        void *taken[64];
        unsigned n = 0;
        while (each[i]->free > 1) {
            taken[n++] = slab_alloc(each[i]);
        }
        fake_fail(1, FAKE_ALL);
        EXPECT_EQ(err_root(vspace_adopt(&vs, list, sizeof(list), &from)), E_STATE, "slab %u", i);
        fake_fail(0, 0);
        while (n > 0) {
            slab_free(each[i], taken[--n]);
        }
        EXPECT_EQ(slabs.regions.used + slabs.mappings.used + slabs.tables.used, 0, "slab %u", i);
    }
    EXPECT_OK(vspace_adopt(&vs, list, sizeof(list), &from), "and then it works");
}
