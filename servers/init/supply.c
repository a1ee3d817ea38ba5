/** @file supply.c  Contracts in supply.h. */
#include "supply.h"

uint64_t object_bytes(enum cap_type type, uint64_t size)
{
    static const uint16_t fixed[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space, bytes, parent) [number] = bytes,
#include <shoal/captypes.def>
#undef CAPTYPE
    };

    if (type == CAP_L1CNODE) {
        return SLOT_BYTES << size;
    }
    return fixed[type] ? fixed[type] : size;
}

err_t supply_init(struct supply *pool, cptr_t ram, uint64_t l1_first, uint64_t l1_end)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, ram, &info));
    REQUIRE(info.type == CAP_RAM, E_CAP_TYPE);
    *pool = (struct supply){
        .ram = ram, .base = info.base, .bytes = info.bytes,
        .l1_first = l1_first, .l1_end = l1_end, .l1_next = l1_first, .slot_next = L2_SLOTS,
    };
    return OK;
}

err_t supply_take(struct supply *pool, uint64_t bytes, uint64_t align, uint64_t *offset)
{
    const uint64_t start = ((pool->base + pool->used + align - 1) & ~(align - 1)) - pool->base;

    REQUIRE(start <= pool->bytes && bytes <= pool->bytes - start, E_POOL_RAM);
    pool->used = start + bytes;
    *offset = start;
    return OK;
}

err_t supply_slots(struct supply *pool, uint64_t count, cptr_t *first)
{
    if (pool->slot_next + count > L2_SLOTS) {
        REQUIRE(count <= L2_SLOTS && pool->l1_next < pool->l1_end, E_POOL_SLOTS);
        const uint64_t bytes = object_bytes(CAP_L2CNODE, 0);
        uint64_t offset;
        TRY(supply_take(pool, bytes, bytes, &offset));
        TRY(cap_retype(pool->ram, CAP_L2CNODE, offset, 0, 1, CPTR_NULL, CPTR_L1(pool->l1_next)));
        pool->l1_next++;
        pool->slot_next = 0;
    }
    *first = CPTR(pool->l1_next - 1, pool->slot_next);
    pool->slot_next += count;
    return OK;
}

err_t supply_make(struct supply *pool, enum cap_type type, uint64_t size, uint64_t count, cptr_t *first)
{
    const uint64_t bytes = object_bytes(type, size);
    const bool pages = type == CAP_RAM || type == CAP_FRAME;
    /* RAM and Frames need page alignment only, but a block mapping needs the physical address aligned to its size */
    const uint64_t align = !pages ? bytes : bytes >= 0x200000 && bytes % 0x200000 == 0 ? 0x200000 : SHOAL_PAGE_SIZE;
    uint64_t offset;

    TRY(supply_slots(pool, count, first));
    TRY(supply_take(pool, bytes * count, align, &offset));
    return cap_retype(pool->ram, type, offset, size, count, CPTR_NULL, *first);
}
