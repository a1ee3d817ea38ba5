/** @file mem.h  Physical and kernel-virtual addresses.  Source: docs/boot.md, "Kernel address space". */
#ifndef ARCH_MEM_H
#define ARCH_MEM_H

#include <stdint.h>

typedef uint64_t paddr_t;

#define LINEAR_BASE 0xffff000000000000ull   /* all RAM, write-back, never executable                       */
#define DEVICE_BASE 0xffff800000000000ull   /* kernel's own device pages, Device-nGnRE                     */
#define IMAGE_BASE  0xffffff8000000000ull   /* text RX, rodata R, then the NOLOAD area is reached linearly */

static inline void *phys_to_virt(paddr_t pa)
{
    return (void *)(pa | LINEAR_BASE);
}

/** Of an address in the linear map only. */
static inline paddr_t virt_to_phys(const void *va)
{
    return (uint64_t)va & ~LINEAR_BASE;
}

#endif
