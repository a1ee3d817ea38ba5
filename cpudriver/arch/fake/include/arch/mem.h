/** @file mem.h  Fake architecture: "physical memory" is one block of the test process, at an odd address on purpose. */
#ifndef ARCH_MEM_H
#define ARCH_MEM_H

#include <stdint.h>

typedef uint64_t paddr_t;

#define FAKE_PHYS_BASE 0x1c0000000ull           /* not 0, not the virtual address: mixing them up fails a test */

extern uint8_t *fake_ram;                       /* 2 MiB aligned; set by fake_ram_init() in arch/fake/fake.c    */

static inline void *phys_to_virt(paddr_t pa)
{
    return fake_ram + (pa - FAKE_PHYS_BASE);
}

static inline paddr_t virt_to_phys(const void *va)
{
    return FAKE_PHYS_BASE + (uint64_t)((const uint8_t *)va - fake_ram);
}

/** Reserve @p bytes of "RAM" (zeroed) from FAKE_PHYS_BASE on.  Frees the previous one. */
void fake_ram_init(uint64_t bytes);

#endif
