/**
 * @file decimal.h  Exact decimal numbers, for printf and strtod: a binary fraction has finitely many decimal digits.
 *
 * Words of nine digits, the most significant first.  word[point - 1] is the one with the units, so word[i] counts
 * 10^(9 (point - 1 - i)).  D1: all words outside first … end - 1 are zero.  D2: word[first] is not, unless the number is zero.
 */
#ifndef NUMBER_DECIMAL_H
#define NUMBER_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 uint128_t;

/** Words that decimal_set() needs: 53 bits with exponents from -1074 to 971; 113 bits, from -16494 to 16271. */
#define DECIMAL_DOUBLE_WORDS      132
#define DECIMAL_LONG_DOUBLE_WORDS 1845

struct decimal {
    uint32_t *word;                     /* capacity of them, the caller's */
    int capacity, first, end, point;
};

/** @p m times 2 to the @p e.  Cost: O(e squared), divided by some 250 */
void decimal_set(struct decimal *d, uint32_t *words, int capacity, uint128_t m, int e);

static inline bool decimal_zero(const struct decimal *d)
{
    return d->first >= d->end;
}

/** Of a number that is not zero: the power of ten that its first digit counts. */
int decimal_top(const struct decimal *d);

/** The digit that counts ten to the @p power; 0 outside the number. */
unsigned decimal_digit(const struct decimal *d, int power);

/** Round to a multiple of ten to the @p power, half to even. */
void decimal_round(struct decimal *d, int power);

/** @p digits (0 to 9 each), the first of which counts ten to the @p top.  Capacity for decimal_to_binary(): below. */
void decimal_from_digits(struct decimal *d, uint32_t *words, int capacity, int point, const uint8_t *digits, int count,
                         int top);

/** Of a number that is not zero: the largest @p e with value = (m + x) 2^e, 2^63 <= m, 0 <= x < 1.
 * @param rest  is x above 0?
 * @return m.  Destroys the number.  It needs a word for every nine bits that are shifted out to the right */
uint64_t decimal_to_binary(struct decimal *d, int *e, bool *rest);

#endif
