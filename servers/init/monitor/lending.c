/** @file lending.c  RAM between the memory servers, and what else mem wants of its monitor; contracts in crossing.h, design in
 * docs/cores.md.
 *
 * mem's wishes come one at a time, as answers to a call that is kept posted (mem.attend).  Home lends *units*: out of its own
 * memory server's RAM, large enough for what is wanted, and larger the more a core has already, since the kernel has room for
 * so many loans only (docs/cores.md). */
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <os/print.h>
#include <stubs/intermon.h>
#include <stubs/mem.h>

#define UNIT      0x200000ull           /* bytes: units are multiples of it, and aligned to it                        */
#define UNIT_MOST (1ull << 46)
#define SHARE     16u                   /* a unit is at least this part of what the core has                          */
#define AGAIN     (time_hz() / 1000)    /* ticks until a revocation is tried again for which capops had no room       */

/* What this core's mem wants. */
static struct {
    struct rpc_seat *seat;              /* the binding over which it is attended */
    struct crossing_op op;              /* of what is under way for it */
    cptr_t unit;                        /* on its way home */
    bool borrowing;                     /* home is to say `borrowed` */
    bool closed;                        /* this core leaves: nothing is begun any more */
    bool later;                         /* the revocation of: */
    uint64_t slot, offset, bytes;
} attend;

/* Home: a unit on its way to a core. */
static struct loan {
    struct crossing_op op;              /* first */
    cptr_t unit;                        /* CPTR_NULL: none */
} loans[CAPOPS_CORES_MAX];

/* --- mem's wishes --- */

/* The result of the last one, and the next. */
static void post(err_t result)
{
    struct rpc_message m;

    mem_attend_request(&m, init.boot->core != 0, result.trail);
    const err_t err = rpc_post(&attend.seat->rpc, &m);
    if (!err_ok(err)) {
        err_print("init: attend to mem", err);      /* it has ended, and the core with it */
    }
}

static uint64_t at_least(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void borrow_answered(void *arg, struct rpc_message *answer)
{
    const err_t err = intermon_borrow_result(answer);

    (void)arg;
    if (!err_ok(err) && attend.borrowing) {
        attend.borrowing = false;
        post(err);
    }
}

static err_t borrow(uint64_t bytes, uint64_t align, uint64_t total)
{
    const uint64_t need = (bytes + UNIT - 1) & ~(UNIT - 1);
    const uint64_t more = at_least(need, total / SHARE & ~(UNIT - 1));
    struct rpc_message m;

    REQUIRE(!attend.closed, E_LEAVING);
    REQUIRE(monitor.home && monitor.home->up, E_CORE_DOWN);
    intermon_borrow_request(&m, need, more, at_least(align, UNIT));
    TRY(peer_send(monitor.home, &m, borrow_answered, NULL));
    attend.borrowing = true;
    return OK;
}

static void keep_unit(err_t why)
{
    const err_t err = mem_root_add(&monitor.mem, attend.unit);

    if (!err_ok(err)) {
        err_print("init: a unit of RAM is lost", err);
        err_ignore(cap_delete(CPTR_NULL, attend.unit));
    }
    slots_free(&monitor.stock.slots, attend.unit);
    post(why);
}

static void unit_is_home(struct crossing_op *op, err_t err)
{
    (void)op;
    if (!err_ok(err)) {
        keep_unit(err);
        return;
    }
    slots_free(&monitor.stock.slots, attend.unit);
    post(OK);
}

static err_t take_from_mem(uint64_t base)
{
    REQUIRE(!attend.closed, E_LEAVING);
    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &attend.unit));
    monitor.mem.cap_slot = attend.unit;
    cptr_t got;
    const err_t err = mem_root_remove(&monitor.mem, base, &got);
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, attend.unit);
    }
    return err;
}

static void give_unit(uint64_t base)
{
    err_t err = take_from_mem(base);

    if (!err_ok(err)) {
        post(err);
        return;
    }
    attend.op.done = unit_is_home;
    err = capops_return(&crossing, attend.unit, crossing_cookie(&attend.op));
    if (!err_ok(err)) {
        keep_unit(err);
    }
}

static void revoked(struct crossing_op *op, err_t err)
{
    (void)op;
    post(err);
}

static void revoke(void)
{
    const struct client *const mem = client_find(PID_MEM);

    attend.op.done = revoked;
    attend.later = false;
    const err_t err = capops_revoke(&crossing, mem->dispatcher, attend.slot, attend.offset, attend.bytes,
                                    crossing_cookie(&attend.op));
    if (err_root(err) == E_CAPOPS_JOBS) {
        attend.later = true;
        monitor_wake_at(time_now() + AGAIN);
    } else if (!err_ok(err)) {
        post(err);
    }
}

