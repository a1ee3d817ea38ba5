/** @file vspace.c  Page tables: what may be mapped where, what a Mapping stands for, and that the MMU agrees. */
#include "children.h"
#include <os/string.h>

#define PAGE SHOAL_PAGE_SIZE
#define RW   (MAP_READ | MAP_WRITE)

/* Every type against every level. */
static void pairs(struct test *t)
{
    static const enum cap_type source[] = {
        CAP_VNODE_L0, CAP_VNODE_L1, CAP_VNODE_L2, CAP_VNODE_L3, CAP_RAM, CAP_L2CNODE, CAP_NOTIFY, CAP_DISPATCHER,
    };
    struct tables vs;
    cptr_t node[4];

    node[0] = test_make(t, CAP_VNODE_L0, 0, 1);
    tables_init(&vs, node[0]);
    for (unsigned level = 1; level <= 3; level++) {
        MUST(t, tables_node(&vs, &t->pool, level, 0x40000000, &node[level]));
    }
    for (unsigned level = 0; level <= 3; level++) {
        for (unsigned i = 0; i < sizeof(source) / sizeof(source[0]); i++) {
            const cptr_t what = test_make(t, source[i], PAGE, 1), slot = test_slot(t);
            const bool right = source[i] == CAP_VNODE_L0 + level + 1 && level < 3;
            const err_t err = vnode_map(node[level], what, 300, 1, 0, 0, CPTR_NULL, slot);
            CHECK(t, err_root(err) == (right ? E_OK : E_CAP_TYPE), "level %u, type %u: %s", level, source[i],
                  err_name(err_root(err)));
            EXPECT_OK(t, cap_delete(CPTR_NULL, slot));
            EXPECT_OK(t, cap_delete(CPTR_NULL, what));
        }
        EXPECT_ERR(t, vnode_map(node[level], node[level], 301, 1, 0, 0, CPTR_NULL, test_slot(t)), E_CAP_TYPE);
    }
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    EXPECT_ERR(t, vnode_map(node[0], frame, 302, 1, 0, MAP_READ, CPTR_NULL, test_slot(t)), E_CAP_TYPE);
}

