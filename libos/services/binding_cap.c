/** @file binding_cap.c  Slots for capabilities of bindings; contracts in os/binding_cap.h. */
#include <os/binding_cap.h>
#include <os/caps.h>
#include <os/err.h>
#include <os/startup.h>
#include <os/stock.h>

err_t binding_new_slot(cptr_t *slot)
{
    struct stock *const stock = os_stock();
    const err_t refilled = stock_refill(stock);

    if (err_ok(slots_alloc(&stock->slots, slot))) {     /* what is in hand can be used whatever the refill said */
        return OK;
    }
    TRY(refilled);
    return ERR(E_SLOTS_NONE);
}

err_t binding_copy_cap(cptr_t cap, cptr_t *copy)
{
    TRY(binding_new_slot(copy));
    const err_t err = cap_copy(CPTR_NULL, *copy, CPTR_NULL, cap, RIGHTS_ALL & ~(uint64_t)RIGHT_OWN);
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, *copy);
    }
    return err;
}

err_t binding_take_cap(cptr_t receive, cptr_t *cap)
{
    TRY(binding_new_slot(cap));
    const err_t err = cap_move(CPTR_NULL, *cap, CPTR_NULL, receive);
    if (!err_ok(err)) {                                 /* it was revoked, say: its sender has ended */
        slots_free(&os_stock()->slots, *cap);
        *cap = CPTR_NULL;
    }
    return err;
}

void binding_drop_cap(cptr_t cap)
{
    err_ignore(cap_delete(CPTR_NULL, cap));             /* empty if who sent it has revoked it: as well */
    slots_free(&os_stock()->slots, cap);
}

void binding_gave_cap(cptr_t cap)
{
    slots_free(&os_stock()->slots, cap);
}
