/** @file retype.c  Retype: what each type may become, every way to refuse, and that a refusal changes nothing. */
#include "../test.h"
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE

/* The first, the last and an inner range, each type. */
static void first_and_last(struct test *t)
{
    static const struct {
        enum cap_type type;
        uint64_t size;
    } kind[] = {
        { CAP_RAM, PAGE }, { CAP_RAM, 3 * PAGE }, { CAP_FRAME, PAGE }, { CAP_FRAME, 2 * PAGE }, { CAP_L1CNODE, 6 },
        { CAP_L1CNODE, 12 }, { CAP_L2CNODE, 0 }, { CAP_VNODE_L0, 0 }, { CAP_VNODE_L1, 0 }, { CAP_VNODE_L2, 0 },
        { CAP_VNODE_L3, 0 }, { CAP_DISPATCHER, 0 }, { CAP_ENDPOINT, 0 }, { CAP_NOTIFY, 0 },
    };
    const cptr_t ram = test_ram(t, 0xc0000, 0x40000);
    const cptr_t slot = test_slot(t), last = test_slot(t);
    struct cap_info whole, info;
    MUST(t, cap_identify(CPTR_NULL, ram, &whole));

    for (unsigned i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
        const uint64_t bytes = object_bytes(kind[i].type, kind[i].size);

        EXPECT_OK(t, cap_retype(ram, kind[i].type, 0, kind[i].size, 1, CPTR_NULL, slot));
        EXPECT_OK(t, cap_retype(ram, kind[i].type, 0xc0000 - bytes, kind[i].size, 1, CPTR_NULL, last));
        EXPECT_OK(t, cap_identify(CPTR_NULL, slot, &info));
        CHECK(t, info.type == kind[i].type && info.base == whole.base && info.bytes == bytes,
              "type %u: got type %u, %#lx + %#lx", kind[i].type, info.type, info.base, info.bytes);
        EXPECT_OK(t, cap_identify(CPTR_NULL, last, &info));
        CHECK_EQ(t, info.base, whole.base + 0xc0000 - bytes);
        EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, 0, 0xc0000));
        CHECK_EQ(t, slot_type(CPTR_NULL, slot), CAP_NULL);
        CHECK_EQ(t, slot_type(CPTR_NULL, last), CAP_NULL);
    }
}