static void refuses(struct test *t)
{
    static const struct {
        const char *why;
        uint64_t first, count, offset, flags;
        enum err_code want;
    } row[] = {
        { "no entry", 0, 0, 0, MAP_READ, E_CAP_COUNT },
        { "entry 512", 512, 1, 0, MAP_READ, E_ARG },
        { "runs over the table", 511, 2, 0, MAP_READ, E_ARG },
        { "513 entries", 0, 513, 0, MAP_READ, E_ARG },
        { "huge count", 0, 1ull << 40, 0, MAP_READ, E_ARG },
        { "one page beyond the frame", 0, 5, 0, MAP_READ, E_CAP_RANGE },
        { "offset at the end", 0, 1, 4 * PAGE, MAP_READ, E_CAP_RANGE },
        { "offset near 2^64", 0, 1, -(uint64_t)PAGE, MAP_READ, E_CAP_RANGE },
        { "unaligned offset", 0, 1, 8, MAP_READ, E_CAP_ALIGN },
        { "writable and executable", 0, 1, 0, RW | MAP_EXEC, E_MAP_WX },
        { "nothing allowed", 0, 1, 0, 0, E_ARG },
        { "write-only", 0, 1, 0, MAP_WRITE, E_ARG },
        { "unknown flag", 0, 1, 0, MAP_READ | 8, E_ARG },
        { "high flag", 0, 1, 0, MAP_READ | 1ull << 32, E_ARG },
        { "RAM as a device", 0, 1, 0, RW | MAP_DEVICE, E_MAP_ATTR },
        { "RAM as a strict device", 0, 1, 0, RW | MAP_DEVICE_STRICT, E_MAP_ATTR },
    };
    struct tables vs;
    cptr_t table;
    tables_init(&vs, test_make(t, CAP_VNODE_L0, 0, 1));
    MUST(t, tables_node(&vs, &t->pool, 3, 0x40000000, &table));
    const cptr_t frame = test_make(t, CAP_FRAME, 4 * PAGE, 1), slot = test_slot(t), weak = test_slot(t);
    const uint64_t before = cap_count();

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const err_t err = vnode_map(table, frame, row[i].first, row[i].count, row[i].offset, row[i].flags, CPTR_NULL,
                                    slot);
        CHECK(t, err_root(err) == row[i].want, "%s: %s, wanted %s", row[i].why, err_name(err_root(err)),
              err_name(row[i].want));
    }
    CHECK_EQ(t, cap_count(), before);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, frame, RIGHT_READ));
    EXPECT_ERR(t, vnode_map(table, weak, 0, 1, 0, RW, CPTR_NULL, slot), E_CAP_RIGHTS);
    EXPECT_ERR(t, vnode_map(table, weak, 0, 1, 0, MAP_READ | MAP_EXEC, CPTR_NULL, slot), E_CAP_RIGHTS);
    EXPECT_ERR(t, vnode_map(table, frame, 0, 1, 0, MAP_READ, CPTR_NULL, frame), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, vnode_map(table, frame, 0, 1, 0, MAP_READ, CPTR_NULL, CPTR_L1(L1_TEST)), E_SLOT_KIND);
    EXPECT_ERR(t, vnode_map(table, frame, 0, 1, 0, MAP_READ, CPTR_NULL, CPTR(L1_TEST, 0)), E_CAP_LOOKUP);
    EXPECT_ERR(t, vnode_map(table, test_slot(t), 0, 1, 0, MAP_READ, CPTR_NULL, slot), E_CAP_EMPTY);
    EXPECT_OK(t, vnode_map(table, frame, 508, 4, 0, RW, CPTR_NULL, slot));
    EXPECT_ERR(t, vnode_map(table, frame, 511, 1, 0, MAP_READ, CPTR_NULL, test_slot(t)), E_VNODE_OCCUPIED);
    EXPECT_ERR(t, vnode_map(table, frame, 505, 4, 0, MAP_READ, CPTR_NULL, test_slot(t)), E_VNODE_OCCUPIED);
    EXPECT_ERR(t, INVOKE(table, 1, frame).err, E_OP);

    const cptr_t weak_table = test_slot(t);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak_table, CPTR_NULL, table, RIGHT_READ));
    EXPECT_ERR(t, vnode_map(weak_table, frame, 0, 1, 0, MAP_READ, CPTR_NULL, test_slot(t)), E_CAP_RIGHTS);
}

