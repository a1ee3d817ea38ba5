/** @file no_ram.c  For programs that know no memory server: they live on what they were started with. */
#include <os/reserve.h>

err_t ram_request(size_t bytes, cptr_t *ram)
{
    (void)bytes, (void)ram;
    return ERR(E_RAM_NONE);
}
