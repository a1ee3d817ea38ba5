/** @file decimal.c  Contracts in decimal.h. */
#include "decimal.h"

#include <string.h>

#define BASE   1000000000u
#define DIGITS 9

static const uint32_t power_of_ten[DIGITS] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };

static void strip(struct decimal *d)
{
    while (d->first < d->end && d->word[d->first] == 0) {
        d->first++;
    }
}

/* Twice, @p shift times; 29 at most, so that a word and a carry fit 64 bits. */
static void multiply(struct decimal *d, int shift)
{
    uint64_t carry = 0;

    for (int i = d->end - 1; i >= d->first; i--) {
        const uint64_t t = ((uint64_t)d->word[i] << shift) + carry;
        d->word[i] = (uint32_t)(t % BASE);
        carry = t / BASE;
    }
    if (carry) {
        d->word[--d->first] = (uint32_t)carry;
    }
    while (d->end > d->first && d->end > d->point && d->word[d->end - 1] == 0) {
        d->end--;
    }
}

/* Half, @p shift times; 9 at most, because 2^9 divides BASE: what is shifted out of a word is whole in the next. */
static void divide(struct decimal *d, int shift)
{
    uint32_t carry = 0;

    for (int i = d->first; i < d->end; i++) {
        const uint32_t t = d->word[i];
        d->word[i] = (t >> shift) + carry;
        carry = (BASE >> shift) * (t & ((1u << shift) - 1));
    }
    if (carry) {
        d->word[d->end++] = carry;
    }
    strip(d);
}

void decimal_set(struct decimal *d, uint32_t *words, int capacity, uint128_t m, int e)
{
    /* A whole number grows to the left from the end, a fraction to the right; one word is for a carry out of rounding. */
    const int point = e < 0 ? 6 : capacity;

    memset(words, 0, (size_t)capacity * sizeof(*words));
    *d = (struct decimal){ .word = words, .capacity = capacity, .first = point, .end = point, .point = point };
    for (; m > 0; m /= BASE) {
        words[--d->first] = (uint32_t)(m % BASE);
    }
    for (; e > 0; e -= e < 29 ? e : 29) {
        multiply(d, e < 29 ? e : 29);
    }
    for (; e < 0; e += -e < 9 ? -e : 9) {
        divide(d, -e < 9 ? -e : 9);
    }
}

/* Word and digit in it that count ten to the @p power. */
static int place(const struct decimal *d, int power, unsigned *digit)
{
    const int words = power >= 0 ? power / DIGITS : -((DIGITS - 1 - power) / DIGITS);

    *digit = (unsigned)(power - words * DIGITS);
    return d->point - 1 - words;
}

int decimal_top(const struct decimal *d)
{
    int power = (d->point - 1 - d->first) * DIGITS;

    for (uint32_t left = d->word[d->first] / 10; left > 0; left /= 10) {
        power++;
    }
    return power;
}

unsigned decimal_digit(const struct decimal *d, int power)
{
    unsigned digit;
    const int i = place(d, power, &digit);

    return i < d->first || i >= d->end ? 0 : d->word[i] / power_of_ten[digit] % 10;
}

static bool any_behind(const struct decimal *d, int i)
{
    while (++i < d->end) {
        if (d->word[i]) {
            return true;
        }
    }
    return false;
}

/* Is what stands below @p unit in word i, and in those behind it, more than half of a unit; or half, and the digit odd? */
static bool rounds_up(const struct decimal *d, int i, uint32_t unit)
{
    const uint32_t below = unit > 1 ? d->word[i] % unit : i + 1 < d->end ? d->word[i + 1] : 0;
    const uint32_t half = unit > 1 ? unit / 2 : BASE / 2;

    if (below != half) {
        return below > half;
    }
    return any_behind(d, unit > 1 ? i : i + 1) || d->word[i] / unit % 2 != 0;
}

void decimal_round(struct decimal *d, int power)
{
    unsigned digit;
    const int i = place(d, power, &digit);

    if (i >= d->end) {
        return;
    }
    if (i < 0) {                        /* nowhere near half of that */
        d->first = d->end;
        return;
    }
    const uint32_t unit = power_of_ten[digit];
    const bool up = rounds_up(d, i, unit);
    d->word[i] -= d->word[i] % unit;
    for (int k = i + 1; k < d->end; k++) {
        d->word[k] = 0;
    }
    d->end = i + 1;
    d->first = i < d->first ? i : d->first;
    if (up) {
        d->word[i] += unit;
        for (int k = i; d->word[k] >= BASE; k--) {
            d->word[k] -= BASE;
            d->word[k - 1]++;
            d->first = k - 1 < d->first ? k - 1 : d->first;
        }
    }
    strip(d);
}

void decimal_from_digits(struct decimal *d, uint32_t *words, int capacity, int point, const uint8_t *digits, int count,
                         int top)
{
    unsigned digit;

    memset(words, 0, (size_t)capacity * sizeof(*words));
    *d = (struct decimal){ .word = words, .capacity = capacity, .point = point };
    d->first = place(d, top, &digit);
    d->end = place(d, top - count + 1, &digit) + 1;
    for (int k = 0; k < count; k++) {
        const int i = place(d, top - k, &digit);
        words[i] += digits[k] * power_of_ten[digit];
    }
    strip(d);
}

/* The whole part, which has at most four words. */
static uint128_t whole(const struct decimal *d)
{
    uint128_t m = 0;

    for (int i = d->first; i < d->point; i++) {
        m = m * BASE + (i < d->end ? d->word[i] : 0);
    }
    return m;
}

static int bits_of(uint128_t m)
{
    const uint64_t high = (uint64_t)(m >> 64), low = (uint64_t)m;

    return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}

uint64_t decimal_to_binary(struct decimal *d, int *e, bool *rest)
{
    for (*e = 0;;) {
        const int bits = d->point - d->first > 4 ? 128 : bits_of(whole(d));
        if (bits == 64) {
            *rest = any_behind(d, d->point - 1);
            return (uint64_t)whole(d);
        }
        const int shift = bits > 64 ? (bits - 64 < 9 ? bits - 64 : 9) : 64 - bits < 29 ? 64 - bits : 29;
        if (bits > 64) {
            divide(d, shift);
            *e += shift;
        } else {
            multiply(d, shift);
            *e -= shift;
        }
    }
}