static void refuses(struct test *t)
{
    static const struct {
        const char *why;
        uint64_t type, offset, size, count;
        enum err_code want;
    } row[] = {
        { "Null", CAP_NULL, 0, PAGE, 1, E_CAP_TYPE },
        { "a Mapping is made by map only", CAP_MAPPING, 0, PAGE, 1, E_CAP_TYPE },
        { "RAM is no device", CAP_DEVFRAME, 0, PAGE, 1, E_CAP_TYPE },
        { "DevRange comes from DevRange", CAP_DEVRANGE, 0, PAGE, 1, E_CAP_TYPE },
        { "IRQ comes from IRQTable", CAP_IRQ, 0, 1, 1, E_CAP_TYPE },
        { "ID comes from ID", CAP_ID, 0, 1, 1, E_CAP_TYPE },
        { "Kernel is made by the kernel only", CAP_KERNEL, 0, PAGE, 1, E_CAP_TYPE },
        { "one past the last type", CAP_TYPE_COUNT, 0, PAGE, 1, E_CAP_TYPE },
        { "type with high bits", CAP_FRAME | 1ull << 32, 0, PAGE, 1, E_CAP_TYPE },
        { "type -1", ~0ull, 0, PAGE, 1, E_CAP_TYPE },
        { "size 0", CAP_FRAME, 0, 0, 1, E_CAP_SIZE },
        { "size no multiple of a page", CAP_FRAME, 0, PAGE + 1, 1, E_CAP_SIZE },
        { "RAM of half a page", CAP_RAM, 0, PAGE / 2, 1, E_CAP_SIZE },
        { "L1 CNode of 32 slots", CAP_L1CNODE, 0, 5, 1, E_CAP_SIZE },
        { "L1 CNode of 8192 slots", CAP_L1CNODE, 0, 13, 1, E_CAP_SIZE },
        { "L1 CNode, shift past a word", CAP_L1CNODE, 0, 64, 1, E_CAP_SIZE },
        { "L1 CNode, log2 huge", CAP_L1CNODE, 0, ~0ull, 1, E_CAP_SIZE },
        { "count 0", CAP_FRAME, 0, PAGE, 0, E_CAP_COUNT },
        { "count 65", CAP_FRAME, 0, PAGE, 65, E_CAP_COUNT },
        { "count huge", CAP_FRAME, 0, PAGE, 1ull << 52, E_CAP_COUNT },
        { "count -1", CAP_FRAME, 0, PAGE, ~0ull, E_CAP_COUNT },
        { "more kernel objects than one call makes", CAP_NOTIFY, 0, 0, RETYPE_MAX_OBJECTS + 1, E_CAP_COUNT },
        { "more kernel objects than one call zeroes", CAP_L2CNODE, 0, 0, 17, E_CAP_COUNT },
        { "more than one call zeroes, L1", CAP_L1CNODE, 0, 12, 2, E_CAP_COUNT },
        { "unaligned frame", CAP_FRAME, 1, PAGE, 1, E_CAP_ALIGN },
        { "frame at half a page", CAP_FRAME, PAGE / 2, PAGE, 1, E_CAP_ALIGN },
        { "unaligned RAM", CAP_RAM, 8, PAGE, 1, E_CAP_ALIGN },
        { "L2 CNode at half a page", CAP_L2CNODE, 2048, 0, 1, E_CAP_ALIGN },
        { "VNode at half a page", CAP_VNODE_L3, 2048, 0, 1, E_CAP_ALIGN },
        { "dispatcher at 1 KiB", CAP_DISPATCHER, 1024, 0, 1, E_CAP_ALIGN },
        { "endpoint at 64", CAP_ENDPOINT, 64, 0, 1, E_CAP_ALIGN },
        { "notify at 32", CAP_NOTIFY, 32, 0, 1, E_CAP_ALIGN },
        { "one page past the end", CAP_FRAME, 128 * PAGE, PAGE, 1, E_CAP_RANGE },
        { "one object more than fits", CAP_FRAME, 65 * PAGE, PAGE, 64, E_CAP_RANGE },
        { "size larger than the RAM", CAP_FRAME, 0, 129 * PAGE, 1, E_CAP_RANGE },
        { "offset near 2^64", CAP_FRAME, -(uint64_t)PAGE, PAGE, 1, E_CAP_RANGE },
        { "offset wraps with the size", CAP_FRAME, -(uint64_t)PAGE, 2 * PAGE, 1, E_CAP_RANGE },
        { "size 2^63", CAP_FRAME, 0, 1ull << 63, 1, E_CAP_RANGE },
        { "count times size wraps to 0", CAP_FRAME, 0, 1ull << 60, 16, E_CAP_RANGE },
        { "count times size wraps to a page", CAP_FRAME, PAGE, 1ull << 58, 64, E_CAP_RANGE },
        { "CNode beyond the end", CAP_L2CNODE, 125 * PAGE, 0, 1, E_CAP_RANGE },
    };
    const cptr_t ram = test_ram(t, 128 * PAGE, 0x10000);
    cptr_t slots;
    MUST(t, supply_slots(&t->pool, 64, &slots));
    const uint64_t before = cap_count();

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const err_t err = INVOKE(ram, MEMORY_RETYPE, row[i].type, row[i].offset, row[i].size, row[i].count, CPTR_NULL,
                                 slots).err;
        CHECK(t, err_root(err) == row[i].want, "%s: %s, wanted %s", row[i].why, err_name(err_root(err)),
              err_name(row[i].want));
    }
    CHECK_EQ(t, cap_count(), before);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, 128 * PAGE, 1, CPTR_NULL, slots));   /* all of it is still free */
}

