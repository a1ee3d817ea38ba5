/* child_vspace_test.c  An address space written down by its maker and read by its owner: both agree; and a list that was
 * damaged is refused as a whole, or describes an address space whose books are in order. */
#include "test.h"

#include "fake_kernel.h"
#include <os/child_vspace.h>

#define CHILD_L1 10u                    /* entry of the L1 CNode for the child's CNode */
#define LIST_BYTES 16384u

static struct {
    struct stock stock;
    struct vspace_slabs slabs;
    cptr_t root;
    struct slots slots;
    struct reserve reserve;
    struct reserve_chunk chunk;
    struct vspace vs;                   /* the maker's books of the child */
    struct slots own_slots;
    struct vspace own;                  /* the child's own */
    _Alignas(8) uint8_t list[LIST_BYTES], again[LIST_BYTES];
} w;

static uint64_t state;

static void must(err_t err, const char *what)
{
    EXPECT(err_ok(err), "%s: %#" PRIx64, what, err.trail);
}

static uint64_t any(uint64_t below)
{
    return test_random(&state) % below;
}

static void start(void)
{
    const struct fake_config config = { .pool_bytes = 0x200000, .ram_bytes = 0x10000000, .seed = any(1000) };
    cptr_t ram;

    fake_start(&config);
    memset(&w, 0, sizeof(w));
    const struct stock_config stock = {
        .l1 = TASK_L1, .dispatcher = TASK_DISPATCHER, .root = TASK_VSPACE, .l1_log2 = L1_SLOTS_LOG2_MIN,
        .l1_used = CHILD_L1 + 1, .first_slot = TASK_FREE, .ram = TASK_POOL, .ram_base = fake_base(TASK_POOL),
        .ram_bytes = 0x200000, .pool_base = FAKE_WINDOW,
    };
    must(stock_init(&w.stock, &stock), "stock");
    must(vspace_slabs_init(&w.slabs, &w.stock), "slabs");
    must(ram_request(0x100000, &ram), "RAM");
    must(cap_retype(ram, CAP_L2CNODE, 0, 0, 1, CPTR_NULL, CPTR_L1(CHILD_L1)), "CNode");
    w.root = fake_slot();
    must(cap_retype(ram, CAP_VNODE_L0, 0x4000, 0, 1, CPTR_NULL, w.root), "root");
    slots_init(&w.slots, &w.stock.cnodes, NULL, NULL);
    must(slots_adopt(&w.slots, CHILD_L1, 0), "slots");
    reserve_init(&w.reserve);
    reserve_add(&w.reserve, &w.chunk, ram, fake_base(ram), 0x5000, 0x100000 - 0x5000);
    vspace_init(&w.vs, w.root, &w.stock, &w.slabs, &w.slots, &w.reserve);
}

/* Mappings at random addresses, large and small, and some reservations. */
static void populate(void)
{
    static const uint64_t flags[] = { MAP_READ, MAP_READ | MAP_WRITE, MAP_READ | MAP_EXEC };

    for (uint64_t n = 2 + any(10); n > 0; n--) {
        const uint64_t block = any(4) ? 4096 : 0x200000, bytes = (1 + any(5)) * block;
        const uint64_t va = VSPACE_LOW + any(6) * (any(2) ? 0x40000000 : 0x8000000000) + any(1000) * block;
        const cptr_t frame = fake_object(CAP_FRAME, bytes, block, 0);
        err_t err = vspace_map_at(&w.vs, va, frame, 0, bytes, flags[any(3)]);
        EXPECT(err_ok(err) || err_root(err) == E_VSPACE_OVERLAP || err_root(err) == E_VSPACE_ALIGN, "%#" PRIx64, err.trail);
        err = vspace_reserve_at(&w.vs, va + bytes + any(8) * 4096, 4096);
        EXPECT(err_ok(err) || err_root(err) == E_VSPACE_OVERLAP, "%#" PRIx64, err.trail);
        must(cap_delete(CPTR_NULL, frame), "the Frame's slot");    /* mappings stay */
    }
}

static size_t list_bytes(const void *list)
{
    const struct child_vspace *h = list;

    return sizeof(*h) + h->tables * sizeof(struct child_table) + h->mappings * sizeof(struct child_mapping) +
           h->regions * sizeof(struct child_region);
}

/* The child's side: the same CNode, the same kernel objects, its own records. */
static err_t adopt(const void *list, size_t bytes)
{
    slots_init(&w.own_slots, &w.stock.cnodes, NULL, NULL);
    vspace_init(&w.own, w.root, &w.stock, &w.slabs, &w.own_slots, &w.stock.reserve);
    return vspace_adopt(&w.own, list, bytes, CHILD_L1);
}

static uint64_t records(void)
{
    return w.slabs.regions.used + w.slabs.mappings.used + w.slabs.tables.used + w.stock.cnodes.used -
           w.stock.slots.cnodes;
}

