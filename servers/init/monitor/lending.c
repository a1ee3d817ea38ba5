/** @file lending.c  RAM between the memory servers; contracts in crossing.h. */
#include "crossing.h"
#include "monitor.h"
#include <os/err.h>
#include <os/print.h>
#include <stubs/mem.h>

err_t lending_lent(cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)base, (void)bytes;
    TRY(mem_root_add(&monitor.mem, slot));
    slots_free(&monitor.stock.slots, slot);
    return OK;
}

void lending_returned(uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)core, (void)base, (void)bytes;
    err_ignore(mem_free(&monitor.mem, slot));           /* as it was granted, whole */
    slots_free(&monitor.stock.slots, slot);
}

void lending_recalled(uint64_t bytes)
{
    (void)bytes;                                        /* advice: units go back as soon as they are free anyway */
}