static void overlap(struct test *t)
{
    const cptr_t ram = test_ram(t, 16 * PAGE, PAGE);
    const cptr_t a = test_slot(t), b = test_slot(t);
    cptr_t many;
    MUST(t, supply_slots(&t->pool, 8, &many));

    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 4 * PAGE, 4 * PAGE, 1, CPTR_NULL, a));
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 4 * PAGE, 4 * PAGE, 1, CPTR_NULL, b), E_CAP_OVERLAP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 7 * PAGE, PAGE, 1, CPTR_NULL, b), E_CAP_OVERLAP);
    EXPECT_ERR(t, cap_retype(ram, CAP_RAM, 0, 16 * PAGE, 1, CPTR_NULL, b), E_CAP_OVERLAP);
    EXPECT_ERR(t, cap_retype(ram, CAP_NOTIFY, 5 * PAGE + 64, 0, 1, CPTR_NULL, b), E_CAP_OVERLAP);
    /* the third of eight is in the way: none is made */
    const uint64_t before = cap_count();
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 2 * PAGE, PAGE, 8, CPTR_NULL, many), E_CAP_OVERLAP);
    CHECK_EQ(t, cap_count(), before);
    CHECK_EQ(t, slot_type(CPTR_NULL, many), CAP_NULL);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, 4 * PAGE, 1, CPTR_NULL, b));
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 8 * PAGE, PAGE, 8, CPTR_NULL, many));
    /* the frame's capability is gone, and so is what was in the way */
    EXPECT_OK(t, cap_delete(CPTR_NULL, a));
    EXPECT_OK(t, cap_retype(ram, CAP_L1CNODE, 4 * PAGE, 6, 4, CPTR_NULL, test_slot(t)));
}

/* RAM made from RAM blocks what lies above it, not below; a descendant's copy counts as the descendant. */
static void nested(struct test *t)
{
    const cptr_t ram = test_ram(t, 8 * PAGE, PAGE);
    const cptr_t child = test_slot(t), frame = test_slot(t), copy = test_slot(t), other = test_slot(t);

    MUST(t, cap_retype(ram, CAP_RAM, 0, 4 * PAGE, 1, CPTR_NULL, child));
    EXPECT_OK(t, cap_retype(child, CAP_FRAME, PAGE, PAGE, 1, CPTR_NULL, frame));
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 3 * PAGE, PAGE, 1, CPTR_NULL, other), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_copy(CPTR_NULL, copy, CPTR_NULL, frame, RIGHTS_ALL));
    EXPECT_OK(t, cap_delete(CPTR_NULL, frame));
    EXPECT_ERR(t, cap_retype(child, CAP_FRAME, PAGE, PAGE, 1, CPTR_NULL, other), E_CAP_OVERLAP);
    /* the parent goes, its child's child stays in the way of the grandparent */
    EXPECT_OK(t, cap_delete(CPTR_NULL, child));
    EXPECT_ERR(t, cap_retype(ram, CAP_RAM, 0, 4 * PAGE, 1, CPTR_NULL, other), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, other));
    EXPECT_OK(t, cap_delete(CPTR_NULL, copy));
}