TEST(child_vspace, both_agree)
{
    state = test_seed();
    for (unsigned round = 0; round < 60; round++) {
        start();
        populate();
        must(vspace_export(&w.vs, w.list, sizeof(w.list)), "export");
        const size_t bytes = list_bytes(w.list);
        EXPECT_EQ(vspace_export(&w.vs, w.again, bytes - 1).trail, E_CHILD_ROOM, "a byte too few");
        must(vspace_export(&w.vs, w.again, bytes), "export to exactly as much room");
        EXPECT(memcmp(w.list, w.again, bytes) == 0, "the same again");
        const uint64_t used = w.slots.used;
        must(adopt(w.list, bytes), "adopt");
        const char *const wrong = vspace_check(&w.own);
        EXPECT(!wrong, "%s", wrong);
        EXPECT_EQ(w.own_slots.used, used, "slots in use");
        memset(w.again, 0, bytes);
        must(vspace_export(&w.own, w.again, bytes), "export by the child");
        EXPECT(memcmp(w.list, w.again, bytes) == 0, "what was read is what was written");

        /* the maker forgets, the child goes on: it can take down all that the maker built */
        const uint64_t caps = fake_caps();
        vspace_forget(&w.vs);
        must(slots_disown(&w.slots, CHILD_L1), "disown");
        EXPECT_EQ(fake_caps(), caps, "forgetting touches no capability");
        const uint64_t tables_and_mappings = fake_cnode_used(CHILD_L1), mappings = w.own.mappings.count;
        for (struct range *r; (r = range_from(&w.own.regions, 0));) {
            must(vspace_unreserve(&w.own, r->base, r->end - r->base), "unreserve");
        }
        EXPECT_EQ(fake_cnode_used(CHILD_L1), tables_and_mappings - mappings, "unmapped");
        must(slots_disown(&w.own_slots, CHILD_L1), "disown");
        vspace_forget(&w.own);
        EXPECT_EQ(records(), 0, "records");
    }
}

TEST(child_vspace, damaged_lists)
{
    unsigned accepted = 0, rounds = 0;

    state = test_seed() + 7;
    for (unsigned world = 0; world < 20; world++) {
        start();
        populate();
        must(vspace_export(&w.vs, w.list, sizeof(w.list)), "export");
        const size_t bytes = list_bytes(w.list);
        for (unsigned i = 0; i < 400; i++, rounds++) {
            uint8_t *const copy = malloc(bytes);
            memcpy(copy, w.list, bytes);
            const size_t at = any(bytes);
            if (any(2)) {
                copy[at] ^= (uint8_t)(1u << any(8));
            } else {
                copy[at] = (uint8_t)any(256);
            }
            const uint64_t before = records();
            const err_t err = adopt(copy, any(8) ? bytes : any(bytes));
            if (err_ok(err)) {
                accepted++;
                const char *const wrong = vspace_check(&w.own);
                EXPECT(!wrong, "byte %zu: %s", at, wrong);
                must(slots_disown(&w.own_slots, CHILD_L1), "disown");
                vspace_forget(&w.own);
            } else {
                EXPECT_EQ(err.trail, E_CHILD_LIST, "byte %zu", at);
            }
            EXPECT(w.own.regions.count == 0 && w.own.mappings.count == 0 && w.own.tables[1].count == 0, "empty again");
            EXPECT_EQ(records(), before, "byte %zu: records", at);
            free(copy);
        }
    }
    EXPECT(accepted > 0 && accepted < rounds / 2, "%u of %u accepted", accepted, rounds);
}

/* Two CNodes, or memory of vspace_back(): not to be handed over. */
TEST(child_vspace, refuses_what_cannot_be_handed_over)
{
    state = test_seed() + 9;
    start();
    must(vspace_reserve_at(&w.vs, 0x400000, 0x10000), "reserve");
    must(vspace_export(&w.vs, w.list, sizeof(w.list)), "no slots at all");
    const cptr_t frame = fake_object(CAP_FRAME, 4096, 4096, 0);
    must(vspace_map_in(&w.vs, 0x402000, frame, 0, 4096, MAP_READ), "map");
    must(vspace_export(&w.vs, w.list, sizeof(w.list)), "one CNode");
    w.vs.slots = &w.stock.slots;
    must(vspace_map_in(&w.vs, 0x404000, frame, 0, 4096, MAP_READ), "map");
    EXPECT_EQ(vspace_export(&w.vs, w.list, sizeof(w.list)).trail, E_CHILD_SLOTS, "two CNodes");
    must(vspace_unmap(&w.vs, 0x404000, 4096), "unmap");
    w.vs.slots = &w.slots;
    must(vspace_export(&w.vs, w.list, sizeof(w.list)), "one CNode again");
}
