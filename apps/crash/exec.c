/** @file exec.c  crash-exec: jumps into its data, where an instruction lies that would return. */
#include <stdint.h>

static uint32_t ret = 0xd65f03c0;

int main(void)
{
    int (*jump)(void) = (int (*)(void))&ret;

    __asm__ volatile("" : "+r"(jump) : : "memory");
    return jump() + 1;
}