static void destination(struct test *t)
{
    const cptr_t ram = test_ram(t, 64 * PAGE, 0x10000);
    const cptr_t full = test_make(t, CAP_FRAME, PAGE, 1), l2 = test_make(t, CAP_L2CNODE, 0, 1);
    const cptr_t l1 = test_make(t, CAP_L1CNODE, 6, 1);

    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, full), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, CPTR(L1_TEST, 0)), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, CPTR(64, 0)), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, 1ull << 33), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, l2, 256), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 2, l2, 255), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, full, 0), E_CAP_TYPE);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, l1, CPTR_L1(0)), E_SLOT_KIND);
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, l1, CPTR(0, 0)), E_CAP_LOOKUP);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 2, l2, 254));
    EXPECT_ERR(t, cap_retype(ram, CAP_FRAME, 4 * PAGE, PAGE, 3, l2, 252), E_SLOT_OCCUPIED);
    CHECK_EQ(t, slot_type(l2, 252), CAP_NULL);
    EXPECT_OK(t, cap_retype(ram, CAP_L2CNODE, 16 * PAGE, 0, 1, l1, CPTR_L1(63)));
    EXPECT_ERR(t, cap_retype(ram, CAP_L2CNODE, 20 * PAGE, 0, 2, l1, CPTR_L1(62)), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_retype(ram, CAP_L2CNODE, 20 * PAGE, 0, 2, l1, CPTR_L1(63)), E_CAP_LOOKUP);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 2 * PAGE, PAGE, 1, l1, CPTR(63, 7)));
    CHECK_EQ(t, slot_type(l1, CPTR(63, 7)), CAP_FRAME);
}

static void rights(struct test *t)
{
    const cptr_t ram = test_ram(t, 4 * PAGE, PAGE), weak = test_slot(t), slot = test_slot(t);

    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, ram, RIGHTS_ALL & ~RIGHT_OWN));
    EXPECT_ERR(t, cap_retype(weak, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, slot), E_CAP_RIGHTS);
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, slot));
    EXPECT_ERR(t, INVOKE(slot, MEMORY_RETYPE, CAP_FRAME, 0, PAGE, 1, 0, weak).err, E_OP);
    EXPECT_ERR(t, INVOKE(ram, 1, CAP_FRAME, 0, PAGE, 1, 0, slot).err, E_OP);
}

/* RAM of the same range made from itself again and again ends with an error, not with a broken order. */
static void depth(struct test *t)
{
    cptr_t at = test_ram(t, PAGE, PAGE);
    unsigned made = 0;
    err_t err = OK;

    for (; made < 1000 && err_ok(err); made++) {
        const cptr_t next = test_slot(t);
        err = cap_retype(at, CAP_RAM, 0, PAGE, 1, CPTR_NULL, next);
        at = err_ok(err) ? next : at;
    }
    EXPECT_ERR(t, err, E_CAP_DEPTH);
    CHECK(t, made > 100, "only %u deep", made);
    EXPECT_OK(t, cap_retype(at, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, test_slot(t)));
}