static void linking(struct test *t)
{
    const cptr_t root = test_make(t, CAP_VNODE_L0, 0, 1), l1 = test_make(t, CAP_VNODE_L1, 0, 1);
    const cptr_t l2 = test_make(t, CAP_VNODE_L2, 0, 1), l3 = test_make(t, CAP_VNODE_L3, 0, 1);
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), weak = test_slot(t);
    const cptr_t link = test_slot(t), link2 = test_slot(t), link3 = test_slot(t), page = test_slot(t);

    EXPECT_ERR(t, vnode_map(l1, l2, 0, 1, 0, 0, CPTR_NULL, link2), E_VNODE_UNLINKED);
    EXPECT_ERR(t, vnode_map(l3, frame, 0, 1, 0, MAP_READ, CPTR_NULL, page), E_VNODE_UNLINKED);
    EXPECT_ERR(t, vnode_map(root, l1, 0, 2, 0, 0, CPTR_NULL, link), E_ARG);
    EXPECT_ERR(t, vnode_map(root, l1, 0, 1, PAGE, 0, CPTR_NULL, link), E_ARG);
    EXPECT_ERR(t, vnode_map(root, l1, 512, 1, 0, 0, CPTR_NULL, link), E_ARG);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, l1, RIGHT_READ));
    EXPECT_ERR(t, vnode_map(root, weak, 0, 1, 0, 0, CPTR_NULL, link), E_CAP_RIGHTS);
    EXPECT_OK(t, vnode_map(root, l1, 3, 1, 0, 0, CPTR_NULL, link));
    EXPECT_ERR(t, vnode_map(root, l1, 4, 1, 0, 0, CPTR_NULL, page), E_VNODE_LINKED);
    EXPECT_ERR(t, vnode_map(root, test_make(t, CAP_VNODE_L1, 0, 1), 3, 1, 0, 0, CPTR_NULL, page), E_VNODE_OCCUPIED);
    EXPECT_OK(t, vnode_map(l1, l2, 0, 1, 0, 0, CPTR_NULL, link2));
    EXPECT_OK(t, vnode_map(l2, l3, 511, 1, 0, 0, CPTR_NULL, link3));
    EXPECT_OK(t, vnode_map(l3, frame, 0, 1, 0, MAP_READ, CPTR_NULL, page));
    /* taken out with an entry in it, it cannot come back before it is empty: its Mapping knows the old address */
    EXPECT_OK(t, cap_delete(CPTR_NULL, link3));
    EXPECT_ERR(t, vnode_map(l2, l3, 510, 1, 0, 0, CPTR_NULL, link3), E_VNODE_LINKED);
    EXPECT_OK(t, cap_delete(CPTR_NULL, page));
    EXPECT_OK(t, vnode_map(l2, l3, 510, 1, 0, 0, CPTR_NULL, link3));
    EXPECT_ERR(t, mapping_protect(link3, 0, 1, MAP_READ), E_ARG);
    /* a table that dies takes the Mappings in it along, and the one that leads to it */
    EXPECT_OK(t, vnode_map(l3, frame, 7, 1, 0, MAP_READ, CPTR_NULL, page));
    EXPECT_OK(t, cap_delete(CPTR_NULL, l3));
    CHECK_EQ(t, slot_type(CPTR_NULL, page), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, link3), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, link2), CAP_MAPPING);
}

/* Run a child that accesses @p va; true: it lived. */
static bool child_lives(struct test *t, struct proc *p, enum access access, uint64_t va, struct fault *fault)
{
    (void)t;
    p->page->arg[0] = access;
    p->page->arg[1] = va;
    p->page->arg[2] = 0x1122334455667788;
    EXPECT_OK(t, dispatcher_start(p->disp));
    if (!proc_fault(p, fault)) {
        return false;
    }
    return fault->cause == FAULT_BREAKPOINT && p->page->result[1] == 1;
}

/* Each kind of permission against each kind of access. */
static void permissions(struct test *t)
{
    static const uint64_t flags[] = { MAP_READ, RW, MAP_READ | MAP_EXEC };

    for (unsigned f = 0; f < 3; f++) {
        for (enum access a = ACCESS_READ; a <= ACCESS_EXEC; a++) {
            static struct proc p;
            struct fault fault;
            const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
            uint64_t *words = test_map(t, frame, 0, PAGE, RW, NULL);
            if (!words || !proc_make(t, &p, child_access)) {
                return;
            }
            words[0] = 0xd65f03c0;          /* RET */
            __asm__ volatile("dc cvau, %0\n\tdsb ish" : : "r"(words) : "memory");
            const uint64_t va = proc_map(&p, frame, 0, PAGE, flags[f]);
            const bool allowed = a == ACCESS_READ || (a == ACCESS_WRITE && flags[f] & MAP_WRITE) ||
                                 (a == ACCESS_EXEC && flags[f] & MAP_EXEC);
            const bool lived = child_lives(t, &p, a, va, &fault);
            CHECK(t, lived == allowed, "flags %#lx, access %u: cause %lu at %#lx", flags[f], a, fault.cause,
                  fault.address);
            if (!allowed) {
                CHECK_EQ(t, fault.address, va);
                CHECK_EQ(t, fault.cause, a == ACCESS_WRITE ? FAULT_WRITE : FAULT_EXEC);
            }
            CHECK(t, a != ACCESS_WRITE || (words[0] == 0x1122334455667788) == allowed, "the memory says otherwise");
        }
    }
}

