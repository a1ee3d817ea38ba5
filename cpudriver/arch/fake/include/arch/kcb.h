/** @file kcb.h  Fake architecture: one KCB, set by the test. */
#ifndef ARCH_KCB_H
#define ARCH_KCB_H

struct kcb;
extern struct kcb *fake_kcb;

static inline struct kcb *kcb_get(void)
{
    return fake_kcb;
}

#endif
