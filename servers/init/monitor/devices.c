/** @file devices.c  What drivers get, until there is a device manager: the console of the device tree.  And the clock, which
 * is read once.
 * Sources: Devicetree Specification 0.4, 2.3.6 reg and 3.6 /chosen; Linux' binding arm,gic-v3 for the interrupt's cells:
 * 0 shared (INTID 32 + n) or 1 private (16 + n), n, 4 or 8 for level.  PL031: Arm DDI 0224, 3.3.1: the data register, at
 * offset 0, counts seconds; whoever sets it does so in seconds since 1970. */
#include "monitor.h"
#include "../state.h"
#include <libfdt.h>
#include <os/caps.h>
#include <os/err.h>

/* The node of /chosen/stdout-path, which may go on behind a colon. */
static int console_node(const void *tree)
{
    int length;
    const int chosen = fdt_path_offset(tree, "/chosen");
    const char *const path = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "stdout-path", &length);

    if (!path || length < 1) {
        return -FDT_ERR_NOTFOUND;
    }
    int end = 0;
    while (end < length && path[end] != '\0' && path[end] != ':') {
        end++;
    }
    return fdt_path_offset_namelen(tree, path, end);
}

static uint64_t cells(const fdt32_t *cell, int count)
{
    uint64_t value = 0;

    while (count-- > 0) {
        value = value << 32 | fdt32_to_cpu(*cell++);
    }
    return value;
}

/* Address of the first page of registers. */
static bool registers(const void *tree, int node, uint64_t *address)
{
    const int parent = fdt_parent_offset(tree, node);
    const int wide = parent < 0 ? -1 : fdt_address_cells(tree, parent);
    int length;
    const fdt32_t *const reg = fdt_getprop(tree, node, "reg", &length);

    if (wide < 1 || wide > 2 || !reg || length < 4 * wide) {
        return false;
    }
    *address = cells(reg, wide);
    return *address % SHOAL_PAGE_SIZE == 0;
}

static bool interrupt(const void *tree, int node, uint64_t *intid)
{
    int length;
    const fdt32_t *const cell = fdt_getprop(tree, node, "interrupts", &length);

    if (!cell || length < 12 || fdt32_to_cpu(cell[0]) > 1) {
        return false;
    }
    *intid = fdt32_to_cpu(cell[1]) + (fdt32_to_cpu(cell[0]) == 0 ? 32 : 16);
    return true;
}

static err_t device_frame(uint64_t address, cptr_t slot)
{
    for (uint64_t i = 0; i < init.boot->dev_count; i++) {
        const cptr_t range = CPTR(INIT_L2_DEV, i);
        struct cap_info info;
        TRY(cap_identify(CPTR_NULL, range, &info));
        if (address >= info.base && address - info.base < info.bytes) {
            return cap_retype(range, CAP_DEVFRAME, address - info.base, SHOAL_PAGE_SIZE, 1, CPTR_NULL, slot);
        }
    }
    return ERR(E_MONITOR_DEVICE);
}

err_t device_make(enum monitor_device device, cptr_t slot)
{
    const void *const tree = (const void *)(DEVICE_TREE_VA + init.boot->tree_offset);
    const int node = console_node(tree);
    uint64_t address, intid;

    REQUIRE(node >= 0, E_MONITOR_DEVICE);
    switch (device) {
    case DEVICE_CONSOLE_REGISTERS:
        REQUIRE(registers(tree, node, &address), E_MONITOR_DEVICE);
        return device_frame(address, slot);
    case DEVICE_CONSOLE_IRQ:
        REQUIRE(interrupt(tree, node, &intid), E_MONITOR_DEVICE);
        return cap_retype(TASK_IRQTABLE, CAP_IRQ, intid, 1, 1, CPTR_NULL, slot);
    }
    return ERR(E_MONITOR_DEVICE);
}

static err_t read_seconds(cptr_t frame, uint32_t *seconds)
{
    uint64_t address;

    TRY(vspace_map(&monitor.vspace, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_DEVICE, &address));
    *seconds = *(const volatile uint32_t *)address;
    return vspace_unmap(&monitor.vspace, address, SHOAL_PAGE_SIZE);
}

/* The device is let go of at once: a driver may come. */
static err_t read_clock(uint64_t *seconds)
{
    const void *const tree = (const void *)(DEVICE_TREE_VA + init.boot->tree_offset);
    const int node = fdt_node_offset_by_compatible(tree, -1, "arm,pl031");
    uint64_t address;
    uint32_t now = 0;
    cptr_t frame;

    REQUIRE(node >= 0 && registers(tree, node, &address), E_MONITOR_DEVICE);
    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &frame));
    err_t err = device_frame(address, frame);
    if (err_ok(err)) {
        err = read_seconds(frame, &now);
        rpc_drop_cap(frame);
    }
    slots_free(&monitor.stock.slots, frame);
    *seconds = now;
    return err;
}

err_t clock_since(uint64_t *since)
{
    static uint64_t known;

    if (known == 0) {
        uint64_t seconds;
        TRY(read_clock(&seconds));
        const uint64_t running = time_now() / time_hz();
        REQUIRE(seconds > running, E_MONITOR_DEVICE);       /* nobody has set it */
        known = seconds - running;
    }
    *since = known;
    return OK;
}
