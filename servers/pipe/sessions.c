/** @file sessions.c  Contracts in state.h. */
#include "state.h"
#include <os/bug.h>
#include <os/caps.h>
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>

/* --- pages of clients --- */

static err_t make_page(struct session *s, cptr_t slot)
{
    struct stock *const stock = pipes.stock;

    TRY(reserve_make(&stock->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, slot, &s->ram));
    const err_t err = vspace_map(os_vspace(), slot, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &s->page);
    if (!err_ok(err)) {
        const err_t undo = reserve_unmake(&stock->reserve, &s->ram);
        OS_ASSERT(err_ok(undo));                    /* ours alone, and nothing is mapped */
    }
    return err;
}

err_t session_page(struct session *s, cptr_t *frame)
{
    cptr_t slot;

    REQUIRE(s->frame == CPTR_NULL, E_STREAM_PAGE);
    TRY(stock_refill(pipes.stock));
    TRY(slots_alloc(&pipes.stock->slots, &slot));
    const err_t err = make_page(s, slot);
    if (!err_ok(err)) {
        slots_free(&pipes.stock->slots, slot);
        return err;
    }
    s->frame = slot;
    *frame = slot;
    return OK;
}

static void drop_page(struct session *s)
{
    if (s->frame != CPTR_NULL) {
        const err_t unmapped = vspace_unmap(os_vspace(), s->page, SHOAL_PAGE_SIZE);
        const err_t gone = reserve_unmake(&pipes.stock->reserve, &s->ram);      /* the client's copies, too */
        OS_ASSERT(err_ok(unmapped) && err_ok(gone));
        slots_free(&pipes.stock->slots, s->frame);
    }
}

/* --- sessions --- */

static void end_gone(struct piped *p, enum pipe_end end)
{
    rpc_seat_close(&pipes.seats, p->end[end].seat);
    p->end[end].seat = NULL;
    p->pipe.held[end] = false;
}

/* Of a pipe whose writing end was never given away nobody will ever write. */
static void forget_made(struct session *s)
{
    if (s->made) {
        end_gone(s->made, PIPE_WRITE);
        s->made = NULL;
    }
}

static void session_closed(struct rpc_session *rpc)
{
    struct session *const s = rpc->state;
    struct session **link = &pipes.sessions;

    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    pipe_leave(&s->waiter);
    forget_made(s);
    drop_page(s);
    rpc_seat_close(&pipes.seats, s->seat);
    slab_free(&pipes.session_slab, s);
}

static err_t check_pid(uint64_t pid)
{
    unsigned count = 0;

    for (const struct session *s = pipes.sessions; s; s = s->next) {
        count += s->pid == pid;
    }
    REQUIRE(count < SESSIONS_OF_PID, E_PIPE_LIMIT);
    return OK;
}

/* A capability to send to @p seat, to give away.  If the latest one is still there nobody could take it. */
static err_t make_outgoing(const struct rpc_seat *seat)
{
    if (pipes.outgoing == CPTR_NULL) {
        TRY(slots_alloc(&pipes.stock->slots, &pipes.outgoing));
    } else {
        rpc_drop_cap(pipes.outgoing);
    }
    return rpc_seat_mint(seat, CPTR_NULL, pipes.outgoing);
}

static err_t connect(struct rpc_seat *seat, cptr_t reply, cptr_t *binding)
{
    TRY(make_outgoing(seat));
    TRY(cap_move(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, reply));
    *binding = pipes.outgoing;
    return OK;
}

err_t session_open(uint64_t pid, cptr_t reply, cptr_t *binding)
{
    struct rpc_seat *seat;

    TRY(check_pid(pid));
    TRY(rpc_seat_open(&pipes.seats, &seat));
    struct session *const s = slab_alloc(&pipes.session_slab);
    const err_t err = s ? connect(seat, reply, binding) : ERR(E_SLAB_EMPTY);
    if (!err_ok(err)) {
        if (s) {
            slab_free(&pipes.session_slab, s);
        }
        rpc_seat_close(&pipes.seats, seat);
        return err;
    }
    *s = (struct session){ .next = pipes.sessions, .seat = seat, .pid = pid };
    seat->rpc.serve = pipe_request;
    seat->rpc.closed = session_closed;
    seat->rpc.state = s;
    pipes.sessions = s;
    return OK;
}

/* --- pipes --- */

static void end_closed(struct rpc_session *rpc)
{
    struct piped *const p = rpc->state;

    end_gone(p, &p->end[PIPE_READ].seat->rpc == rpc ? PIPE_READ : PIPE_WRITE);
}

