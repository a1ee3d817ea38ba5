/** @file wire_unpack.c  From words to C.  The words come from somebody who may lie. */
#include "wire_walk.h"

#include <os/heap.h>

struct unpacker {
    const uint64_t *at, *end;
    cptr_t *cap, *cap_end;
    wire_fetch_fn *fetch;       /* NULL: the words are ours */
};

static err_t unpack_value(struct unpacker *u, const struct wire_type *t, void *to);

static uint64_t left(const struct unpacker *u)
{
    return (uint64_t)(u->end - u->at);
}

static err_t take(struct unpacker *u, uint64_t *word)
{
    REQUIRE(u->at < u->end, E_BINDING_MALFORMED);
    if (u->fetch) {
        REQUIRE(u->fetch(word, u->at, 8), E_RPC_CLOSED);
    } else {
        *word = *u->at;
    }
    u->at++;
    return OK;
}

static err_t take_bytes(struct unpacker *u, void *to, uint64_t bytes)
{
    REQUIRE(bytes <= left(u) * 8, E_BINDING_MALFORMED);
    if (u->fetch) {
        REQUIRE(u->fetch(to, u->at, bytes), E_RPC_CLOSED);
    } else if (bytes) {
        memcpy(to, u->at, bytes);
    }
    u->at += wire_words(bytes);
    return OK;
}

static err_t unpack_string(struct unpacker *u, uint32_t max, char **to)
{
    uint64_t bytes;

    TRY(take(u, &bytes));
    REQUIRE(bytes <= max && bytes <= left(u) * 8, E_BINDING_MALFORMED);
    char *text = heap_take(bytes + 1);
    REQUIRE(text, E_HEAP);
    *to = text;                             /* wire_release() frees it from here on */
    text[bytes] = '\0';
    TRY(take_bytes(u, text, bytes));
    REQUIRE(bytes == 0 || !memchr(text, 0, bytes), E_BINDING_MALFORMED);
    return OK;
}

static err_t unpack_cap(struct unpacker *u, cptr_t *to)
{
    uint64_t there;

    TRY(take(u, &there));
    REQUIRE(there <= 1 && (!there || u->cap < u->cap_end), E_BINDING_MALFORMED);
    if (there) {
        *to = *u->cap;
        *u->cap++ = CPTR_NULL;              /* it is no longer the packet's */
    }
    return OK;
}

/* Only bool and enum have values in C's memory that are none of theirs. */
static bool all_in_range(const struct wire_type *of, const void *first, uint64_t count)
{
    if (of->kind != WIRE_BOOL && of->kind != WIRE_ENUM) {
        return true;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!wire_in_range(of, wire_load(of, (const char *)first + i * of->size))) {
            return false;
        }
    }
    return true;
}

static err_t unpack_elements(struct unpacker *u, const struct wire_type *of, void *first, uint64_t count)
{
    if (wire_is_scalar(of)) {
        TRY(take_bytes(u, first, count * of->size));
        REQUIRE(all_in_range(of, first, count), E_BINDING_MALFORMED);
        return OK;
    }
    for (uint64_t i = 0; i < count; i++) {
        TRY(unpack_value(u, of, (char *)first + i * of->size));
    }
    return OK;
}

/* What a sender can make us allocate is in proportion to what it sent. */
static err_t unpack_dynamic(struct unpacker *u, const struct wire_field *f, void *in)
{
    uint64_t count;

    TRY(take(u, &count));
    REQUIRE(count <= f->max, E_BINDING_MALFORMED);
    REQUIRE(count <= (wire_is_scalar(f->type) ? left(u) * 8 / f->type->size : left(u) / f->type->words_min),
            E_BINDING_MALFORMED);
    if (count == 0) {
        return OK;
    }
    const size_t size = count * f->type->size;
    void *first = wire_is_scalar(f->type) ? heap_take(size) : heap_alloc(size);
    REQUIRE(first, E_HEAP);
    *(void **)wire_at_mutable(in, f->offset) = first;
    *(size_t *)wire_at_mutable(in, f->length) = count;
    return unpack_elements(u, f->type, first, count);
}

static err_t unpack_field(struct unpacker *u, const struct wire_field *f, void *in)
{
    void *value = wire_at_mutable(in, f->offset);

    if (wire_is_dynamic(f)) {
        return unpack_dynamic(u, f, in);
    }
    return f->type->kind == WIRE_STRING ? unpack_string(u, f->max, value) : unpack_value(u, f->type, value);
}

static err_t unpack_value(struct unpacker *u, const struct wire_type *t, void *to)
{
    uint64_t word;

    switch (t->kind) {
    case WIRE_STRING:
        return unpack_string(u, WIRE_NO_MAX, to);
    case WIRE_CAP:
        return unpack_cap(u, to);
    case WIRE_STRUCT:
        for (uint32_t i = 0; i < t->count; i++) {
            TRY(unpack_field(u, &t->fields[i], to));
        }
        return OK;
    case WIRE_ARRAY:
        return unpack_elements(u, t->of, to, t->count);
    default:
        TRY(take(u, &word));
        REQUIRE(wire_in_range(t, word), E_BINDING_MALFORMED);
        wire_store(t, word, to);
        return OK;
    }
}

static err_t unpack_flat(struct wire_packet *p, void *args)
{
    const struct wire_message *m = p->message;

    REQUIRE(p->words == m->words_min && p->caps <= m->caps_max, E_BINDING_MALFORMED);
    for (uint32_t i = 0, w = 0; i < m->field_count; i++) {
        const struct wire_field *f = &m->fields[i];
        if (f->type->kind != WIRE_CAP) {
            const uint64_t word = p->word[w++];
            REQUIRE(wire_in_range(f->type, word), E_BINDING_MALFORMED);
            wire_store(f->type, word, wire_at_mutable(args, f->offset));
        } else {
            *(cptr_t *)wire_at_mutable(args, f->offset) = p->caps ? p->cap[0] : CPTR_NULL;
        }
    }
    if (p->caps) {
        p->cap[0] = CPTR_NULL;
    }
    return OK;
}

static err_t unpack_fields(struct wire_packet *p, void *args)
{
    const struct wire_message *m = p->message;
    struct unpacker u = { p->word + 1, p->word + p->words, p->cap, p->cap + p->caps, p->fetch };

    REQUIRE(p->words >= 1 && p->words >= m->words_min && p->words <= m->words_max, E_BINDING_MALFORMED);
    for (uint16_t i = 0; i < m->field_count; i++) {
        TRY(unpack_field(&u, &m->fields[i], args));
    }
    REQUIRE(u.at == u.end && u.cap == u.cap_end, E_BINDING_MALFORMED);
    return OK;
}

err_t wire_unpack(struct wire_packet *p, void *args)
{
    if (p->message->flat) {
        return unpack_flat(p, args);
    }
    memset(args, 0, p->message->args_bytes);        /* so that what is half there can be released */
    const err_t err = unpack_fields(p, args);
    if (!err_ok(err)) {
        wire_release(p->message, args, WIRE_DROP_CAPS);
    }
    return err;
}
