/** @file wants.c  What only the monitor can do for this server, which itself waits for nobody; contracts in state.h.
 *
 * The monitor keeps one call posted (mem.attend).  A request that cannot be served without it is kept (E_RPC_LATER) and stands in
 * a queue; the first of it is what the call is answered with, one at a time.  With its next call the monitor says what became
 * of it, and the request is served again from the beginning. */
#include "state.h"
#include <os/services.h>

#define BESIDES     0x100000ull             /* bytes that stay free when borrowed RAM goes back: else it would be asked for again */
#define WANT_MOST   (1ull << 46)            /* bytes: no machine has more, and sums of such numbers do not overflow   */

/* --- the queue --- */

static void put(struct session *s)
{
    s->wait = WAIT_TURN;
    s->wait_next = NULL;
    *mem.last_waiting = s;
    mem.last_waiting = &s->wait_next;
}

static struct session *take(void)
{
    struct session *const s = mem.first_waiting;

    mem.first_waiting = s->wait_next;
    if (!mem.first_waiting) {
        mem.last_waiting = &mem.first_waiting;
    }
    s->wait = WAIT_NOTHING;
    return s;
}

static void unlink(const struct session *s)
{
    struct session **link = &mem.first_waiting;

    while (*link != s) {
        link = &(*link)->wait_next;
    }
    *link = s->wait_next;
    if (!*link) {
        mem.last_waiting = link;
    }
}

void wants_setup(void)
{
    mem.last_waiting = &mem.first_waiting;
}

void wants_forget(struct session *s)
{
    if (s->wait == WAIT_TURN) {
        unlink(s);
    }
    if (mem.asked == s) {
        mem.asked = NULL;
    }
    if (mem.attendant == s) {
        mem.attendant = NULL;
    }
    s->wait = WAIT_NOTHING;
    s->heard = OK;
}

/* --- waiting --- */

/* Nobody may wait before the monitor attends, nor the monitor itself where it waits for us. */
static bool may_wait(const struct session *s)
{
    return mem.attendant && s != &mem.first && s != mem.attendant;
}

static err_t wait_for(struct session *s, enum mem_wish wish, uint64_t a, uint64_t b)
{
    s->wish = wish;
    s->a = a;
    s->b = b;
    put(s);
    wants_tell();
    return ERR(E_RPC_LATER);
}

err_t want_ram(struct session *s, err_t err, uint64_t bytes, uint64_t align)
{
    const enum err_code root = err_root(err);

    if (root != E_RAM_NONE && root != E_MEM_PROMISED) {
        return err;
    }
    if (!may_wait(s) || !mem.borrows || !err_ok(s->heard) || bytes > WANT_MOST || align > WANT_MOST) {
        return err;
    }
    return wait_for(s, WISH_RAM, bytes, align);
}

err_t want_revoke(struct session *s, err_t err)
{
    if (err_root(err) != E_REMOTE) {
        return err;
    }
    if (!err_ok(s->heard)) {
        return s->heard;
    }
    return may_wait(s) ? wait_for(s, WISH_REVOKE, mem.remote.base, mem.remote.bytes) : err;
}

/* --- the monitor's call --- */

static void serve_again(struct session *s, err_t heard)
{
    struct session *const outer = mem.retried;

    s->heard = heard;
    mem.retried = s;
    rpc_retry(&mem.server, &s->rpc);
    mem.retried = outer;
}

/* Whoever waits for RAM tries again: perhaps more came than one of them needs. */
static void serve_all_again(void)
{
    unsigned count = 0;

    for (const struct session *s = mem.first_waiting; s; s = s->wait_next) {
        count++;
    }
    for (; count > 0 && mem.first_waiting; count--) {       /* some may end meanwhile, with their accounts */
        struct session *const s = take();
        if (s->wish == WISH_RAM) {
            serve_again(s, OK);
        } else {
            put(s);
        }
    }
}

void wants_heard(struct session *attendant, bool borrows, err_t result)
{
    struct session *const s = mem.asked;

    mem.attendant = attendant;
    mem.borrows = borrows;
    mem.asked = NULL;
    if (mem.returning && !err_ok(result)) {
        mem.keeps = true;                           /* not again at once */
    }
    mem.returning = false;
    if (s) {
        const bool more = s->wish == WISH_RAM && err_ok(result);
        serve_again(s, result);
        if (more) {
            mem.keeps = false;
            serve_all_again();
        }
    }
}

static const struct mm_root *spare(void)
{
    const struct mm_root *const root = mem.borrows && !mem.keeps ? mm_idle_root(&mem.mm) : NULL;
    const uint64_t needed = accounts_outstanding(&mem.accounts) + BESIDES;

    return root && mm_free_bytes(&mem.mm) >= root->free + needed ? root : NULL;
}

err_t wants_next(uint64_t *wish, uint64_t *a, uint64_t *b, uint64_t *c)
{
    const struct mm_root *root;

    while (mem.first_waiting) {
        struct session *const s = take();
        root = s->wish == WISH_REVOKE ? mm_root_of(&mem.mm, s->a) : NULL;
        if (s->wish == WISH_REVOKE && !root) {
            serve_again(s, OK);                     /* another request was faster: it is free, and its root gone */
            continue;
        }
        mem.asked = s;
        *wish = s->wish;
        *a = root ? root->ram : s->a;
        *b = root ? s->a - root->range.base : s->b;
        *c = root ? s->b : mem.mm.bytes;
        return OK;
    }
    root = spare();
    REQUIRE(root, E_RPC_LATER);
    mem.returning = true;
    *wish = WISH_RETURN;
    *a = root->range.base;
    *b = *c = 0;
    return OK;
}

void wants_tell(void)
{
    if (mem.attendant && rpc_waits(&mem.attendant->rpc) && (mem.first_waiting || spare())) {
        serve_again(mem.attendant, OK);
    }
}
