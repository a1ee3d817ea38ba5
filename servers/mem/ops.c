/** @file ops.c  The calls of mem.if.  What a client sends is checked here or below; it can harm only itself. */
#include "state.h"
#include <os/err.h>
#include <stubs/mem.h>

static err_t own_account(const struct session *s, struct account **account)
{
    *account = account_find(&mem.accounts, s->account);
    REQUIRE(*account, E_MEM_ACCOUNT);
    return OK;
}

static err_t any_account(const struct session *s, uint64_t id, struct account **account)
{
    REQUIRE(s->manager, E_MEM_MANAGER);
    *account = account_find(&mem.accounts, id);
    REQUIRE(*account, E_MEM_ACCOUNT);
    return OK;
}

static err_t do_alloc(void *session, uint64_t bytes, uint64_t align, cptr_t *ram)
{
    struct account *account;

    TRY(own_account(session, &account));
    TRY(stock_refill(mem.stock));
    return grant_make(account, bytes, align, ram);
}

static err_t do_free(void *session, cptr_t ram)
{
    struct account *account;
    const err_t err = own_account(session, &account);

    if (!err_ok(err)) {
        rpc_drop_cap(ram);
        return err;
    }
    return grant_return(account, ram);
}

static err_t do_commit(void *session, uint64_t bytes)
{
    struct account *account;

    TRY(own_account(session, &account));
    return account_promise(&mem.accounts, account, bytes, mm_free_bytes(&mem.mm));
}

static err_t do_account_new(void *session, uint64_t limit, uint64_t *id)
{
    const struct session *const s = session;
    struct account *account;

    REQUIRE(s->manager, E_MEM_MANAGER);
    TRY(stock_refill(mem.stock));
    TRY(account_make(&mem.accounts, limit, &account));
    *id = account->id;
    return OK;
}

static err_t do_account_alloc(void *session, uint64_t id, uint64_t bytes, uint64_t align, cptr_t *ram)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    TRY(stock_refill(mem.stock));
    return grant_make(account, bytes, align, ram);
}

static err_t do_account_destroy(void *session, uint64_t id)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    sessions_end(account);
    TRY(grant_return_all(account));
    account_drop(&mem.accounts, account);
    return OK;
}

static err_t do_account_status(void *session, uint64_t id, uint64_t *limit, uint64_t *committed, uint64_t *granted)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    *limit = account->limit;
    *committed = account_committed(account);
    *granted = account->granted;
    return OK;
}

static err_t do_usage(void *session, uint64_t *limit, uint64_t *committed, uint64_t *granted)
{
    struct account *account;

    TRY(own_account(session, &account));
    *limit = account->limit;
    *committed = account_committed(account);
    *granted = account->granted;
    return OK;
}

static err_t do_account_limit(void *session, uint64_t id, uint64_t limit)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    account_set_limit(&mem.accounts, account, limit);
    return OK;
}

static err_t do_account_commit(void *session, uint64_t id, uint64_t bytes)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    return account_promise(&mem.accounts, account, bytes, mm_free_bytes(&mem.mm));
}

static err_t open_for(const struct session *s, uint64_t id, bool manager, cptr_t reply, cptr_t *service)
{
    struct account *account;

    TRY(any_account(s, id, &account));
    TRY(stock_refill(mem.stock));
    return session_open(account, manager, reply, service);
}

static err_t do_connect(void *session, uint64_t id, bool manager, cptr_t reply, cptr_t *service)
{
    const err_t err = open_for(session, id, manager, reply, service);

    if (!err_ok(err)) {
        rpc_drop_cap(reply);
    }
    return err;
}

static err_t add_root(const struct session *s, cptr_t ram)
{
    cptr_t slot;

    REQUIRE(s->manager, E_MEM_MANAGER);
    TRY(stock_refill(mem.stock));
    TRY(slots_alloc(&mem.stock->slots, &slot));
    err_t err = cap_move(CPTR_NULL, slot, CPTR_NULL, ram);
    if (err_ok(err)) {
        err = mm_add_root(&mem.mm, slot);
        if (!err_ok(err)) {
            rpc_drop_cap(slot);
        }
    }
    if (!err_ok(err)) {
        slots_free(&mem.stock->slots, slot);
    }
    return err;
}

static err_t do_root_add(void *session, cptr_t ram)
{
    const err_t err = add_root(session, ram);

    if (!err_ok(err)) {
        rpc_drop_cap(ram);
    }
    return err;
}

static err_t do_root_remove(void *session, uint64_t base, cptr_t *ram)
{
    const struct session *const s = session;

    REQUIRE(s->manager, E_MEM_MANAGER);
    TRY(mm_remove_root(&mem.mm, base, ram));
    mem.out = (struct outgoing){ .kind = OUT_ROOT, .slot = *ram };
    return OK;
}

static err_t do_limits(void *session, uint64_t *total, uint64_t *unused)
{
    (void)session;
    *total = mem.mm.bytes;
    *unused = mm_free_bytes(&mem.mm);
    return OK;
}

static const struct mem_ops ops = {
    .alloc = do_alloc, .free = do_free, .commit = do_commit, .account_new = do_account_new,
    .account_alloc = do_account_alloc, .account_destroy = do_account_destroy, .account_status = do_account_status,
    .account_limit = do_account_limit, .account_commit = do_account_commit, .connect = do_connect, .root_add = do_root_add, .root_remove = do_root_remove,
    .usage = do_usage, .limits = do_limits,
};

void mem_request(struct rpc_session *session, struct rpc_message *message)
{
    grant_settle();
    mem_serve(&ops, session->state, message);
}
