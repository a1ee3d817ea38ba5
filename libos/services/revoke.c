/** @file revoke.c  Revoke wherever copies are; contract in os/services.h. */
#include <os/caps.h>
#include <os/services.h>
#include <stubs/monitor.h>

err_t revoke_everywhere(cptr_t cap, uint64_t offset, uint64_t bytes)
{
    const err_t err = cap_revoke(CPTR_NULL, cap, offset, bytes);

    return err_root(err) == E_REMOTE ? monitor_revoke(os_monitor(), cap, offset, bytes) : err;
}