/* Deleting the Mapping, or revoking the frame, or the RAM, unmaps; deleting the Frame's capability alone does not. */
static void unmapping(struct test *t)
{
    enum { DELETE_MAPPING, REVOKE_FRAME, REVOKE_RAM, DELETE_FRAME, WAYS };

    for (unsigned way = 0; way < WAYS; way++) {
        static struct proc p;
        struct fault fault;
        const cptr_t ram = test_ram(t, 2 * PAGE, PAGE), frame = test_slot(t);
        cptr_t mapping;

        MUST(t, cap_retype(ram, CAP_FRAME, 0, 2 * PAGE, 1, CPTR_NULL, frame));
        if (!proc_make(t, &p, child_access)) {
            return;
        }
        MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, 2 * PAGE, RW, &mapping));
        switch (way) {
        case DELETE_MAPPING:
            EXPECT_OK(t, cap_delete(CPTR_NULL, mapping));
            break;
        case REVOKE_FRAME:
            EXPECT_OK(t, cap_revoke(CPTR_NULL, frame, 0, 2 * PAGE));
            CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_FRAME);
            break;
        case REVOKE_RAM:
            EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, PAGE, PAGE));     /* the second page is enough */
            CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_NULL);
            break;
        default:
            EXPECT_OK(t, cap_delete(CPTR_NULL, frame));
            break;
        }
        CHECK_EQ(t, slot_type(CPTR_NULL, mapping), way == DELETE_FRAME ? CAP_MAPPING : CAP_NULL);
        const bool lived = child_lives(t, &p, ACCESS_WRITE, PROC_FREE_VA, &fault);
        CHECK(t, lived == (way == DELETE_FRAME), "way %u: cause %lu", way, fault.cause);
    }
}

/* The same while the page is in the TLB: init itself reads it, and a child that runs on finds it gone. */
static void unmapped_at_once(struct test *t)
{
    static struct proc p;
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    cptr_t mapping;

    if (!proc_make(t, &p, child_access)) {
        return;
    }
    MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, PAGE, RW, &mapping));
    p.page->arg[0] = ACCESS_READ;
    p.page->arg[1] = PROC_FREE_VA;
    MUST(t, dispatcher_start(p.disp));
    if (!proc_finish(&p)) {
        return;
    }
    MUST(t, cap_delete(CPTR_NULL, mapping));
    /* once more, in the same address space */
    p.frame_map->disabled = 0;
    p.frame_map->enabled.pc = (uint64_t)child_access;
    p.frame_map->enabled.x[0] = PROC_SHARED_VA;
    MUST(t, dispatcher_resume(p.disp));
    (void)proc_expect_fault(&p, FAULT_READ, PROC_FREE_VA);
}

/* A process unmaps, or protects, what it has just used, in its own address space: no switch of address spaces helps. */
static void child_unmaps(volatile struct shared *page)
{
    volatile uint64_t *const word = (volatile uint64_t *)page->arg[0];

    word[0] = 5;
    page->result[0] = word[0];
    page->result[1] = page->arg[2] ? mapping_protect(page->arg[1], 0, 1, MAP_READ).trail
                                   : cap_delete(CPTR_NULL, page->arg[1]).trail;
    page->result[2] = page->arg[2] ? word[0] : 5;
    word[0] = 6;
    child_exit();
}

static void flushes_its_own(struct test *t)
{
    for (unsigned protects = 0; protects < 2; protects++) {
        static struct proc p;
        const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
        volatile uint64_t *word = test_map(t, frame, 0, PAGE, RW, NULL);
        cptr_t mapping;

        if (!word || !proc_make(t, &p, child_unmaps)) {
            return;
        }
        MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, PAGE, RW, &mapping));
        MUST(t, cap_move(p.l1, CPTR(0, 90), CPTR_NULL, mapping));
        p.page->arg[0] = PROC_FREE_VA;
        p.page->arg[1] = CPTR(0, 90);
        p.page->arg[2] = protects;
        MUST(t, dispatcher_start(p.disp));
        (void)proc_expect_fault(&p, FAULT_WRITE, PROC_FREE_VA);
        CHECK(t, p.page->result[0] == 5 && p.page->result[1] == E_OK && p.page->result[2] == 5, "%lu %lu %lu",
              p.page->result[0], p.page->result[1], p.page->result[2]);
        CHECK_EQ(t, word[0], 5);
    }
}

