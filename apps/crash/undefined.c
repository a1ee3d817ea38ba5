/** @file undefined.c  crash-undefined: an instruction that never will be one. */

int main(void)
{
    __asm__ volatile("udf #0x5a");
    return 0;
}
