/** @file fake_plat.h  Fake interrupt controller: what each line was told (arch/fake/fake_plat.c).  Host tests only. */
#ifndef ARCH_FAKE_PLAT_H
#define ARCH_FAKE_PLAT_H

#include <stdbool.h>
#include <stdint.h>

struct fake_line {
    bool unmasked, edge;
    uint64_t masks, unmasks;            /**< how often                                                                */
};

extern struct fake_line fake_line[1024];

#endif
