/** @file wire_walk.h  Where values lie in C; private to the marshalling. */
#ifndef WIRE_WALK_H
#define WIRE_WALK_H

#include <os/string.h>
#include <os/wire.h>

static inline bool wire_is_scalar(const struct wire_type *t)
{
    return t->kind <= WIRE_ENUM;
}

static inline bool wire_is_dynamic(const struct wire_field *f)
{
    return f->length != WIRE_INLINE;
}

static inline uint64_t wire_words(uint64_t bytes)
{
    return (bytes + 7) / 8;
}

static inline const void *wire_at(const void *in, uint32_t offset)
{
    return (const char *)in + offset;
}

static inline void *wire_at_mutable(void *in, uint32_t offset)
{
    return (char *)in + offset;
}

/** The scalar at @p from as a word. */
static inline uint64_t wire_load(const struct wire_type *t, const void *from)
{
    switch (t->size) {
    case 1:
        return t->kind == WIRE_SIGNED ? (uint64_t)*(const int8_t *)from : *(const uint8_t *)from;
    case 2:
        return t->kind == WIRE_SIGNED ? (uint64_t)*(const int16_t *)from : *(const uint16_t *)from;
    case 4:
        return t->kind == WIRE_SIGNED ? (uint64_t)*(const int32_t *)from : *(const uint32_t *)from;
    default:
        return *(const uint64_t *)from;
    }
}

/** Whether @p word is a value of the scalar type @p t. */
static inline bool wire_in_range(const struct wire_type *t, uint64_t word)
{
    const unsigned bits = 8 * t->size;

    switch (t->kind) {
    case WIRE_BOOL:
        return word <= 1;
    case WIRE_ENUM:
        return word < t->count;
    case WIRE_SIGNED:
        return bits == 64 || word + (1ull << (bits - 1)) < 1ull << bits;
    default:
        return bits == 64 || word >> bits == 0;
    }
}

static inline void wire_store(const struct wire_type *t, uint64_t word, void *to)
{
    switch (t->size) {
    case 1:
        *(uint8_t *)to = (uint8_t)word;
        break;
    case 2:
        *(uint16_t *)to = (uint16_t)word;
        break;
    case 4:
        *(uint32_t *)to = (uint32_t)word;
        break;
    default:
        *(uint64_t *)to = word;
        break;
    }
}

#endif
