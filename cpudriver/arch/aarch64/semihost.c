/** @file semihost.c  See arch/semihost.h. */
#include <arch/semihost.h>
#include <stdint.h>

#define SYS_EXIT             0x18
#define APPLICATION_EXIT     0x20026    /* ADP_Stopped_ApplicationExit: the second word is the status */

void semihost_exit(unsigned status)
{
    const uint64_t block[2] = { APPLICATION_EXIT, status };
    register uint64_t x0 __asm__("x0") = SYS_EXIT;
    register const uint64_t *x1 __asm__("x1") = block;
    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}
