/** @file null.c  crash-null: writes to NULL, two calls below main(). */

static __attribute__((noinline)) void write_to(volatile int *place)
{
    *place = 1;
}

static __attribute__((noinline)) int prepare(volatile int *place)
{
    write_to(place);
    return *place;              /* work after the call: it cannot become a jump */
}

int main(void)
{
    volatile int *nowhere = 0;

    __asm__ volatile("" : "+r"(nowhere));       /* the compiler knows what a constant NULL means */
    return prepare(nowhere) + 1;
}
