/**
 * @file asid.h  Address-space identifiers of this core: one per VNode_L0, from a bitmap.  0 belongs to the empty table.
 */
#ifndef CAP_ASID_H
#define CAP_ASID_H

#include <core/kcb.h>

/** @return a free identifier, now taken; 0: none is left.  O(identifiers / 64), usually O(1). */
uint64_t asid_take(struct kcb *k);

/** Give @p asid back: everything the TLB holds of it is flushed, so the next owner finds nothing. */
void asid_give(struct kcb *k, uint64_t asid);

#endif
