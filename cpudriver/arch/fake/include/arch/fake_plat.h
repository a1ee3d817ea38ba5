/** @file fake_plat.h  Fake interrupt controller: what each line was told (arch/fake/fake_plat.c).  Host tests only. */
#ifndef ARCH_FAKE_PLAT_H
#define ARCH_FAKE_PLAT_H

#include <stdbool.h>
#include <stdint.h>

struct fake_line {
    bool unmasked, edge;
    uint64_t target;                    /**< affinity                                                                 */
    uint64_t masks, unmasks;            /**< how often                                                                */
};

extern struct fake_line fake_line[1024];

/** The firmware: how cores are, and the last CPU_ON. */
struct fake_psci {
    uint64_t state[8];                  /**< enum core_state, by affinity; others do not exist                        */
    int64_t on_answer;                  /**< of CPU_ON                                                                */
    uint64_t on_affinity, on_entry, on_context, on_calls;
};
extern struct fake_psci fake_psci;

/** Doorbells rung: how often, and for whom the last one was. */
struct fake_bell {
    uint64_t rung, affinity;
};
extern struct fake_bell fake_bell;

#endif
