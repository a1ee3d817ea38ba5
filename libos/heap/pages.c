/** @file pages.c  Contracts in internal.h. */
#include "internal.h"

#include <os/err.h>
#include <os/fault.h>
#include <os/startup.h>
#include <os/vspace.h>

bool heap_pages_start(void)
{
    return err_ok(os_paging_start());
}

uint64_t heap_pages_reserve(uint64_t bytes, uint64_t align, bool blocks)
{
    uint64_t at;

    return err_ok(vspace_lazy(os_vspace(), bytes, align, MAP_READ | MAP_WRITE, blocks, &at)) ? at : 0;
}

/* Refused, the memory stays where it is, out of use. */
void heap_pages_unreserve(uint64_t at, uint64_t bytes)
{
    err_ignore(vspace_unreserve(os_vspace(), at, bytes));
}

void heap_pages_drop(uint64_t at, uint64_t bytes)
{
    err_ignore(vspace_unmap(os_vspace(), at, bytes));
}

bool heap_pages_commit(uint64_t bytes)
{
    return err_ok(os_commit((int64_t)bytes));
}

void heap_pages_uncommit(uint64_t bytes)
{
    err_ignore(os_commit(-(int64_t)bytes));         /* less is never refused */
}
