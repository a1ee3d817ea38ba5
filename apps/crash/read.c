/** @file read.c  crash-read: reads where nothing ever is mapped. */
#include <stdint.h>

int main(void)
{
    return *(volatile int *)(uintptr_t)0x123456789ab8;
}
