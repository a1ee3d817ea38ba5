/** @file main.c  spin: never ends by itself, and never calls anybody. */

int main(void)
{
    for (;;) {
        __asm__ volatile("" : : : "memory");
    }
}
