/** @file fake.c  Fake architecture: its memory, time and counters.  Host tests only. */
#include <arch/kcb.h>
#include <arch/mem.h>
#include <arch/plat_inline.h>
#include <arch/tlb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_RAM_ALIGN (2ull << 20)

uint8_t *fake_ram;
struct fake_tlb fake_tlb;
struct kcb *fake_kcb;
uint64_t fake_now, fake_timer;
uint32_t fake_irq = FAKE_NO_IRQ, fake_irq_ended;

__attribute__((destructor)) static void free_ram(void)
{
    free(fake_ram);
    fake_ram = NULL;
}

void fake_ram_init(uint64_t bytes)
{
    const size_t size = (bytes + FAKE_RAM_ALIGN - 1) & ~(FAKE_RAM_ALIGN - 1);

    free_ram();
    fake_ram = aligned_alloc(FAKE_RAM_ALIGN, size);
    if (!fake_ram) {
        fprintf(stderr, "fake_ram_init: no %zu bytes\n", size);
        exit(1);
    }
    memset(fake_ram, 0, size);
}
