/** @file number_test.c  printf's floating-point conversions and strtod against those of the build machine, at random. */
#include "test.h"

#include <errno.h>
#include <math.h>

#define strtod shoal_strtod
#define strtof shoal_strtof
double shoal_strtod(const char *restrict text, char **restrict end);
float shoal_strtof(const char *restrict text, char **restrict end);
#include "../../libos/posix/number/strtod.c"
#undef strtod
#undef strtof

#include "../../libos/posix/number/float_text.c"

/* The width is vfprintf.c's, and tried on the target. */
void out_field(struct out *o, const struct spec *s, const char *prefix, long body, void (*emit)(struct out *, void *), void *arg)
{
    (void)s;
    emit_text(o, (void *)(uintptr_t)prefix);
    const size_t before = o->count;
    emit(o, arg);
    EXPECT_EQ(o->count - before, body, "length of a conversion");
}

static uint64_t bits_of_double(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Random bits, or near a power of two or ten, or of few digits. */
static double random_double(uint64_t *state)
{
    const uint64_t r = test_random(state);
    double value;

    switch (r % 4) {
    case 0: value = double_of(test_random(state)); break;
    case 1: value = ldexp(1, (int)(r >> 8) % 1070) * (1 + (double)(r >> 40 & 3) * 0x1p-52); break;
    case 2: value = (double)(int64_t)(test_random(state) >> (r >> 8) % 60) / 8; break;
    default: value = pow(10, (int)(r >> 8) % 300) * (double)(r >> 50); break;
    }
    return isfinite(value) ? value : 0.5;
}

static void check_print(double value, char conversion, int precision, bool alternative)
{
    char format[16], wanted[2000], got[2000] = "";
    struct spec s = { .sign = "", .precision = precision, .conversion = conversion, .alternative = alternative };
    FILE *const file = fmemopen(got, sizeof(got), "w");
    struct out o = { .file = file };

    snprintf(format, sizeof(format), alternative ? "%%#.*%c" : "%%.*%c", conversion);
    snprintf(wanted, sizeof(wanted), format, precision, value);
    float_double(&o, &s, value);
    fclose(file);
    EXPECT(strcmp(got, wanted) == 0, "%s of %a, precision %d: got %s, wanted %s", format, value, precision, got, wanted);
}

TEST(number, prints)
{
    uint64_t state = test_seed() * 1234567 + 1;

    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t r = test_random(&state);
        check_print(random_double(&state), "eEfFgG"[r % 6], (int)(r >> 8) % (r >> 20 & 1 ? 30 : 5), r >> 21 & 1);
    }
    check_print(double_of(1), 'e', 760, false);
    check_print(double_of(1), 'f', 1080, false);
    check_print(1.7976931348623157e308, 'f', 3, false);
    check_print(0, 'g', 5, true);
}

TEST(number, prints_hexadecimal)
{
    uint64_t state = test_seed() + 99;

    for (unsigned i = 0; i < 5000; i++) {
        const double value = random_double(&state);
        if (isnormal(value)) {                          /* others begin with another digit there */
            check_print(value, 'a', (int)(test_random(&state) % 10) + 4, false);
        }
    }
}

static void check_read(const char *text)
{
    char *got_end, *wanted_end;

    errno = 0;
    const double wanted = strtod(text, &wanted_end);
    const int wanted_errno = errno;
    errno = 0;
    const double got = shoal_strtod(text, &got_end);
    const int got_errno = errno;
    EXPECT(bits_of_double(got) == bits_of_double(wanted) || (isnan(got) && isnan(wanted)), "\"%s\": got %a, wanted %a", text, got,
           wanted);
    EXPECT(got_end == wanted_end, "\"%s\": %td characters, wanted %td", text, got_end - text, wanted_end - text);
    EXPECT(got_errno == wanted_errno, "\"%s\": errno %d, wanted %d", text, got_errno, wanted_errno);
    const float single = shoal_strtof(text, NULL), wanted_single = strtof(text, NULL);
    EXPECT(memcmp(&single, &wanted_single, sizeof(single)) == 0 || isnan(single), "\"%s\" as float: got %a, wanted %a", text,
           (double)single, (double)wanted_single);
}

TEST(number, reads)
{
    uint64_t state = test_seed() * 31 + 7;
    char text[1200];

    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t r = test_random(&state);
        snprintf(text, sizeof(text), r & 1 ? "%.*e" : "%.*g", (int)(r >> 8) % 40, random_double(&state));
        check_read(text);
    }
}

/* Halfway between two doubles, exactly, and a little off: only all of the digits decide. */
TEST(number, reads_halves)
{
    uint64_t state = test_seed() * 77 + 5;
    char text[1200];

    for (unsigned i = 0; i < 500; i++) {
        const double a = fabs(random_double(&state)), b = nextafter(a, INFINITY);
        if (a < 0x1p-1000 || a > 0x1p1000) {
            continue;
        }
        const long double half = ((long double)a + (long double)b) / 2;         /* x87: exact */
        const int length = snprintf(text, sizeof(text) - 2, "%.800Le", half);
        check_read(text);
        char *const e = strchr(text, 'e');
        memmove(e + 1, e, (size_t)(text + length - e) + 1);
        *e = (char)('0' + i % 10);
        check_read(text);
    }
}

TEST(number, reads_anything)
{
    static const char alphabet[] = "0123456789.eE+-xXpPabfinNIty() ";
    uint64_t state = test_seed() * 3 + 11;
    char text[40];

    for (unsigned i = 0; i < 50000; i++) {
        const unsigned length = (unsigned)(test_random(&state) % 20);
        for (unsigned k = 0; k < length; k++) {
            text[k] = alphabet[test_random(&state) % (sizeof(alphabet) - 1)];
        }
        text[length] = '\0';
        check_read(text);
    }
    check_read("0x1.fffffffffffff7ffffffffffffffffffp1023");
    check_read("0x0.00000000000000000000000000000000000000000001p200");
    check_read("0x1p99999999999999999999");
    check_read("1e-99999999999999999999");
}