/* Nothing is to be sent there: the stub of an interface that has no such call refuses it. */
static void end_request(struct rpc_session *rpc, struct rpc_message *message)
{
    (void)rpc;
    rpc_fail(message, ERR(E_RPC_NUMBER));
}

static err_t open_end(struct piped *p, enum pipe_end end)
{
    struct rpc_seat *seat;
    struct cap_info info;

    TRY(rpc_seat_open(&pipes.seats, &seat));
    const err_t err = cap_identify(CPTR_NULL, seat->endpoint, &info);
    if (!err_ok(err)) {
        rpc_seat_close(&pipes.seats, seat);
        return err;
    }
    seat->rpc.serve = end_request;
    seat->rpc.closed = end_closed;
    seat->rpc.state = p;
    p->end[end] = (struct end){ .seat = seat, .base = info.base };
    p->pipe.held[end] = true;
    return OK;
}

static void free_pages(struct piped *p)
{
    for (unsigned i = 0; i < PIPE_PAGES && p->page[i].address; i++) {
        const err_t err = pool_give(&pipes.stock->pool, &p->page[i]);
        OS_ASSERT(err_ok(err));                     /* ours alone */
    }
}

static err_t fill(struct piped *p)
{
    for (unsigned i = 0; i < PIPE_PAGES; i++) {
        TRY(stock_refill(pipes.stock));
        TRY(pool_take(&pipes.stock->pool, &p->page[i]));
        p->pipe.page[i] = p->page[i].address;
    }
    TRY(open_end(p, PIPE_READ));
    TRY(open_end(p, PIPE_WRITE));
    return make_outgoing(p->end[PIPE_READ].seat);
}

static void drop(struct piped *p)
{
    for (unsigned end = 0; end < PIPE_ENDS; end++) {
        if (p->end[end].seat) {
            end_gone(p, end);
        }
    }
    free_pages(p);
    slab_free(&pipes.pipe_slab, p);
}

static err_t check_pipes(uint64_t pid)
{
    unsigned count = 0;

    for (const struct piped *p = pipes.pipes; p; p = p->next) {
        count += p->pid == pid;
    }
    REQUIRE(count < PIPES_OF_PID && pipes.count < PIPES_MAX, E_PIPE_LIMIT);
    return OK;
}

err_t session_make(struct session *s, cptr_t *reader)
{
    forget_made(s);
    TRY(check_pipes(s->pid));
    TRY(stock_refill(pipes.stock));
    struct piped *const p = slab_alloc(&pipes.pipe_slab);
    REQUIRE(p, E_SLAB_EMPTY);
    *p = (struct piped){ .pid = s->pid };
    const err_t err = fill(p);
    if (!err_ok(err)) {
        drop(p);
        return err;
    }
    p->next = pipes.pipes;
    pipes.pipes = p;
    pipes.count++;
    s->made = p;
    *reader = pipes.outgoing;
    return OK;
}

err_t session_writer(struct session *s, cptr_t *writer)
{
    REQUIRE(s->made, E_PIPE_NONE);
    TRY(make_outgoing(s->made->end[PIPE_WRITE].seat));
    s->made = NULL;
    *writer = pipes.outgoing;
    return OK;
}

err_t session_stream(struct session *s, cptr_t cap)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, cap, &info));
    REQUIRE(info.type == CAP_ENDPOINT && info.rights & RIGHT_WRITE, E_PIPE_NONE);
    for (struct piped *p = pipes.pipes; p; p = p->next) {
        for (unsigned end = 0; end < PIPE_ENDS; end++) {
            if (p->end[end].seat && p->end[end].base == info.base) {
                pipe_join(&p->pipe, &s->waiter, end);
                s->seat->rpc.serve = stream_request;
                return OK;
            }
        }
    }
    return ERR(E_PIPE_NONE);
}

/* --- the loop's part --- */

static void serve_waiters(struct piped *p)
{
    for (struct waiter *w; (w = pipe_next(&p->pipe));) {
        struct session *const s = (struct session *)w;
        s->again = true;                            /* until the handler has seen it */
        rpc_retry(&pipes.server, &s->seat->rpc);    /* s may be gone now */
    }
}

void settle(void)
{
    for (struct piped **link = &pipes.pipes, *p; (p = *link);) {
        serve_waiters(p);
        if (p->pipe.held[PIPE_READ] || p->pipe.held[PIPE_WRITE]) {
            link = &p->next;
            continue;
        }
        while (p->pipe.waiters) {
            pipe_leave(p->pipe.waiters);            /* a binding goes on without a pipe */
        }
        *link = p->next;
        pipes.count--;
        drop(p);
    }
}
