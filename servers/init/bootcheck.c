/** @file bootcheck.c  Is every capability that the kernel handed over what the boot information says? */
#include "state.h"
#include <os/err.h>
#include <os/print.h>

#define PAGES_OF(bytes) (((bytes) + SHOAL_PAGE_SIZE - 1) / SHOAL_PAGE_SIZE * SHOAL_PAGE_SIZE)

struct check {
    unsigned caps, bad;
};

static const char *type_name(enum cap_type type)
{
    static const char *const name[] = {
        "Null",
#define CAPTYPE(name, number, space, fixed, parent) #name,
#include <shoal/captypes.def>
#undef CAPTYPE
    };
    return (unsigned)type < CAP_TYPE_COUNT ? name[type] : "?";
}

static void complain(struct check *c, cptr_t slot, const char *what)
{
    c->bad++;
    print("init: slot %lu.%lu: %s\n", slot >> 8 & 0xffffff, slot & 0xff, what);
}

/* Identify and compare type and rights (those in @p must present, those in @p must_not absent). */
static bool expect(struct check *c, cptr_t slot, enum cap_type type, uint64_t must, uint64_t must_not,
                   struct cap_info *info)
{
    c->caps++;
    const err_t err = cap_identify(CPTR_NULL, slot, info);
    if (!err_ok(err)) {
        complain(c, slot, err_text(err_root(err)));
        return false;
    }
    if (info->type != type) {
        c->bad++;
        print("init: slot %lu.%lu holds %s, not %s\n", slot >> 8 & 0xffffff, slot & 0xff, type_name(info->type),
              type_name(type));
        return false;
    }
    if ((info->rights & must) != must || (info->rights & must_not) != 0) {
        c->bad++;
        print("init: slot %lu.%lu (%s) has rights %#lx\n", slot >> 8 & 0xffffff, slot & 0xff, type_name(type),
              info->rights);
        return false;
    }
    return true;
}

static void expect_bytes(struct check *c, cptr_t slot, const struct cap_info *info, uint64_t bytes)
{
    if (info->bytes != bytes || info->base % SHOAL_PAGE_SIZE != 0) {
        c->bad++;
        print("init: slot %lu.%lu covers %#lx + %#lx, %#lx bytes were promised\n", slot >> 8 & 0xffffff, slot & 0xff,
              info->base, info->bytes, bytes);
    }
}

static void check_task(struct check *c, const struct bootinfo *boot)
{
    struct cap_info info;
    const uint64_t rw = RIGHT_READ | RIGHT_WRITE;

    if (expect(c, TASK_L1, CAP_L1CNODE, rw, 0, &info) && info.extra != 64) {
        complain(c, TASK_L1, "the L1 CNode does not have 64 slots");
    }
    expect(c, TASK_DISPATCHER, CAP_DISPATCHER, rw, 0, &info);
    expect(c, TASK_VSPACE, CAP_VNODE_L0, rw, 0, &info);
    if (expect(c, TASK_FRAME, CAP_FRAME, rw, 0, &info)) {
        expect_bytes(c, TASK_FRAME, &info, SHOAL_PAGE_SIZE);
    }
    if (expect(c, TASK_BOOTINFO, CAP_FRAME, RIGHT_READ, RIGHT_WRITE, &info)) {
        expect_bytes(c, TASK_BOOTINFO, &info, SHOAL_PAGE_SIZE);
    }
    if (expect(c, TASK_POOL, CAP_RAM, rw | RIGHT_OWN, 0, &info)) {
        expect_bytes(c, TASK_POOL, &info, boot->pool_bytes);
    }
    if (boot->archive_bytes != 0 && expect(c, TASK_ARCHIVE, CAP_FRAME, RIGHT_READ, RIGHT_WRITE, &info)) {
        expect_bytes(c, TASK_ARCHIVE, &info, PAGES_OF(boot->archive_offset + boot->archive_bytes));
    }
    if (boot->core == 0 && expect(c, TASK_DEVICE_TREE, CAP_FRAME, RIGHT_READ, RIGHT_WRITE, &info)) {
        expect_bytes(c, TASK_DEVICE_TREE, &info, PAGES_OF(boot->tree_offset + boot->tree_bytes));
    }
    if (boot->core != 0 && expect(c, TASK_CHANNEL, CAP_FRAME, RIGHT_READ | RIGHT_WRITE, RIGHT_OWN, &info)) {
        expect_bytes(c, TASK_CHANNEL, &info, boot->channel_bytes);
    }
    expect(c, TASK_KERNEL, CAP_KERNEL, RIGHT_WRITE, 0, &info);
    expect(c, TASK_ID, CAP_ID, RIGHT_OWN, 0, &info);
    if (boot->core == 0) {
        expect(c, TASK_CORECONTROL, CAP_CORECONTROL, RIGHT_WRITE, 0, &info);
        if (expect(c, TASK_IRQTABLE, CAP_IRQTABLE, RIGHT_OWN, 0, &info) && info.bytes != boot->irq_count) {
            complain(c, TASK_IRQTABLE, "the interrupt table has another size than promised");
        }
    }
}

