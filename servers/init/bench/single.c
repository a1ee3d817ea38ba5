/** @file single.c  Benches of one process: invocations. */
#include "bench.h"
#include <os/print.h>

#define PAGE SHOAL_PAGE_SIZE
#define REPEAT 31

/* The longest single kernel entry of each name, once kernel-longest has begun. */
#define ENTRIES 32
static struct {
    struct {
        const char *name;
        uint64_t value;
    } entry[ENTRIES];
    unsigned count;
    bool open;
} longest;

static void note(const char *name, uint64_t value)
{
    unsigned i = 0;

    while (i < longest.count && longest.entry[i].name != name) {
        i++;
    }
    if (!longest.open || i == ENTRIES) {
        return;
    }
    longest.entry[i].name = name;
    longest.entry[i].value = value > longest.entry[i].value ? value : longest.entry[i].value;
    longest.count = i < longest.count ? longest.count : i + 1;
}

/* Measured invocation; an error fails the bench. */
#define MEASURED(t, name, value, cap, op, ...) measured(t, name, value, cap, op, (struct sys_args){ { __VA_ARGS__ } })

static bool measured(struct test *t, const char *name, uint64_t *value, cptr_t cap, uint64_t op, struct sys_args args)
{
    const struct cost c = measure_invoke(cap, op, args.a[0], args.a[1], args.a[2], args.a[3], args.a[4], args.a[5]);

    *value = c.count - overhead();
    CHECK(t, err_ok(c.err), "%s: %s", name, err_name(err_root(c.err)));
    note(name, *value);
    return err_ok(c.err);
}

/* As long as it says E_AGAIN; the sum. */
static bool measured_steps(struct test *t, const char *name, uint64_t *value, cptr_t root, uint64_t op,
                           struct sys_args args)
{
    struct cost c;
    const uint64_t less = overhead();

    *value = 0;
    do {
        c = measure_invoke(root, op, args.a[0], args.a[1], args.a[2], args.a[3], args.a[4], args.a[5]);
        *value += c.count - less;
        note(name, c.count - less);
    } while (err_root(c.err) == E_AGAIN);
    CHECK(t, err_ok(c.err), "%s: %s", name, err_name(err_root(c.err)));
    return err_ok(c.err);
}

static bool null_syscall(struct test *t, uint64_t *value)
{
    uint64_t sample[REPEAT];

    for (unsigned i = 0; i < REPEAT; i++) {
        if (!MEASURED(t, "null-syscall", &sample[i], TASK_DISPATCHER, DISPATCHER_NOP, 0)) {
            return false;
        }
    }
    *value = median(sample, REPEAT);
    return true;
}

static bool copy_and_delete(struct test *t, uint64_t *copy, uint64_t *delete)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), slot = test_slot(t);
    uint64_t a[REPEAT], b[REPEAT];

    for (unsigned i = 0; i < REPEAT; i++) {
        if (!MEASURED(t, "cap-copy", &a[i], CPTR_NULL, CNODE_COPY, slot, CPTR_NULL, frame, RIGHTS_ALL) ||
            !MEASURED(t, "cap-delete", &b[i], CPTR_NULL, CNODE_DELETE, slot)) {
            return false;
        }
    }
    *copy = median(a, REPEAT);
    *delete = median(b, REPEAT);
    return true;
}

static bool cap_copy_line(struct test *t, uint64_t *value)
{
    uint64_t other;
    return copy_and_delete(t, value, &other);
}

static bool cap_delete_line(struct test *t, uint64_t *value)
{
    uint64_t other;
    return copy_and_delete(t, &other, value);
}

static bool retype_frame(struct test *t, uint64_t *value)
{
    const cptr_t ram = test_ram(t, REPEAT * PAGE, PAGE);
    uint64_t sample[REPEAT];

    for (unsigned i = 0; i < REPEAT; i++) {
        if (!MEASURED(t, "retype-frame", &sample[i], ram, MEMORY_RETYPE, CAP_FRAME, i * PAGE, PAGE, 1, CPTR_NULL,
                      test_slot(t))) {
            return false;
        }
    }
    *value = median(sample, REPEAT);
    return true;
}

