/** @file stack.c  crash-stack: calls itself until the stack has reached the page that is never mapped. */

static __attribute__((noinline)) unsigned down(unsigned depth)
{
    volatile char frame[1024];          /* less than that page: nothing steps over it */

    frame[depth % sizeof(frame)] = (char)depth;
    return depth == ~0u ? 0 : down(depth + 1) + (unsigned)frame[depth % sizeof(frame)];
}

int main(void)
{
    return (int)down(0) + 1;            /* work after the call: it cannot become a jump */
}
