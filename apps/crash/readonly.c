/** @file readonly.c  crash-readonly: writes to a constant of its own. */

static const volatile int constant = 1;

int main(void)
{
    volatile int *place = (volatile int *)&constant;

    __asm__ volatile("" : "+r"(place));
    *place = 2;
    return constant;
}