static void protect(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, 4 * PAGE, 1), weak = test_slot(t);
    cptr_t mapping, weak_mapping;
    struct fault fault;

    MUST(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, frame, RIGHT_READ));
    volatile uint64_t *words = test_map(t, frame, 0, 4 * PAGE, RW, &mapping);
    if (!words || !test_map(t, weak, 0, PAGE, MAP_READ, &weak_mapping)) {
        return;
    }
    EXPECT_ERR(t, mapping_protect(mapping, 0, 0, MAP_READ), E_CAP_COUNT);
    EXPECT_ERR(t, mapping_protect(mapping, 0, 5, MAP_READ), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, 4, 1, MAP_READ), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, ~0ull, 2, MAP_READ), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, 0, ~0ull, MAP_READ), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, 0, 1, 0), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, 0, 1, MAP_READ | MAP_UNCACHED), E_ARG);
    EXPECT_ERR(t, mapping_protect(mapping, 0, 1, RW | MAP_EXEC), E_MAP_WX);
    EXPECT_ERR(t, mapping_protect(weak_mapping, 0, 1, RW), E_CAP_RIGHTS);
    EXPECT_ERR(t, INVOKE(mapping, 1, 0).err, E_OP);
    words[0] = words[512] = 5;

    static struct proc p;
    for (unsigned page = 0; page < 2; page++) {
        if (!proc_make(t, &p, child_access)) {
            return;
        }
        MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, 4 * PAGE, RW, &mapping));
        EXPECT_OK(t, mapping_protect(mapping, 1, 1, MAP_READ));
        const bool lived = child_lives(t, &p, ACCESS_WRITE, PROC_FREE_VA + page * PAGE, &fault);
        CHECK(t, lived == (page == 0), "page %u: cause %lu", page, fault.cause);
    }
    CHECK_EQ(t, words[0], 0x1122334455667788);
    CHECK_EQ(t, words[512], 5);
    if (proc_make(t, &p, child_access)) {
        MUST(t, tables_map(&p.vspace, &t->pool, PROC_FREE_VA, frame, 0, 4 * PAGE, MAP_READ, &mapping));
        EXPECT_OK(t, mapping_protect(mapping, 3, 1, RW));
        CHECK(t, child_lives(t, &p, ACCESS_WRITE, PROC_FREE_VA + 3 * PAGE, &fault), "cause %lu", fault.cause);
        CHECK_EQ(t, words[3 * 512], 0x1122334455667788);
    }
}

/* RAM for a block of 2 MiB: from the pool, or else a piece that is meant for the memory server; it is given back. */
static cptr_t big_ram(struct test *t, uint64_t bytes)
{
    const cptr_t slot = test_slot(t);

    for (uint64_t i = 0; i < init.boot->ram_count; i++) {
        struct cap_info info;
        if (!err_ok(cap_identify(CPTR_NULL, CPTR(INIT_L2_RAM, i), &info))) {
            continue;
        }
        const uint64_t start = (info.base + bytes - 1) & ~(bytes - 1);
        if (start + bytes > info.base + info.bytes) {
            continue;
        }
        const err_t err = cap_retype(CPTR(INIT_L2_RAM, i), CAP_RAM, start - info.base, bytes, 1, CPTR_NULL, slot);
        EXPECT_OK(t, err);
        return err_ok(err) ? slot : CPTR_NULL;
    }
    return CPTR_NULL;
}

