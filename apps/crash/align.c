/** @file align.c  crash-align: an exclusive load must be aligned (and QEMU sees to that, not to the alignment of SP). */
#include <stdint.h>

int main(void)
{
    _Alignas(8) char bytes[16] = { 0 };
    uint64_t value;

    __asm__ volatile("ldxr %0, [%1]" : "=r"(value) : "r"(bytes + 1) : "memory");
    return (int)value;
}
