/** @file channel.c  A ring as the channel of a binding. */
#include <os/heap.h>
#include <os/ump.h>
#include <os/waiting.h>

struct ump_channel {
    struct transport transport;         /* first */
    struct ump_ring ring;
    void (*released)(void *arg);
    void *arg;
};

static struct ump_ring *ring_of(struct transport *t)
{
    return &((struct ump_channel *)t)->ring;
}

static err_t channel_send(struct transport *t, const struct frame *f)
{
    return ump_ring_send(ring_of(t), f->head, f->word, f->words);
}

static err_t channel_receive(struct transport *t, struct frame *f)
{
    struct ump_ring *const r = ring_of(t);
    unsigned words = 0;

    if (ump_ring_armed(r)) {            /* the waitset's thread may be about to arm: the lock keeps the numbers going up */
        events_enter();
        ump_ring_disarm(r);
        events_leave();
    }
    f->cap = CPTR_NULL;
    const err_t err = ump_ring_receive(r, &f->head, f->word, &words);
    f->words = (uint8_t)words;
    return err;
}

static bool channel_arm(struct transport *t, bool receive)
{
    return ump_ring_arm(ring_of(t), receive);
}

static bool channel_poll(struct transport *t)
{
    return ump_ring_ready(ring_of(t), true);
}

static void channel_close(struct transport *t)
{
    struct ump_channel *const c = (struct ump_channel *)t;

    ump_ring_close(&c->ring);
    c->released(c->arg);
    heap_free(c);
}

static const struct transport_ops ump_ops = {
    .frame_words = UMP_WORDS,
    .send = channel_send,
    .receive = channel_receive,
    .arm = channel_arm,
    .poll = channel_poll,
    .close = channel_close,
};

err_t ump_channel(void *frame, unsigned side, uint32_t slots, void (*signal)(void *arg), void (*released)(void *arg),
                  void *arg, struct transport **t)
{
    struct ump_channel *const c = heap_alloc(sizeof(*c));

    REQUIRE(c, E_HEAP);
    c->transport.ops = &ump_ops;
    c->released = released;
    c->arg = arg;
    ump_ring_init(&c->ring, frame, side, slots, signal, arg);
    *t = &c->transport;
    return OK;
}

void ump_channel_signalled(struct transport *t)
{
    if (t->owner) {
        transport_ready(t->owner);
    }
}
