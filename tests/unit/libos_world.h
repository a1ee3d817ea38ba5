/**
 * @file libos_world.h  A process on the fake kernel: stock and address space, and an audit of its books.
 */
#ifndef LIBOS_WORLD_H
#define LIBOS_WORLD_H

#include "fake_kernel.h"
#include "test.h"
#include <os/vspace.h>

#define WORLD_POOL  FAKE_WINDOW                         /* the pool's addresses */
#define WORLD_ENTRY 0x8000000000ull                     /* of the root table: the pool has one of its own */
#define WORLD_LAZY  (FAKE_WINDOW + WORLD_ENTRY)         /* a GiB for vspace_back() */

struct world {
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vs;
    struct slab groups;         /* used if vs.group_slab */
    uint64_t frames;            /* Frames that the test made */
    uint64_t slots;             /* slots that the test took */
};

/** @p ram: bytes in hand at the start. */
void world_start(struct world *w, uint64_t ram, uint64_t seed);

/** Compare what the layers say they own with what the kernel has, kind by kind, to the page and the slot; and the
 *  invariants of vspace and kernel.  @return NULL, or what does not agree */
const char *world_audit(const struct world *w);

/** What an operation may have changed for good.  Stocks are not part of it: they may grow and shrink. */
struct world_use {
    uint64_t regions, mappings, tables, slots, pages;
};
struct world_use world_use(struct world *w);
bool world_same(struct world_use a, struct world_use b);

#endif