void lending_look(void)
{
    if (attend.later) {
        revoke();
    }
}

static void wished(struct rpc_session *session, struct rpc_message *m)
{
    uint64_t wish, a, b, c;
    err_t err = mem_attend_result(m, &wish, &a, &b, &c);

    (void)session;
    if (!err_ok(err)) {
        err_print("init: attend to mem", err);
        return;
    }
    switch (wish) {
    case WISH_RAM:
        err = borrow(a, b, c);
        if (!err_ok(err)) {
            post(err);
        }
        break;
    case WISH_RETURN:
        give_unit(a);
        break;
    default:
        attend.slot = a;
        attend.offset = b;
        attend.bytes = c;
        revoke();
        break;
    }
}

static void mem_ended(struct rpc_session *session)
{
    (void)session;                                  /* the core is lost: ends.c says so */
}

err_t lending_setup(uint64_t account)
{
    cptr_t reply, got;

    TRY(rpc_seat_open(&monitor.seats, &attend.seat));
    attend.seat->rpc.answered = wished;
    attend.seat->rpc.closed = mem_ended;
    TRY(slots_alloc(&monitor.stock.slots, &reply));
    TRY(rpc_seat_mint(attend.seat, CPTR_NULL, reply));
    monitor.mem.cap_slot = attend.seat->rpc.end.send;
    TRY(mem_connect(&monitor.mem, account, true, reply, &got));
    TRY(slots_delete(&monitor.stock.slots, reply));
    post(OK);
    return OK;
}

void lending_close(void)
{
    attend.closed = true;
}

/* --- what comes from home --- */

err_t lending_lent(cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)base, (void)bytes;
    REQUIRE(!attend.closed, E_LEAVING);
    TRY(mem_root_add(&monitor.mem, slot));
    slots_free(&monitor.stock.slots, slot);
    return OK;
}

void lending_borrowed(err_t result)
{
    if (attend.borrowing) {
        attend.borrowing = false;
        post(result);
    }
}

void lending_recalled(uint64_t bytes)
{
    (void)bytes;                                    /* units go back as soon as they are free anyway */
}

/* --- home --- */

static void free_unit(cptr_t unit)
{
    const err_t err = mem_free(&monitor.mem, unit);         /* as it was granted, whole */

    if (!err_ok(err)) {
        err_print("init: a unit of RAM is lost", err);
    }
    slots_free(&monitor.stock.slots, unit);
}

/* It is there, or was refused: then it is in its slot again, unless the core is gone, and lending_returned() has it. */
static void lent(struct crossing_op *op, err_t err)
{
    struct loan *const loan = (struct loan *)op;
    struct peer *const peer = peer_of((uint64_t)(loan - loans));
    struct rpc_message m;
    struct cap_info info;

    if (!err_ok(err) && err_ok(cap_identify(CPTR_NULL, loan->unit, &info))) {
        free_unit(loan->unit);
    } else {
        slots_free(&monitor.stock.slots, loan->unit);
    }
    loan->unit = CPTR_NULL;
    if (peer) {
        intermon_borrowed_request(&m, err.trail);
        err_ignore(peer_send(peer, &m, NULL, NULL));        /* fails only if it does not wait for this any more */
    }
}

static err_t take_unit(uint64_t bytes, uint64_t more, uint64_t align, cptr_t *unit)
{
    cptr_t got;

    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, unit));
    monitor.mem.cap_slot = *unit;
    err_t err = mem_alloc(&monitor.mem, more, align, &got);
    if (!err_ok(err) && more > bytes) {
        monitor.mem.cap_slot = *unit;
        err = mem_alloc(&monitor.mem, bytes, align, &got);
    }
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, *unit);
    }
    return err;
}

err_t lending_borrow(uint64_t core, uint64_t bytes, uint64_t more, uint64_t align)
{
    const struct core *const borrower = core_of(core);

    REQUIRE(borrower && borrower->phase == CORE_UP, E_CORE_HOME);
    REQUIRE(bytes > 0 && bytes % UNIT == 0 && more % UNIT == 0 && bytes <= more && more <= UNIT_MOST, E_ARG);
    REQUIRE(align >= UNIT && align <= UNIT_MOST && (align & (align - 1)) == 0, E_ARG);
    struct loan *const loan = &loans[core];
    REQUIRE(loan->unit == CPTR_NULL, E_CAPOPS_JOBS);
    TRY(take_unit(bytes, more, align, &loan->unit));
    loan->op.done = lent;
    const err_t err = capops_lend(&crossing, loan->unit, core, crossing_cookie(&loan->op));
    if (!err_ok(err)) {
        free_unit(loan->unit);
        loan->unit = CPTR_NULL;
    }
    return err;
}

void lending_returned(uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes)
{
    (void)core, (void)base, (void)bytes;
    free_unit(slot);
}