static bool all_zero(const volatile uint64_t *words, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (words[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Memory is zero when it becomes a kernel object and when it stops being one: no pointer of the kernel is ever read. */
static void zeroed(struct test *t)
{
    static const enum cap_type type[] = { CAP_L2CNODE, CAP_VNODE_L3, CAP_DISPATCHER, CAP_ENDPOINT, CAP_NOTIFY,
                                          CAP_VNODE_L0 };
    const cptr_t ram = test_ram(t, 4 * PAGE, 4 * PAGE), frame = test_slot(t), object = test_slot(t);

    for (unsigned i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
        const uint64_t words = object_bytes(type[i], 0) / 8;

        MUST(t, cap_retype(ram, CAP_FRAME, 0, 4 * PAGE, 1, CPTR_NULL, frame));
        uint64_t *memory = test_map(t, frame, 0, 4 * PAGE, MAP_READ | MAP_WRITE, NULL);
        if (!memory) {
            return;
        }
        memset(memory, 0xa5, 4 * PAGE);
        MUST(t, cap_revoke(CPTR_NULL, ram, 0, 4 * PAGE));
        MUST(t, cap_retype(ram, type[i], 0, 0, 1, CPTR_NULL, object));
        if (type[i] == CAP_L2CNODE) {
            for (unsigned s = 0; s < 256; s++) {
                EXPECT_ERR(t, cap_identify(object, s, &(struct cap_info){ 0 }), E_CAP_EMPTY);
            }
            EXPECT_OK(t, cap_copy(object, 17, CPTR_NULL, ram, RIGHTS_ALL));
        }
        MUST(t, cap_delete(CPTR_NULL, object));
        MUST(t, cap_retype(ram, CAP_FRAME, 0, 4 * PAGE, 1, CPTR_NULL, frame));
        memory = test_map(t, frame, 0, 4 * PAGE, MAP_READ, NULL);
        if (!memory) {
            return;
        }
        CHECK(t, all_zero(memory, words), "type %u left something behind", type[i]);
        CHECK(t, words == 2048 || memory[words] == 0xa5a5a5a5a5a5a5a5, "type %u: the next word changed", type[i]);
        MUST(t, cap_revoke(CPTR_NULL, ram, 0, 4 * PAGE));
    }
}

/* The other number lines. */
static void devices_irqs_ids(struct test *t)
{
    const cptr_t a = test_slot(t), b = test_slot(t);
    const cptr_t dev = CPTR(INIT_L2_DEV, 0);
    struct cap_info info, root;

    EXPECT_ERR(t, cap_retype(dev, CAP_FRAME, 0, PAGE, 1, CPTR_NULL, a), E_CAP_TYPE);
    EXPECT_OK(t, cap_retype(dev, CAP_DEVRANGE, 0, PAGE, 1, CPTR_NULL, a));
    EXPECT_OK(t, cap_retype(a, CAP_DEVFRAME, 0, PAGE, 1, CPTR_NULL, b));
    EXPECT_ERR(t, cap_retype(dev, CAP_DEVFRAME, 0, PAGE, 1, CPTR_NULL, test_slot(t)), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_delete(CPTR_NULL, b));
    EXPECT_OK(t, cap_delete(CPTR_NULL, a));

    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, init.boot->irq_count, 1, 1, CPTR_NULL, a), E_CAP_RANGE);
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, ~0ull, 1, 1, CPTR_NULL, a), E_CAP_RANGE);
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_ID, 40, 1, 1, CPTR_NULL, a), E_CAP_TYPE);
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 0, 1, 1, CPTR_NULL, a), E_CAP_OVERLAP);      /* an SGI */
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 15, 1, 1, CPTR_NULL, a), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 40, 1, 1, CPTR_NULL, a));
    EXPECT_ERR(t, cap_retype(TASK_IRQTABLE, CAP_IRQ, 40, 1, 1, CPTR_NULL, b), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_identify(CPTR_NULL, a, &info));
    CHECK(t, info.type == CAP_IRQ && info.base == 40 && info.bytes == 1, "IRQ %#lx + %lu", info.base, info.bytes);
    EXPECT_OK(t, cap_delete(CPTR_NULL, a));

    EXPECT_OK(t, cap_identify(CPTR_NULL, TASK_ID, &root));
    EXPECT_ERR(t, cap_retype(TASK_ID, CAP_ID, 0, 0, 1, CPTR_NULL, a), E_CAP_SIZE);
    EXPECT_OK(t, cap_retype(TASK_ID, CAP_ID, 1000, 10, 1, CPTR_NULL, a));
    EXPECT_OK(t, cap_retype(a, CAP_ID, 9, 1, 1, CPTR_NULL, b));
    EXPECT_OK(t, cap_identify(CPTR_NULL, b, &info));
    CHECK(t, info.type == CAP_ID && info.base == root.base + 1009 && info.bytes == 1, "ID %#lx + %lu", info.base,
          info.bytes);
    EXPECT_ERR(t, cap_retype(a, CAP_ID, 10, 1, 1, CPTR_NULL, test_slot(t)), E_CAP_RANGE);
    EXPECT_OK(t, cap_delete(CPTR_NULL, b));
    EXPECT_OK(t, cap_delete(CPTR_NULL, a));
}

TEST_GROUP(retype, CASE(first_and_last), CASE(refuses), CASE(overlap), CASE(nested), CASE(destination), CASE(rights),
           CASE(depth), CASE(zeroed), CASE(devices_irqs_ids));
