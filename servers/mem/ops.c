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

static err_t grant(struct session *s, struct account *account, uint64_t bytes, uint64_t align, cptr_t *ram)
{
    err_t err = stock_refill(mem.stock);

    if (err_ok(err)) {
        err = grant_make(account, bytes, align, ram);
    }
    return err_ok(err) ? OK : want_ram(s, err, bytes, align);
}

static err_t do_alloc(void *session, uint64_t bytes, uint64_t align, cptr_t *ram)
{
    struct account *account;

    TRY(own_account(session, &account));
    return grant(session, account, bytes, align, ram);
}

/* A capability of which other cores have copies goes while the request is kept; its place is known by then. */
static err_t give_back(struct session *s, struct account *account, cptr_t ram)
{
    const bool again = mem.retried == s;
    const err_t err = again ? grant_return_at(account, s->a, s->b) : grant_return(account, ram);
    const err_t result = want_revoke(s, err);

    if (err_root(result) != E_RPC_LATER && (again || !err_ok(result))) {
        rpc_drop_cap(ram);
    }
    return result;
}

static err_t do_free(void *session, cptr_t ram)
{
    struct account *account;
    err_t err = own_account(session, &account);

    if (!err_ok(err)) {
        rpc_drop_cap(ram);
        return err;
    }
    err = give_back(session, account, ram);
    wants_tell();
    return err;
}

static err_t promise(struct session *s, struct account *account, uint64_t bytes)
{
    const uint64_t unused = mm_free_bytes(&mem.mm);
    const err_t err = account_promise(&mem.accounts, account, bytes, unused);

    if (err_ok(err)) {
        wants_tell();                                   /* if it was less than before */
        return OK;
    }
    return want_ram(s, err, account_missing(&mem.accounts, account, bytes, unused), SHOAL_PAGE_SIZE);
}

static err_t do_commit(void *session, uint64_t bytes)
{
    struct account *account;

    TRY(own_account(session, &account));
    return promise(session, account, bytes);
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
    return grant(session, account, bytes, align, ram);
}

static err_t do_account_destroy(void *session, uint64_t id)
{
    struct account *account;

    TRY(any_account(session, id, &account));
    sessions_end(account);
    const err_t err = grant_return_all(account);
    if (err_ok(err)) {
        account_drop(&mem.accounts, account);
        wants_tell();
    }
    return want_revoke(session, err);
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
    return promise(session, account, bytes);
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

static err_t do_attend(void *session, bool borrows, uint64_t status, uint64_t *wish, uint64_t *a, uint64_t *b, uint64_t *c)
{
    struct session *const s = session;

    REQUIRE(s->manager, E_MEM_MANAGER);
    if (mem.retried != s) {
        wants_heard(s, borrows, (err_t){ status });
    }
    return wants_next(wish, a, b, c);
}

/* Refilling needs RAM, of which there may be none before this: what lacks shows in what fails. */
static err_t add_root(const struct session *s, cptr_t ram)
{
    struct cap_info info;
    cptr_t slot;

    REQUIRE(s->manager, E_MEM_MANAGER);
    err_ignore(stock_refill(mem.stock));
    TRY(cap_identify(CPTR_NULL, ram, &info));
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
    } else if (mem.borrows) {
        mm_set_lent(&mem.mm, info.base);
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
    const struct mm_root *const root = mm_root_of(&mem.mm, base);
    const bool lent = root && root->lent;
    TRY(mm_remove_root(&mem.mm, base, ram));
    mem.out = (struct outgoing){ .kind = OUT_ROOT, .slot = *ram, .base = base, .lent = lent };
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
    .account_limit = do_account_limit, .account_commit = do_account_commit, .connect = do_connect, .attend = do_attend,
    .root_add = do_root_add, .root_remove = do_root_remove, .usage = do_usage, .limits = do_limits,
};

void mem_request(struct rpc_session *session, struct rpc_message *message)
{
    grant_settle();
    if (mem.retried != session->state) {
        struct session *const s = session->state;
        if (s->wait != WAIT_NOTHING || mem.asked == s) {
            wants_forget(s);                            /* it asks for something else now */
        }
        s->heard = OK;
    }
    mem_serve(&ops, session->state, message);
}