/* Image: Frames, VNodes and Mappings, and the segments' Frames among them. */
static void check_own(struct check *c, const struct bootinfo *boot)
{
    for (uint64_t i = 0; i < boot->own_count; i++) {
        struct cap_info info;
        const cptr_t slot = CPTR(INIT_L2_OWN, i);

        c->caps++;
        const err_t err = cap_identify(CPTR_NULL, slot, &info);
        if (!err_ok(err)) {
            complain(c, slot, err_text(err_root(err)));
        } else if (info.type != CAP_FRAME && info.type != CAP_MAPPING &&
                   !(info.type >= CAP_VNODE_L0 && info.type <= CAP_VNODE_L3)) {
            complain(c, slot, "neither Frame nor VNode nor Mapping");
        }
    }
    bool text = false;
    for (uint64_t i = 0; i < boot->segment_count; i++) {
        struct cap_info info;
        const uint64_t flags = boot->segment[i].flags;

        if (expect(c, boot->segment[i].frame, CAP_FRAME, RIGHT_READ, 0, &info)) {
            expect_bytes(c, boot->segment[i].frame, &info, boot->segment[i].bytes);
        }
        if ((flags & (MAP_WRITE | MAP_EXEC)) == (MAP_WRITE | MAP_EXEC)) {
            complain(c, boot->segment[i].frame, "a segment is writable and executable");
        }
        const uint64_t here = (uint64_t)boot_check, va = boot->segment[i].va;
        text |= (flags & MAP_EXEC) && here >= va && here - va < boot->segment[i].bytes;
    }
    if (!text) {
        complain(c, CPTR(INIT_L2_OWN, 0), "no executable segment holds this function");
    }
}

/* Pieces of RAM and device ranges: of the right type, all rights, none overlapping another. */
static void check_ranges(struct check *c, uint64_t l2, uint64_t count, enum cap_type type, uint64_t *total)
{
    *total = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct cap_info a;

        if (!expect(c, CPTR(l2, i), type, RIGHT_READ | RIGHT_WRITE | RIGHT_OWN, 0, &a)) {
            continue;
        }
        if (a.bytes == 0 || a.bytes % SHOAL_PAGE_SIZE != 0 || a.base % SHOAL_PAGE_SIZE != 0) {
            complain(c, CPTR(l2, i), "not whole pages");
        }
        *total += a.bytes;
        for (uint64_t j = 0; j < i; j++) {
            struct cap_info b;
            if (err_ok(cap_identify(CPTR_NULL, CPTR(l2, j), &b)) && a.base < b.base + b.bytes &&
                b.base < a.base + a.bytes) {
                complain(c, CPTR(l2, i), "overlaps an earlier piece");
            }
        }
    }
}

bool boot_check(const struct bootinfo *boot)
{
    struct check c = { 0, 0 };
    uint64_t ram, devices;

    check_task(&c, boot);
    check_own(&c, boot);
    check_ranges(&c, INIT_L2_RAM, boot->ram_count, CAP_RAM, &ram);
    check_ranges(&c, INIT_L2_DEV, boot->dev_count, CAP_DEVRANGE, &devices);
    if (ram + boot->pool_bytes > boot->ram_total) {
        c.bad++;
        print("init: %lu bytes of RAM handed out, the machine has %lu\n", ram + boot->pool_bytes, boot->ram_total);
    }
    if (boot->core != 0) {
        return c.bad == 0;
    }
    print("init: core %lu of %lu, entered at EL%lu, %s\n", boot->core, boot->core_count, boot->el2 ? 2ul : 1ul,
          boot->board);
    print("init: %lu MiB of RAM in %lu pieces and a pool of %lu KiB, %lu device ranges, %lu interrupts\n", ram >> 20,
          boot->ram_count, boot->pool_bytes >> 10, boot->dev_count, boot->irq_count);
    print("init: %u capabilities checked, %u wrong\n", c.caps, c.bad);
    return c.bad == 0;
}
