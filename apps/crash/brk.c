/** @file brk.c  crash-brk: a breakpoint with nobody to handle it. */

int main(void)
{
    __asm__ volatile("brk #0x1234");
    return 0;
}
