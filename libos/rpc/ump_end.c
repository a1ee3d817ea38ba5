/** @file ump_end.c  Requests and replies as messages of a ring; contracts in os/rpc_ump.h. */
#include <os/caps.h>
#include <os/err.h>
#include <os/rpc_ump.h>

#define HEAD_CAP  (1u << 16)
#define HEAD_MORE (1u << 17)

/* While looking: a few looks cost less than the clock. */
#define LOOKS_PER_CLOCK 16u

static void wake_peer(void *arg)
{
    const struct ump_end *const end = arg;

    err_ignore(notify_signal(end->seat.wake));      /* its core is gone: the monitor says so */
}

void ump_end_init(struct ump_end *end, const struct ump_seat *seat, bool both_ways)
{
    const uint32_t window = seat->slots / (both_ways ? 4 : 2);              /* U2 */

    *end = (struct ump_end){ .seat = *seat, .window = window < UMP_WINDOW_MAX ? window : UMP_WINDOW_MAX };
    ump_ring_init(&end->ring, seat->frame, seat->side, seat->slots, wake_peer, end);
    end->ring.broken = &end->dead;
}

static err_t broken(struct ump_end *end)
{
    end->dead = true;
    return ERR(E_RPC_CLOSED);
}

bool ump_end_closed(const struct ump_end *end)
{
    return end->dead || ump_ring_closed(&end->ring);
}

/* ---- sending ---- */

err_t ump_send_cap(struct ump_end *end, const struct rpc_message *m)
{
    if (m->cap) {
        REQUIRE(end->seat.caps, E_CAP_LOCAL);
        TRY(end->seat.caps->send(end, m->cap, m->give));
        end->caps_sent++;
    }
    return OK;
}

err_t ump_send(struct ump_end *end, uint32_t token, const struct rpc_message *m)
{
    const unsigned first = m->length < UMP_WORDS ? m->length : UMP_WORDS;
    const uint32_t head = m->number | (m->cap ? HEAD_CAP : 0) | token << UMP_TOKEN_SHIFT;

    if (m->length <= UMP_WORDS) {
        return err_ok(ump_ring_send(&end->ring, head, m->word, first)) ? OK : broken(end);
    }
    if (!ump_ring_room(&end->ring, 2) || !err_ok(ump_ring_send(&end->ring, head | HEAD_MORE, m->word, first)) ||
        !err_ok(ump_ring_send(&end->ring, head, &m->word[UMP_WORDS], 1))) {
        return broken(end);
    }
    return OK;
}

/* ---- receiving ---- */

/* The message in @p end->in is whole; @p m is for it. */
static err_t join(struct ump_end *end, uint32_t *token, struct rpc_message *m)
{
    *m = end->in;
    m->cap = err_ok(end->cap_error) ? end->cap_slot : CPTR_NULL;
    end->joined = end->cap_error;
    end->cap_here = false;
    end->caps_received++;
    end->part = UMP_WHOLE;
    *token = end->in_head >> UMP_TOKEN_SHIFT;
    return OK;
}

/* What there is of the message is in @p m. */
static err_t keep_part(struct ump_end *end, uint32_t head, const struct rpc_message *m, enum ump_part part)
{
    if (m != &end->in) {
        end->in = *m;
    }
    end->in_head = head;
    end->part = part;
    end->fetched = false;
    return ERR(E_CHANNEL_EMPTY);
}

static err_t complete(struct ump_end *end, uint32_t *token, struct rpc_message *m)
{
    uint64_t word[UMP_WORDS];
    uint32_t head;
    unsigned words;

    if (end->part == UMP_NEEDS_WORD) {
        const err_t err = ump_ring_receive(&end->ring, &head, word, &words);
        if (err_root(err) == E_CHANNEL_EMPTY) {
            return err;
        }
        if (!err_ok(err) || words != 1 || head != (end->in_head & ~HEAD_MORE)) {
            return broken(end);
        }
        end->in.word[UMP_WORDS] = word[0];
        end->in.length = RPC_WORDS;
        if (!(head & HEAD_CAP)) {
            *m = end->in;
            end->part = UMP_WHOLE;
            *token = head >> UMP_TOKEN_SHIFT;
            return OK;
        }
        err_ignore(keep_part(end, head, &end->in, UMP_NEEDS_CAP));
    }
    if (end->cap_here) {
        return join(end, token, m);
    }
    return ERR(ump_end_closed(end) ? E_RPC_CLOSED : E_CHANNEL_EMPTY);
}

err_t ump_receive(struct ump_end *end, uint32_t *token, struct rpc_message *m)
{
    uint32_t head;
    unsigned words;

    end->joined = OK;
    if (end->part != UMP_WHOLE) {
        return complete(end, token, m);
    }
    const err_t err = ump_ring_receive(&end->ring, &head, m->word, &words);
    if (!err_ok(err)) {
        return err_root(err) == E_BINDING_MALFORMED ? broken(end) : err;
    }
    m->number = (uint16_t)head;
    m->length = (uint8_t)words;
    m->give = false;
    m->cap = CPTR_NULL;
    if (!(head & (HEAD_MORE | HEAD_CAP))) {
        *token = head >> UMP_TOKEN_SHIFT;
        return OK;
    }
    if ((head & HEAD_MORE && words != UMP_WORDS) || (head & HEAD_CAP && !end->seat.caps)) {
        return broken(end);
    }
    err_ignore(keep_part(end, head, m, head & HEAD_MORE ? UMP_NEEDS_WORD : UMP_NEEDS_CAP));
    return complete(end, token, m);
}

bool ump_is_reply(struct ump_end *end, const struct rpc_message *m)
{
    if (!(m->number & RPC_REPLY) || end->under_way == 0) {
        (void)broken(end);
        return false;
    }
    end->under_way--;
    return true;
}

/* ---- capabilities, death ---- */

void ump_fetch_cap(struct ump_end *end)
{
    if (!end->fetched && end->seat.caps->fetch) {
        end->fetched = true;
        end->seat.caps->fetch(end);
    }
}

static void changed(struct ump_end *end)
{
    if (end->changed) {
        end->changed(end);
    }
}

void ump_cap_arrived(struct ump_end *end, cptr_t slot, err_t err)
{
    end->cap_here = true;
    end->cap_slot = slot;
    end->cap_error = err;
    changed(end);
}

void ump_end_died(struct ump_end *end)
{
    end->dead = true;
    changed(end);
}

/* ---- waiting ---- */

bool ump_look(struct ump_end *end)
{
    const struct dispatcher_frame *const frame = frame_self();
    uint64_t until = 0;

    if (end->seat.poll == 0 || end->part == UMP_NEEDS_CAP) {
        return false;
    }
    for (;;) {
        for (unsigned i = 0; i < LOOKS_PER_CLOCK; i++) {
            if (ump_ring_ready(&end->ring, true)) {
                return true;
            }
        }
        const uint64_t now = time_now();
        if (until == 0) {
            until = now + end->seat.poll;
        } else if (now >= until || *(const volatile uint64_t *)&frame->pending) {
            return false;
        }
    }
}

bool ump_arm(struct ump_end *end)
{
    return ump_ring_arm(&end->ring, end->part != UMP_NEEDS_CAP);
}

uint64_t ump_poll_ticks(unsigned cores)
{
    return cores > 1 ? time_hz() * UMP_POLL_US / 1000000 : 0;
}
