/**
 * @file ump_client_threads.c  A call over UMP of a program with threads: what of client_threads.c is done
 * differently here.
 *
 * Whoever takes replies from the ring ends the calls they belong to: a waiting thread that nobody else keeps from
 * running, or the handler of the end's event.  When threads are blocked the ring is armed; so whoever leaves it with
 * calls still under way arms it, and takes what came meanwhile.  That ends: a reply that nobody asked for breaks the
 * connection (U1).
 */
#include <os/err.h>

#include "rpc_tag.h"
#include "rpc_threads.h"
#include "rpc_ump_client.h"

/* Of a call that is in the list before its request is sent: no token is as large. */
#define UNSENT UINT32_MAX

static struct thread_call *call_with(const struct rpc_client *c, uint32_t token)
{
    struct thread_call *call = c->threads.calls;

    while (call && call->token != token) {
        call = call->next;
    }
    return call;
}

/* A call that was cancelled is answered now: one that had to wait for that may begin. */
static void late_reply(struct rpc_client *c, struct rpc_message *m)
{
    struct thread_call *const unsent = call_with(c, UNSENT);

    rpc_drop_received(m);
    if (unsent) {
        (void)thread_wake(unsent->thread);
    }
}

static void take_reply(struct rpc_client *c, uint32_t token, struct rpc_message *m)
{
    struct ump_end *const end = rpc_ump_end(c);

    if (!ump_is_reply(end, m)) {
        return;                                     /* the end is dead now */
    }
    if (!call_with(c, token)) {
        late_reply(c, m);
        return;
    }
    if (!err_ok(end->joined)) {
        ump_make_error(m, m->number, end->joined);
    }
    if (m->cap) {
        c->end.receive = m->cap;                    /* where rpc_unpack() finds it */
    }
    rpc_give_reply(c, rpc_tag(m, token), m->word);
}

/* Take all.  @return the end is not closed */
static bool take_replies(struct rpc_client *c)
{
    struct ump_end *const end = rpc_ump_end(c);

    for (;;) {
        struct rpc_message m;
        uint32_t token;
        const err_t err = ump_receive(end, &token, &m);

        if (err_root(err) == E_CHANNEL_EMPTY) {
            return true;
        }
        if (!err_ok(err)) {
            rpc_end_calls(c, E_RPC_CLOSED);
            return false;
        }
        take_reply(c, token, &m);
    }
}

/* A reply is here whose capability is not: the thread that it is for asks for that. */
static void wake_for_cap(const struct rpc_client *c, const struct ump_end *end)
{
    struct thread_call *const call = call_with(c, end->in_head >> UMP_TOKEN_SHIFT);

    if (end->part == UMP_NEEDS_CAP && !end->fetched && call) {
        (void)thread_wake(call->thread);
    }
}

static void take_and_disarm(struct rpc_client *c)
{
    struct ump_end *const end = rpc_ump_end(c);

    if (ump_ring_armed(&end->ring)) {
        ump_ring_disarm(&end->ring);
    }
    (void)take_replies(c);
}

void rpc_ump_drain(struct rpc_client *c)
{
    struct ump_end *const end = rpc_ump_end(c);

    take_and_disarm(c);
    while (c->threads.calls && ump_arm(end) && take_replies(c)) {
    }
    wake_for_cap(c, end);
}

static void changed(struct ump_end *end)
{
    rpc_ump_drain(((struct ump_client *)((char *)end - offsetof(struct ump_client, end)))->client);
}

/* Disabled.  Before something that may take long: others that wait rely on an armed ring. */
static void enable_for_long(struct rpc_client *c)
{
    rpc_ump_drain(c);
    thread_enable();
}

/* Disabled; with a capability, enabled in between.  The payload follows the capability even if the call was cancelled
 * meanwhile, else the next one would be taken for it. */
static err_t send(struct rpc_client *c, struct thread_call *call, const struct rpc_message *m)
{
    struct ump_end *const end = rpc_ump_end(c);

    end->under_way++;
    if (m->cap) {
        enable_for_long(c);
        const err_t err = ump_send_cap(end, m);
        thread_disable();
        if (!err_ok(err)) {
            end->under_way--;
            return err;
        }
    }
    call->token = c->token = (c->token + 1) & UMP_TOKEN_MASK;
    err_ignore(ump_send(end, c->token, m));         /* or the end is dead, and all calls end */
    return OK;
}

/* Nothing has come for the call.  Disabled before and after. */
static void wait(struct rpc_client *c)
{
    struct ump_end *const end = rpc_ump_end(c);

    if (end->part == UMP_NEEDS_CAP && !end->fetched) {
        enable_for_long(c);
        ump_fetch_cap(end);
        thread_disable();
        return;
    }
    if ((thread_alone() && ump_look(end)) || ump_arm(end)) {
        return;
    }
    (void)thread_block(BLOCKED_RPC, NULL, THREAD_NO_DEADLINE);
    thread_disable();
}

err_t rpc_ump_exchange(struct rpc_client *c, struct thread_call *call)
{
    struct ump_end *const end = rpc_ump_end(c);
    struct rpc_message m;

    rpc_unpack(&m, call->x.tag, call->x.word, call->x.cap);
    m.give = call->x.tag & TAG_GIVE;
    REQUIRE(!ump_end_closed(end), E_RPC_CLOSED);
    end->changed = changed;
    call->token = UNSENT;
    call->ended = false;
    call->next = c->threads.calls;
    c->threads.calls = call;
    for (;;) {
        take_and_disarm(c);
        if (call->ended) {
            break;
        }
        if (call->token == UNSENT && end->under_way < end->window) {
            const err_t err = send(c, call, &m);
            if (!err_ok(err)) {
                (void)rpc_forget_call(c, call);
                return err;
            }
            continue;
        }
        wait(c);
    }
    if (c->threads.calls) {                         /* they rely on an armed ring */
        rpc_ump_drain(c);
    }
    REQUIRE(call->end == E_OK, call->end);
    return OK;
}