static void block(struct test *t, unsigned level, uint64_t bytes)
{
    static struct proc p;
    const cptr_t ram = big_ram(t, bytes), frame = test_slot(t), mapping = test_slot(t);
    const uint64_t va = 0x4000000000;
    struct fault fault;
    cptr_t table;

    if (ram == CPTR_NULL) {
        return;                 /* a machine without a piece this large */
    }
    MUST(t, cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame));
    if (!proc_make(t, &p, child_access)) {
        return;
    }
    MUST(t, tables_node(&p.vspace, &t->pool, level, va, &table));
    EXPECT_ERR(t, vnode_map(table, frame, 0, 1, PAGE, RW, CPTR_NULL, mapping), E_CAP_RANGE);
    EXPECT_ERR(t, vnode_map(table, frame, 0, 2, 0, RW, CPTR_NULL, mapping), E_CAP_RANGE);
    MUST(t, vnode_map(table, frame, level_index(level, va), 1, 0, RW, CPTR_NULL, mapping));
    volatile uint64_t *last = test_map(t, frame, bytes - PAGE, PAGE, RW, NULL);
    if (!last) {
        return;
    }
    last[511] = 0;
    CHECK(t, child_lives(t, &p, ACCESS_WRITE, va + bytes - 8, &fault), "cause %lu", fault.cause);
    CHECK_EQ(t, last[511], 0x1122334455667788);
    uint64_t words[4];
    EXPECT_OK(t, dispatcher_peek(p.disp, va + bytes - 32, words));
    CHECK_EQ(t, words[3], 0x1122334455667788);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, bytes / 2, PAGE));
    CHECK_EQ(t, slot_type(CPTR_NULL, mapping), CAP_NULL);
}

static void blocks(struct test *t)
{
    block(t, 2, 0x200000);
    block(t, 1, 0x40000000);

    /* a frame that is large enough, but does not lie on such a boundary */
    const cptr_t ram = big_ram(t, 0x400000), frame = test_slot(t);
    struct tables vs;
    cptr_t table;
    if (ram == CPTR_NULL) {
        return;
    }
    MUST(t, cap_retype(ram, CAP_FRAME, PAGE, 0x3ff000, 1, CPTR_NULL, frame));
    tables_init(&vs, test_make(t, CAP_VNODE_L0, 0, 1));
    MUST(t, tables_node(&vs, &t->pool, 2, 0, &table));
    EXPECT_ERR(t, vnode_map(table, frame, 0, 1, 0, RW, CPTR_NULL, test_slot(t)), E_CAP_ALIGN);
    EXPECT_OK(t, vnode_map(table, frame, 0, 1, 0x1ff000, RW, CPTR_NULL, test_slot(t)));
}

/* Device memory, the first GiB-aligned GiB of it above all RAM: mapped as a block, never touched. */
static void devices(struct test *t)
{
    const cptr_t range = test_slot(t), frame = test_slot(t), mapping = test_slot(t);
    struct tables vs;
    cptr_t table;

    tables_init(&vs, test_make(t, CAP_VNODE_L0, 0, 1));
    MUST(t, tables_node(&vs, &t->pool, 1, 0, &table));
    for (uint64_t i = 0; i < init.boot->dev_count; i++) {
        const uint64_t gib = 1ull << 30;
        struct cap_info info;
        MUST(t, cap_identify(CPTR_NULL, CPTR(INIT_L2_DEV, i), &info));
        const uint64_t start = (info.base + gib) & ~(gib - 1);      /* never the first GiB: the console is there */
        if (start + gib > info.base + info.bytes) {
            continue;
        }
        MUST(t, cap_retype(CPTR(INIT_L2_DEV, i), CAP_DEVRANGE, start - info.base, gib, 1, CPTR_NULL, range));
        MUST(t, cap_retype(range, CAP_DEVFRAME, 0, gib, 1, CPTR_NULL, frame));
        EXPECT_ERR(t, vnode_map(table, frame, 0, 1, 0, RW | MAP_NORMAL, CPTR_NULL, mapping), E_MAP_ATTR);
        EXPECT_OK(t, vnode_map(table, frame, 0, 1, 0, RW | MAP_DEVICE, CPTR_NULL, mapping));
        EXPECT_OK(t, cap_delete(CPTR_NULL, mapping));
        EXPECT_OK(t, vnode_map(table, frame, 511, 1, 0, RW | MAP_DEVICE_STRICT, CPTR_NULL, mapping));
        EXPECT_OK(t, vnode_map(table, frame, 5, 1, 0, RW | MAP_UNCACHED, CPTR_NULL, test_slot(t)));
        EXPECT_OK(t, cap_revoke(CPTR_NULL, range, 0, gib));
        CHECK_EQ(t, slot_type(CPTR_NULL, mapping), CAP_NULL);
        EXPECT_OK(t, cap_delete(CPTR_NULL, range));
        return;
    }
    CHECK(t, false, "no device range holds a GiB");
}

