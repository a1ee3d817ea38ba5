/** @file core_world.h  A world that starts another core, and the KCB of that core. */
#ifndef CORE_WORLD_H
#define CORE_WORLD_H

#include "world.h"

#include <core/cores.h>
#include <shoal/bootinfo.h>
#include <shoal/mailbox.h>

#define CHANNEL_BYTES (2 * PAGE + MAILBOX_PAIR_BYTES)   /* mailboxes behind two pages */
#define LOAN_BYTES (3 * MIB)
#define FILE_BYTES (4 * PAGE)
#define POOL_BYTES (256 * 1024ull)
#define TEXT_VA    0x400000ull

struct starting {
    struct world w;
    cptr_t loan, image, channel;
    struct core_boot *boot;
    uint8_t *file;
    struct range range;         /* of the loan */
};

/** Everything that CORE_START wants: a loan with a boot block, an image, a channel. */
void starting_prepare(struct starting *s);

/** @return what CORE_START answers */
uint64_t starting_start(struct starting *s, uint64_t core);

/** The new core's kernel @p k, as start.S would call it, until it leaves for its init.  From then on s->w is that core's. */
void starting_run(struct starting *s, struct kcb *k);

/** Invocations from now on are those of whoever is current on @p k. */
static inline void starting_on(struct starting *s, struct kcb *k)
{
    fake_kcb = s->w.k = k;
}

#endif
