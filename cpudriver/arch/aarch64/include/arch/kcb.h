/** @file kcb.h  Where a core finds its KCB. */
#ifndef ARCH_KCB_H
#define ARCH_KCB_H

struct kcb;

/** This core's KCB.  Not volatile: TPIDR_EL1 never changes after boot, so the compiler may read it once. */
static inline struct kcb *kcb_get(void)
{
    struct kcb *k;
    __asm__("mrs %0, tpidr_el1" : "=r"(k));
    return k;
}

#endif
