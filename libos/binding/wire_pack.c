/** @file wire_pack.c  From C to words: once to count, once to write. */
#include "wire_walk.h"

struct packer {
    uint64_t *at, *end;         /* NULL: only count */
    cptr_t *cap;
    uint64_t words, caps, give;
    bool too_long;
};

static void pack_value(struct packer *p, const struct wire_type *t, const void *value);

static void put(struct packer *p, uint64_t word)
{
    p->words++;
    if (p->at && p->at < p->end) {
        *p->at++ = word;
    }
}

static void put_bytes(struct packer *p, const void *bytes, uint64_t count)
{
    const uint64_t words = wire_words(count);

    p->words += words;
    if (p->at && words && words <= (uint64_t)(p->end - p->at)) {
        p->at[words - 1] = 0;
        memcpy(p->at, bytes, count);
        p->at += words;
    }
}

static void put_cap(struct packer *p, const struct wire_type *t, cptr_t cap)
{
    put(p, cap != CPTR_NULL);
    if (cap == CPTR_NULL) {
        return;
    }
    if (p->caps < WIRE_CAPS_MAX) {
        p->give |= (uint64_t)t->give << p->caps;
        if (p->at) {
            p->cap[p->caps] = cap;
        }
    }
    p->caps++;
}

static void pack_string(struct packer *p, const char *text, uint32_t max)
{
    const size_t bytes = text ? strlen(text) : 0;

    if (bytes > max || bytes / 8 >= WIRE_WORDS_MAX) {
        p->too_long = true;
        return;
    }
    put(p, bytes);
    put_bytes(p, text, bytes);
}

static void pack_elements(struct packer *p, const struct wire_type *of, const void *first, uint64_t count)
{
    if (wire_is_scalar(of)) {
        put_bytes(p, first, count * of->size);
        return;
    }
    for (uint64_t i = 0; i < count && p->words <= WIRE_WORDS_MAX; i++) {
        pack_value(p, of, (const char *)first + i * of->size);
    }
}

static void pack_field(struct packer *p, const struct wire_field *f, const void *in)
{
    const void *value = wire_at(in, f->offset);

    if (wire_is_dynamic(f)) {
        const size_t count = *(const size_t *)wire_at(in, f->length);
        if (count > f->max || count > WIRE_WORDS_MAX * 8ull) {
            p->too_long = true;
            return;
        }
        put(p, count);
        pack_elements(p, f->type, *(const void *const *)value, count);
    } else if (f->type->kind == WIRE_STRING) {
        pack_string(p, *(const char *const *)value, f->max);
    } else {
        pack_value(p, f->type, value);
    }
}

static void pack_value(struct packer *p, const struct wire_type *t, const void *value)
{
    switch (t->kind) {
    case WIRE_STRING:
        pack_string(p, *(const char *const *)value, WIRE_NO_MAX);
        break;
    case WIRE_CAP:
        put_cap(p, t, *(const cptr_t *)value);
        break;
    case WIRE_STRUCT:
        for (uint32_t i = 0; i < t->count; i++) {
            pack_field(p, &t->fields[i], value);
        }
        break;
    case WIRE_ARRAY:
        pack_elements(p, t->of, value, t->count);
        break;
    default:
        put(p, wire_load(t, value));
        break;
    }
}

static void pack_fields(struct packer *p, const struct wire_message *m, const void *args)
{
    for (uint16_t i = 0; i < m->field_count; i++) {
        pack_field(p, &m->fields[i], args);
    }
}

static err_t pack_flat(struct wire_packet *p, const struct wire_message *m, const void *args)
{
    TRY(wire_packet_room(p, m, m->words_min, m->caps_max));
    p->caps = 0;
    for (uint32_t i = 0, w = 0; i < m->field_count; i++) {
        const struct wire_field *f = &m->fields[i];
        const void *value = wire_at(args, f->offset);
        if (f->type->kind != WIRE_CAP) {
            p->word[w++] = wire_load(f->type, value);
        } else if (*(const cptr_t *)value != CPTR_NULL) {
            p->cap[0] = *(const cptr_t *)value;
            p->caps = 1;
            p->give = f->type->give;
        }
    }
    return OK;
}

static err_t room(struct wire_packet *p, const struct wire_message *m, const struct packer *count,
                  struct wire_place *place)
{
    const uint32_t words = (uint32_t)count->words + 1, caps = (uint32_t)count->caps;
    uint64_t *const at = place && words >= place->words ? place->find(place, words) : NULL;

    TRY(at ? wire_packet_lend(p, m, at, words, caps, NULL) : wire_packet_room(p, m, words, caps));
    p->give = count->give;
    p->word[0] = count->words | count->caps << 32;
    return OK;
}

err_t wire_pack(struct wire_packet *p, const struct wire_message *m, const void *args, struct wire_place *place)
{
    struct packer count = { 0 };

    if (m->flat) {
        return pack_flat(p, m, args);
    }
    pack_fields(&count, m, args);
    p->word = NULL;
    p->words = p->caps = 0;
    REQUIRE(!count.too_long && count.words < wire_words_max(m) && count.caps <= WIRE_CAPS_MAX, E_TOO_LONG);
    TRY(room(p, m, &count, place));
    struct packer write = { .at = p->word + 1, .end = p->word + p->words, .cap = p->cap };
    pack_fields(&write, m, args);
    /* Whoever lends memory to a message does not change it meanwhile; who does gets no packet that lies. */
    if (write.words != count.words || write.caps != count.caps) {
        wire_packet_free(p);
        return ERR(E_TOO_LONG);
    }
    return OK;
}
