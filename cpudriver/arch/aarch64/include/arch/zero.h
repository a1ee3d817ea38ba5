/** @file zero.h  Zeroing of kernel objects. */
#ifndef ARCH_ZERO_H
#define ARCH_ZERO_H

#include <stddef.h>
#include <stdint.h>

/** Zero @p bytes (a multiple of 64) at @p p (64-byte aligned, normal memory).  By DC ZVA where its block is 64 bytes
 *  (DCZID_EL0: BS = 4, not prohibited), which all cores of our boards have. */
static inline void arch_zero(void *p, size_t bytes)
{
    char *at = p, *const end = at + bytes;
    uint64_t id;
    __asm__("mrs %0, dczid_el0" : "=r"(id));
    if (id == 4) {
        for (; end - at >= 256; at += 256) {
            __asm__ volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3" ::"r"(at), "r"(at + 64),
                             "r"(at + 128), "r"(at + 192) : "memory");
        }
        for (; at < end; at += 64) {
            __asm__ volatile("dc zva, %0" ::"r"(at) : "memory");
        }
        return;
    }
    for (; at < end; at += 64) {
        __asm__ volatile("stp xzr, xzr, [%0]\n\tstp xzr, xzr, [%0, #16]\n\t"
                         "stp xzr, xzr, [%0, #32]\n\tstp xzr, xzr, [%0, #48]" ::"r"(at) : "memory");
    }
}

#endif