static bool map_and_unmap(struct test *t, uint64_t *map, uint64_t *unmap)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), slot = test_slot(t);
    const uint64_t va = test_window(t, PAGE);
    uint64_t a[REPEAT], b[REPEAT];

    for (unsigned i = 0; i < REPEAT; i++) {
        if (!MEASURED(t, "map-4k", &a[i], window_vnode(va), VNODE_MAP, frame, level_index(3, va) | 1 << 16, 0,
                      MAP_READ | MAP_WRITE, CPTR_NULL, slot) ||
            !MEASURED(t, "unmap-4k", &b[i], CPTR_NULL, CNODE_DELETE, slot)) {
            return false;
        }
    }
    *map = median(a, REPEAT);
    *unmap = median(b, REPEAT);
    return true;
}

static bool map_line(struct test *t, uint64_t *value)
{
    uint64_t other;
    return map_and_unmap(t, value, &other);
}

static bool unmap_line(struct test *t, uint64_t *value)
{
    uint64_t other;
    return map_and_unmap(t, &other, value);
}

/* N Frames of 4 KiB made from one RAM capability, then revoked through it. */
static bool revoke_children(struct test *t, unsigned n, uint64_t *value)
{
    const cptr_t ram = test_ram(t, n * PAGE, PAGE);

    for (unsigned made = 0; made < n;) {
        const unsigned part = n - made < 64 ? n - made : 64;
        cptr_t slots;
        const err_t err = supply_slots(&t->pool, part, &slots);
        if (!err_ok(err) || !err_ok(cap_retype(ram, CAP_FRAME, made * PAGE, PAGE, part, CPTR_NULL, slots))) {
            CHECK(t, false, "cannot make %u frames", n);
            return false;
        }
        made += part;
    }
    return measured_steps(t, "revoke", value, CPTR_NULL, CNODE_REVOKE, (struct sys_args){ { ram, 0, n * PAGE } });
}

/* What each descendant adds, one call's fixed part taken off. */
static void remark_slope(struct test *t, unsigned n, uint64_t value)
{
    uint64_t one;

    if (n > 1 && revoke_children(t, 1, &one)) {
        const uint64_t each = (value - one) / (n - 1);
        bench_remark("%lu for each further descendant, target 220, %s", each, each <= 220 ? "met" : "missed");
    }
}

static bool revoke_line(struct test *t, unsigned n, uint64_t *value)
{
    if (!revoke_children(t, n, value)) {
        return false;
    }
    remark_slope(t, n, *value);
    return true;
}

static bool revoke_1(struct test *t, uint64_t *value)
{
    return revoke_line(t, 1, value);
}

static bool revoke_16(struct test *t, uint64_t *value)
{
    return revoke_line(t, 16, value);
}

static bool revoke_256(struct test *t, uint64_t *value)
{
    return revoke_line(t, 256, value);
}

static bool revoke_4096(struct test *t, uint64_t *value)
{
    return revoke_line(t, 4096, value);
}

/* ---- the longest kernel entry: what takes most in one call ------------------------------------------------------- */

/* The most objects of each type that one call makes, then their destruction. */
static bool longest_retype(struct test *t)
{
    static const struct {
        const char *name;
        enum cap_type type;
        uint64_t size, count;
    } most[] = {
        { "retype of 64 RAM", CAP_RAM, PAGE, 64 },
        { "retype of 64 Frames", CAP_FRAME, PAGE, 64 },
        { "retype of one L1 CNode of 4096 slots", CAP_L1CNODE, 12, 1 },
        { "retype of 16 L2 CNodes", CAP_L2CNODE, 0, 16 },
        { "retype of 32 VNode_L0", CAP_VNODE_L0, 0, 32 },
        { "retype of 32 VNode_L3", CAP_VNODE_L3, 0, 32 },
        { "retype of 32 Dispatchers", CAP_DISPATCHER, 0, 32 },
        { "retype of 32 Endpoints", CAP_ENDPOINT, 0, 32 },
        { "retype of 32 Notifys", CAP_NOTIFY, 0, 32 },
    };
    const cptr_t ram = test_ram(t, 0x40000, 0x10000);
    uint64_t value;

    for (unsigned i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        cptr_t slots;
        if (!err_ok(supply_slots(&t->pool, most[i].count, &slots)) ||
            !MEASURED(t, most[i].name, &value, ram, MEMORY_RETYPE, most[i].type, 0, most[i].size, most[i].count,
                      CPTR_NULL, slots) ||
            !measured_steps(t, "revoke of objects", &value, CPTR_NULL, CNODE_REVOKE,
                            (struct sys_args){ { ram, 0, 0x40000 } })) {
            return false;
        }
    }
    return true;
}

