/* fake_direct.c  A process that is never alone: nothing stays in registers. */
#include <os/direct_cpu.h>
#include <stdlib.h>

bool direct_alone(void)
{
    return false;
}

bool direct_wakes_by(uint64_t when)
{
    (void)when;
    return false;
}

struct xfer_came direct_xfer(cptr_t dest, uint64_t accept, uint64_t tag, uint64_t word[XFER_WORDS])
{
    (void)dest, (void)accept, (void)tag, (void)word;
    abort();
}

struct event_handler *direct_handler(uint64_t id)
{
    (void)id;
    abort();
}
