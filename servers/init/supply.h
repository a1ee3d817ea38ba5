/**
 * @file supply.h  Memory and slots to build things from: a RAM capability handed out from its beginning, and empty
 * slots of the caller's own CSpace in L2 CNodes that are made from the same RAM.  Nothing is given back one by one:
 * whoever owns the RAM capability revokes it.
 */
#ifndef INIT_SUPPLY_H
#define INIT_SUPPLY_H

#include <os/caps.h>

struct supply {
    cptr_t ram;
    uint64_t base, bytes;       /**< of ram, physical                                                                 */
    uint64_t used;
    uint64_t l1_first, l1_end;  /**< L1 indices this pool may fill with L2 CNodes                                     */
    uint64_t l1_next;
    uint64_t slot_next;         /**< index in the L2 CNode at l1_next - 1                                             */
};

/** Start with an untouched RAM capability.  E_CAP_* if @p ram is no such thing. */
err_t supply_init(struct supply *pool, cptr_t ram, uint64_t l1_first, uint64_t l1_end);

/** @p count consecutive empty slots of one L2 CNode, at most 256.  E_POOL_RAM, E_POOL_SLOTS. */
err_t supply_slots(struct supply *pool, uint64_t count, cptr_t *first);

/** Take @p bytes, aligned, without making anything of them; @p offset is that of the RAM capability.  E_POOL_RAM. */
err_t supply_take(struct supply *pool, uint64_t bytes, uint64_t align, uint64_t *offset);

/** @p count objects in consecutive slots.  @p size as in retype: bytes for RAM and Frame, log2 of the slots for an L1
 *  CNode, else ignored.  Errors: E_POOL_RAM, E_POOL_SLOTS, those of retype. */
err_t supply_make(struct supply *pool, enum cap_type type, uint64_t size, uint64_t count, cptr_t *first);

/** Bytes that one object takes; @p size as in retype. */
uint64_t object_bytes(enum cap_type type, uint64_t size);

#endif
