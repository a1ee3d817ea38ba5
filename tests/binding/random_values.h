/**
 * @file random_values.h  Values of the builtin types, for drivers that random_gen.py writes: make_, same_ and free_, from
 * a seed, so that both ends make the same ones.
 *
 * Who includes it has included string and heap, and brings
 *   BINDING                              the tag of the interface's typed binding
 *   uint64_t test_random(uint64_t *r)
 *   cptr_t new_cap(unsigned what)        a capability of the caller's
 *   unsigned cap_what(cptr_t cap)        which of them it is, at either end
 */
#ifndef BINDING_RANDOM_VALUES_H
#define BINDING_RANDOM_VALUES_H

enum how { ALL, SENT, ONLY_CAPS };     /* what is freed: all; what a sender has left; capabilities only */

static uint64_t any(uint64_t *r)
{
    return test_random(r);
}

static size_t any_count(uint64_t *r, size_t bound)
{
    const size_t few = any(r) % 4;

    return bound && (few > bound || any(r) % 4 == 0) ? bound : few;
}

/* Small numbers, large ones, and those at the ends. */
static uint64_t any_word(uint64_t *r)
{
    const uint64_t x = any(r);

    switch (any(r) % 4) {
    case 0:
        return x % 256;
    case 1:
        return 0 - x % 3;
    default:
        return x;
    }
}

#define SCALAR(name_, c_)                                                                                              \
    __attribute__((unused)) static void make_##name_(uint64_t *r, c_ *v)                                               \
    {                                                                                                                  \
        const uint64_t x = any_word(r);                                                                                \
        memcpy(v, &x, sizeof(*v));                                                                                     \
    }                                                                                                                  \
    __attribute__((unused)) static bool same_##name_(c_ *v, c_ *w)                                                     \
    {                                                                                                                  \
        return memcmp(v, w, sizeof(*v)) == 0;                                                                          \
    }                                                                                                                  \
    __attribute__((unused)) static void free_##name_(c_ *v, enum how how)                                              \
    {                                                                                                                  \
        (void)v, (void)how;                                                                                            \
    }

SCALAR(char, char)
SCALAR(int, int)
SCALAR(int8, int8_t)
SCALAR(int16, int16_t)
SCALAR(int32, int32_t)
SCALAR(int64, int64_t)
SCALAR(uint8, uint8_t)
SCALAR(uint16, uint16_t)
SCALAR(uint32, uint32_t)
SCALAR(uint64, uint64_t)
SCALAR(intptr, intptr_t)
SCALAR(uintptr, uintptr_t)
SCALAR(size, size_t)
SCALAR(iref, iref_t)

#define UNUSED __attribute__((unused))

UNUSED static void make_bool(uint64_t *r, bool *v)
{
    *v = any(r) & 1;
}

UNUSED static bool same_bool(bool *v, bool *w)
{
    return *v == *w;
}

UNUSED static void free_bool(bool *v, enum how how)
{
    (void)v, (void)how;
}

UNUSED static void make_errval(uint64_t *r, err_t *v)
{
    *v = any(r) & 1 ? OK : (err_t){ any_word(r) };
}

UNUSED static bool same_errval(err_t *v, err_t *w)
{
    return v->trail == w->trail;
}

UNUSED static void free_errval(err_t *v, enum how how)
{
    (void)v, (void)how;
}

UNUSED static void make_bounded(uint64_t *r, char **v, size_t bound)
{
    const size_t bytes = any(r) % 3 == 0 && bound ? bound : bound ? any(r) % (bound + 1) : any(r) % 60;

    *v = heap_alloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++) {
        (*v)[i] = (char)(any(r) % 255 + 1);
    }
}

UNUSED static void make_string(uint64_t *r, char **v)
{
    make_bounded(r, v, 0);
}

UNUSED static bool same_string(char **v, char **w)
{
    return strcmp(*v, *w) == 0;
}

UNUSED static void free_string(char **v, enum how how)
{
    if (how != ONLY_CAPS) {
        heap_free(*v);
    }
}

UNUSED static void make_cap(uint64_t *r, cptr_t *v)
{
    *v = any(r) % 8 == 0 ? CPTR_NULL : new_cap((unsigned)any(r));
}

UNUSED static bool same_cap(cptr_t *v, cptr_t *w)
{
    return cap_what(*v) == cap_what(*w) && (*v == CPTR_NULL) == (*w == CPTR_NULL);
}

UNUSED static void free_cap(cptr_t *v, enum how how)
{
    (void)how;
    if (*v != CPTR_NULL) {
        binding_drop_cap(*v);
    }
}

#define make_give_away_cap make_cap
#define same_give_away_cap same_cap

UNUSED static void free_give_away_cap(cptr_t *v, enum how how)
{
    if (how != SENT) {
        free_cap(v, how);
    }
}

/* --- */

struct half {
    const char *name;
    err_t (*send)(struct BINDING *b, uint64_t seed);
    void (*done)(void);                 /* it is sent: free what a sender keeps */
    bool both;                          /* servers may send it, too */
    err_t (*answer)(struct BINDING *b, uint64_t seed);
    void (*answer_done)(void);
};

#endif