/* The root dies while its tree of tables is full: nothing is left, and the tables themselves remain usable. */
static void root_dies(struct test *t)
{
    const cptr_t root = test_make(t, CAP_VNODE_L0, 0, 1), frame = test_make(t, CAP_FRAME, 512 * PAGE, 1);
    struct tables vs;

    tables_init(&vs, root);
    for (uint64_t i = 0; i < 12; i++) {
        MUST(t, tables_map(&vs, &t->pool, i << 30, frame, 0, 512 * PAGE, RW, NULL));
    }
    const uint64_t before = cap_count();
    EXPECT_OK(t, cap_delete(CPTR_NULL, root));
    CHECK(t, cap_count() < before, "nothing was deleted");
    /* a table of the old tree, emptied, serves another root */
    const cptr_t l3 = vs.node[2].vnode;
    EXPECT_OK(t, cap_revoke(CPTR_NULL, frame, 0, 512 * PAGE));
    struct tables next;
    cptr_t l2;
    tables_init(&next, test_make(t, CAP_VNODE_L0, 0, 1));
    MUST(t, tables_node(&next, &t->pool, 2, 0, &l2));
    EXPECT_OK(t, cap_delete(CPTR_NULL, vs.node[1].vnode));
    EXPECT_OK(t, vnode_map(l2, l3, 9, 1, 0, 0, CPTR_NULL, test_slot(t)));
}

/* Address-space identifiers run out with an error, and come back. */
static void asids_end(struct test *t)
{
    const uint64_t batch = RETYPE_MAX_OBJECTS, roots_bytes = 65536ull * PAGE;
    const cptr_t ram = big_ram(t, 0x10000000), l1 = test_make(t, CAP_L1CNODE, 12, 1);
    uint64_t made = 0;
    err_t err = OK;

    if (ram == CPTR_NULL) {
        return;                 /* less memory than that many roots take */
    }
    for (uint64_t l2 = 0; l2 < roots_bytes / PAGE / L2_SLOTS && err_ok(err); l2++) {
        uint64_t offset;
        if (t->pool.bytes - t->pool.used < 0x10000) {
            break;
        }
        MUST(t, supply_take(&t->pool, 16384, 16384, &offset));
        MUST(t, cap_retype(t->pool.ram, CAP_L2CNODE, offset, 0, 1, l1, CPTR_L1(l2 + 1)));
        for (uint64_t s = 0; s < L2_SLOTS && err_ok(err); s += batch) {
            err = cap_retype(ram, CAP_VNODE_L0, made * PAGE, 0, batch, l1, CPTR(l2 + 1, s));
            made += err_ok(err) ? batch : 0;
        }
    }
    EXPECT_ERR(t, err, E_ASID_NONE);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, ram, 0, 0x10000000));
    EXPECT_OK(t, cap_retype(ram, CAP_VNODE_L0, 0, 0, batch, l1, CPTR(1, 0)));
}

TEST_GROUP(vspace, CASE(pairs), CASE(refuses), CASE(linking), CASE(permissions), CASE(unmapping),
           CASE(unmapped_at_once), CASE(flushes_its_own), CASE(protect), CASE(blocks),
           CASE(devices), CASE(root_dies), CASE(asids_end));
