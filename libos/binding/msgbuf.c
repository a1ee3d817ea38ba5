/** @file msgbuf.c  A channel that ends in a buffer, and one that begins there. */
#include "internal.h"

#include <os/msgbuf.h>

#define FRAME_BYTES_MAX (8 + 8 * FRAME_WORDS_MAX)

/* --- writing --- */

struct writer {
    struct transport transport;     /* first */
    struct msgbuf *buffer;
    bool welcome;                   /* what the server would say; nobody else would */
};

static err_t make_room(struct msgbuf *m, size_t bytes)
{
    if (m->size - m->used >= bytes) {
        return OK;
    }
    const size_t size = 2 * m->size + bytes;
    uint8_t *larger = heap_take(size);
    REQUIRE(larger, E_HEAP);
    if (m->used) {
        memcpy(larger, m->bytes, m->used);
    }
    heap_free(m->bytes);
    m->bytes = larger;
    m->size = size;
    return OK;
}

static void append(struct msgbuf *m, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        m->bytes[m->used++] = (uint8_t)(value >> 8 * i);
    }
}

static err_t writer_send(struct transport *t, const struct frame *f)
{
    struct writer *const w = (struct writer *)t;

    TRY(make_room(w->buffer, FRAME_BYTES_MAX));
    append(w->buffer, f->head, 4);
    append(w->buffer, f->words, 4);
    for (unsigned i = 0; i < f->words; i++) {
        append(w->buffer, f->word[i], 8);
    }
    return OK;
}

static err_t writer_receive(struct transport *t, struct frame *f)
{
    struct writer *const w = (struct writer *)t;

    REQUIRE(!w->welcome, E_CHANNEL_EMPTY);
    w->welcome = true;
    *f = (struct frame){ .head = HEAD_WELCOME, .words = 1 };
    return OK;
}

static bool writer_arm(struct transport *t, bool receive)
{
    return receive && !((struct writer *)t)->welcome;
}

static void free_end(struct transport *t)
{
    heap_free(t);
}

static const struct transport_ops writer_ops = {
    .frame_words = FRAME_WORDS_MAX,
    .send = writer_send,
    .receive = writer_receive,
    .arm = writer_arm,
    .close = free_end,
};

err_t msgbuf_writer(struct msgbuf *m, struct transport **t)
{
    struct writer *const w = heap_alloc(sizeof(*w));

    REQUIRE(w, E_HEAP);
    w->transport.ops = &writer_ops;
    w->buffer = m;
    *t = &w->transport;
    return OK;
}

/* --- reading --- */

struct reader {
    struct transport transport;     /* first */
    const uint8_t *at;
    size_t left;
};

static uint64_t take(struct reader *r, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)r->at[i] << 8 * i;
    }
    r->at += bytes;
    r->left -= bytes;
    return value;
}

static err_t reader_receive(struct transport *t, struct frame *f)
{
    struct reader *const r = (struct reader *)t;

    *f = (struct frame){ .cap = CPTR_NULL };
    REQUIRE(r->left > 0, E_RPC_CLOSED);
    REQUIRE(r->left >= 8, E_BINDING_MALFORMED);
    f->head = (uint32_t)take(r, 4);
    const uint64_t words = take(r, 4);
    REQUIRE(words <= FRAME_WORDS_MAX && words * 8 <= r->left, E_BINDING_MALFORMED);
    f->words = (uint8_t)words;
    for (unsigned i = 0; i < f->words; i++) {
        f->word[i] = take(r, 8);
    }
    return OK;
}

static err_t reader_send(struct transport *t, const struct frame *f)
{
    (void)t;
    (void)f;
    return OK;                      /* whoever wrote does not listen any more */
}

static bool reader_arm(struct transport *t, bool receive)
{
    (void)t;
    return receive;                 /* all there will be is there, and the end as well */
}

static const struct transport_ops reader_ops = {
    .frame_words = FRAME_WORDS_MAX,
    .send = reader_send,
    .receive = reader_receive,
    .arm = reader_arm,
    .close = free_end,
};

err_t msgbuf_reader(const void *bytes, size_t size, struct transport **t)
{
    struct reader *const r = heap_alloc(sizeof(*r));

    REQUIRE(r, E_HEAP);
    r->transport.ops = &reader_ops;
    r->at = bytes;
    r->left = size;
    *t = &r->transport;
    return OK;
}
