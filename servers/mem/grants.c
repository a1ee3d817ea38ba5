/** @file grants.c  Contracts in state.h. */
#include "state.h"
#include <os/bug.h>

/* The books of a grant that mm has made. */
static err_t enter(struct account *account, uint64_t base, uint64_t bytes, cptr_t ram)
{
    TRY(scrub(ram, base, bytes));
    TRY(account_grant(&mem.accounts, account, base, bytes));
    mem.out = (struct outgoing){ OUT_GRANT, ram, account->id, base, bytes, false };
    return OK;
}

err_t grant_make(struct account *account, uint64_t bytes, uint64_t align, cptr_t *ram)
{
    uint64_t base;
    cptr_t slot;

    REQUIRE(bytes && bytes % SHOAL_PAGE_SIZE == 0, E_MEM_SIZE);
    REQUIRE(align >= SHOAL_PAGE_SIZE && (align & (align - 1)) == 0, E_MEM_ALIGN);
    TRY(account_may_have(&mem.accounts, account, bytes, mm_free_bytes(&mem.mm)));
    TRY(mm_alloc(&mem.mm, bytes, align, &base, &slot));
    const err_t err = enter(account, base, bytes, slot);
    if (!err_ok(err)) {
        const err_t undo = mm_free(&mem.mm, base, bytes);   /* the node that the allocation took or gave back is there */
        OS_ASSERT(err_ok(undo));
        slots_free(&mem.stock->slots, slot);
        return err;
    }
    *ram = slot;
    return OK;
}

static err_t take_back(struct account *account, uint64_t base, uint64_t bytes)
{
    account_return(&mem.accounts, account, base);           /* first: its node may be the one that mm needs */
    const err_t err = mm_free(&mem.mm, base, bytes);
    if (!err_ok(err)) {
        const err_t undo = account_grant(&mem.accounts, account, base, bytes);
        OS_ASSERT(err_ok(undo));
        mem.remote.base = base;
        mem.remote.bytes = bytes;
    }
    return err;
}

err_t grant_return(struct account *account, cptr_t slot)
{
    struct cap_info info;

    if (!err_ok(cap_identify(CPTR_NULL, slot, &info)) || info.type != CAP_RAM || !(info.rights & RIGHT_OWN) ||
        !account_has(account, info.base, info.bytes)) {
        rpc_drop_cap(slot);
        return ERR(E_MEM_GRANT);
    }
    const err_t err = take_back(account, info.base, info.bytes);
    if (!err_ok(err) && err_root(err) != E_REMOTE) {
        rpc_drop_cap(slot);
    }
    return err;
}

err_t grant_return_at(struct account *account, uint64_t base, uint64_t bytes)
{
    return account_has(account, base, bytes) ? take_back(account, base, bytes) : OK;
}

err_t grant_return_all(struct account *account)
{
    uint64_t base, bytes;

    while (account_next(account, 0, &base, &bytes)) {
        TRY(take_back(account, base, bytes));
    }
    return OK;
}

static void settle_grant(const struct outgoing *out)
{
    struct account *const account = account_find(&mem.accounts, out->account);

    if (account && account_has(account, out->base, out->bytes)) {
        const err_t err = take_back(account, out->base, out->bytes);
        OS_ASSERT(err_ok(err));         /* ours alone, and nothing was made of it */
    }
}

void grant_settle(void)
{
    const struct outgoing out = mem.out;
    struct cap_info info;

    mem.out.kind = OUT_NOTHING;
    if (out.kind == OUT_NOTHING) {
        return;
    }
    if (err_ok(cap_identify(CPTR_NULL, out.slot, &info))) {     /* it is still here */
        if (out.kind == OUT_GRANT) {
            settle_grant(&out);
        } else if (out.kind == OUT_SERVICE) {
            rpc_drop_cap(out.slot);                             /* the session closes, as it was the only one */
        } else {
            const err_t err = mm_add_root(&mem.mm, out.slot);
            OS_ASSERT(err_ok(err));                             /* the records are free: it has just been removed */
            if (out.lent) {
                mm_set_lent(&mem.mm, out.base);
            }
            return;
        }
    }
    slots_free(&mem.stock->slots, out.slot);
}