static bool longest_map(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, 512 * PAGE, 1), mapping = test_slot(t);
    struct tables vs;
    cptr_t table;
    uint64_t value;

    tables_init(&vs, test_make(t, CAP_VNODE_L0, 0, 1));
    if (!err_ok(tables_node(&vs, &t->pool, 3, 0, &table))) {
        CHECK(t, false, "no page table");
        return false;
    }
    return MEASURED(t, "map of 512 pages", &value, table, VNODE_MAP, frame, 512 << 16, 0, MAP_READ | MAP_EXEC,
                    CPTR_NULL, mapping) &&
           MEASURED(t, "protect of 512 pages", &value, mapping, MAPPING_PROTECT, 0, 512, MAP_READ) &&
           MEASURED(t, "protect of 64 pages", &value, mapping, MAPPING_PROTECT, 0, 64, MAP_READ) &&
           MEASURED(t, "unmap of 512 pages", &value, CPTR_NULL, CNODE_DELETE, mapping);
}

/* Deletion of the last capability of a full CNode, a full page table, and a table of tables. */
static bool longest_delete(struct test *t)
{
    const cptr_t l2 = test_make(t, CAP_L2CNODE, 0, 1), ram = test_ram(t, 0x40000, 0x10000);
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    struct tables vs;
    cptr_t table, root;
    uint64_t value;

    for (unsigned i = 0; i < 8; i++) {
        EXPECT_OK(t, cap_retype(ram, CAP_ENDPOINT, i * 32 * 256, 0, 32, l2, i * 32));
    }
    if (!measured_steps(t, "delete of a full L2 CNode", &value, CPTR_NULL, CNODE_DELETE,
                        (struct sys_args){ { l2 } })) {
        return false;
    }
    root = test_make(t, CAP_VNODE_L0, 0, 1);
    tables_init(&vs, root);
    for (unsigned i = 0; i < 300; i++) {
        if (!err_ok(tables_map(&vs, &t->pool, i * 2 * PAGE, frame, 0, PAGE, MAP_READ, NULL))) {
            CHECK(t, false, "cannot map");
            return false;
        }
    }
    table = vs.node[2].vnode;
    return measured_steps(t, "delete of a full VNode_L3", &value, CPTR_NULL, CNODE_DELETE,
                          (struct sys_args){ { table } }) &&
           measured_steps(t, "delete of a VNode_L0", &value, CPTR_NULL, CNODE_DELETE, (struct sys_args){ { root } });
}

static bool longest_revoke(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1);
    uint64_t value;

    for (unsigned i = 0; i < 500; i++) {
        if (!err_ok(cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, frame, RIGHTS_ALL))) {
            CHECK(t, false, "cannot copy");
            return false;
        }
    }
    return measured_steps(t, "revoke of copies", &value, CPTR_NULL, CNODE_REVOKE,
                          (struct sys_args){ { frame, 0, PAGE } }) &&
           revoke_children(t, 1024, &value);
}

static bool kernel_longest(struct test *t, uint64_t *value)
{
    longest.open = true;
    const bool good = longest_retype(t) && longest_map(t) && longest_delete(t) && longest_revoke(t);
    longest.open = false;
    for (unsigned i = 0; i < longest.count; i++) {
        print("# %6lu in one entry: %s\n", longest.entry[i].value, longest.entry[i].name);
        if (longest.entry[i].value > *value) {
            *value = longest.entry[i].value;
            bench_remark("%s", longest.entry[i].name);
        }
    }
    return good;
}

const struct bench_line bench_single[] = {
    { "null-syscall", 91, null_syscall },
    { "cap-copy", 600, cap_copy_line },
    { "cap-delete", 600, cap_delete_line },
    { "retype-frame", 1000, retype_frame },
    { "map-4k", 500, map_line },
    { "unmap-4k", 480, unmap_line },
    { "revoke-1", 0, revoke_1 },
    { "revoke-16", 0, revoke_16 },
    { "revoke-256", 0, revoke_256 },
    { "revoke-4096", 0, revoke_4096 },
    { "kernel-longest", 20000, kernel_longest },
    { 0 },
};
