/** @file lib_test.c  core/lib.c against loops of one byte, and strtoul against the C library's. */
#include "test.h"

#include <errno.h>
#include <limits.h>

static unsigned long libc_strtoul(const char *s, char **end, int base)
{
    return strtoul(s, end, base);
}

/* The kernel's functions under names of their own, so that the C library's stay for the harness. */
#define memcpy  k_memcpy
#define memmove k_memmove
#define memset  k_memset
#define memcmp  k_memcmp
#define memchr  k_memchr
#define strlen  k_strlen
#define strnlen k_strnlen
#define strcmp  k_strcmp
#define strncmp k_strncmp
#define strchr  k_strchr
#define strrchr k_strrchr
#define strtoul k_strtoul
#include "../../cpudriver/core/lib.c"

#define BYTES 96

static void fill(uint8_t *b, uint64_t *seed)
{
    for (size_t i = 0; i < BYTES; i++) {
        b[i] = (uint8_t)test_random(seed);
    }
}

static void expect_same(const uint8_t *got, const uint8_t *want, const char *what, size_t d, size_t s, size_t n)
{
    for (size_t i = 0; i < BYTES; i++) {
        EXPECT_EQ(got[i], want[i], "%s: byte %zu, to %zu from %zu, %zu bytes", what, i, d, s, n);
    }
}

/** Every alignment of both ends and every short length, for memmove also every overlap. */
TEST(lib, copies)
{
    uint64_t seed = test_seed();
    _Alignas(8) uint8_t from[BYTES], got[BYTES], want[BYTES];
    for (size_t d = 0; d < 24; d++) {
        for (size_t s = 0; s < 24; s++) {
            for (size_t n = 0; n <= 48; n += 1 + (n > 20) * 5) {
                fill(from, &seed);
                fill(got, &seed);
                for (size_t i = 0; i < BYTES; i++) {
                    want[i] = i >= d && i < d + n ? from[s + i - d] : got[i];
                }
                EXPECT(memcpy(got + d, from + s, n) == got + d, "returns where to");
                expect_same(got, want, "memcpy", d, s, n);

                for (size_t i = 0; i < BYTES; i++) {
                    want[i] = i >= d && i < d + n ? from[s + i - d] : from[i];
                }
                EXPECT(memmove(from + d, from + s, n) == from + d, "returns where to");
                expect_same(from, want, "memmove", d, s, n);
            }
        }
    }
}

TEST(lib, sets)
{
    uint64_t seed = test_seed();
    _Alignas(8) uint8_t got[BYTES], want[BYTES];
    for (size_t d = 0; d < 16; d++) {
        for (size_t n = 0; n <= 80; n++) {
            fill(got, &seed);
            const int c = (int)test_random(&seed);
            for (size_t i = 0; i < BYTES; i++) {
                want[i] = i >= d && i < d + n ? (uint8_t)c : got[i];
            }
            EXPECT(memset(got + d, c, n) == got + d, "returns where to");
            expect_same(got, want, "memset", d, 0, n);
        }
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

TEST(lib, compares)
{
    EXPECT_EQ(memcmp("abc", "abd", 2), 0, "only two");
    EXPECT(memcmp("abc", "abd", 3) < 0, "third");
    EXPECT(memcmp("\x80", "\x01", 1) > 0, "bytes have no sign");
    EXPECT_EQ(memcmp("a", "b", 0), 0, "none");
    const char *const words[] = { "", "a", "ab", "abc", "b", "\x80" };
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
            EXPECT(sign(strcmp(words[i], words[j])) == sign(i - j), "%s %s", words[i], words[j]);
            EXPECT(sign(strncmp(words[i], words[j], 9)) == sign(i - j), "%s %s", words[i], words[j]);
        }
    }
    EXPECT_EQ(strncmp("abc", "abd", 2), 0, "only two");
    EXPECT_EQ(strncmp("abc", "xyz", 0), 0, "none");
}

TEST(lib, searches)
{
    const char *s = "hello";
    EXPECT(memchr(s, 'l', 5) == s + 2, "first");
    EXPECT(memchr(s, 'l', 2) == NULL, "not so far");
    EXPECT(memchr(s, 0, 6) == s + 5, "the end");
    EXPECT(memchr("\xff", -1, 1) != NULL, "a byte, whatever the sign");
    EXPECT(strchr(s, 'l') == s + 2 && strrchr(s, 'l') == s + 3, "first and last");
    EXPECT(strchr(s, 0) == s + 5 && strrchr(s, 0) == s + 5, "the end counts");
    EXPECT(strchr(s, 'x') == NULL && strrchr(s, 'x') == NULL, "none");
    EXPECT_EQ(strlen(s), 5, "length");
    EXPECT_EQ(strlen(""), 0, "length");
    EXPECT(strnlen(s, 3) == 3 && strnlen(s, 9) == 5 && strnlen(s, 0) == 0, "bounded");
}

TEST(lib, numbers)
{
    const char *const texts[] = {
        "0", "7", "08", "0x1F", "1f", "0x", "0xg", "ffffffffffffffff", "10000000000000000", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999", "zz", "", "12,3", "00a",
    };
    const int bases[] = { 0, 10, 16, 8, 36, 2 };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t b = 0; b < 6; b++) {
            char *end, *want_end;
            const unsigned long want = libc_strtoul(texts[i], &want_end, bases[b]);
            EXPECT_EQ(strtoul(texts[i], &end, bases[b]), want, "\"%s\" base %d", texts[i], bases[b]);
            EXPECT(end == want_end, "\"%s\" base %d: ends at %td, wanted %td", texts[i], bases[b], end - texts[i],
                   want_end - texts[i]);
        }
    }
    EXPECT_EQ(strtoul("12", NULL, 10), 12, "nobody asks for the end");
}
