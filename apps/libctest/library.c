/** @file library.c  setjmp, qsort, strings, math, errno, malloc, getline. */
#include "libctest.h"

#include <ctype.h>
#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf back;

static _Noreturn void jump(int value)
{
    longjmp(back, value);
}

static void check_setjmp(void)
{
    volatile double kept = 1.25;
    volatile int rounds = 0;

    switch (setjmp(back)) {
    case 0:
        rounds++;
        jump(7);
    case 7:
        rounds++;
        jump(0);                        /* becomes 1 */
    case 1:
        rounds++;
        break;
    default:
        CHECK(!"setjmp");
    }
    CHECK(rounds == 3 && kept == 1.25);
}

static int compare(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static void check_sort(void)
{
    static int numbers[1000];
    bool sorted = true;

    srand(1);
    for (int i = 0; i < 1000; i++) {
        numbers[i] = rand() % 500;
    }
    qsort(numbers, 1000, sizeof(int), compare);
    for (int i = 1; i < 1000; i++) {
        sorted &= numbers[i - 1] <= numbers[i];
    }
    CHECK(sorted);
    const int key = numbers[321];
    const int *const found = bsearch(&key, numbers, 1000, sizeof(int), compare);
    CHECK(found && *found == key);
}

static void check_strings(void)
{
    char text[32], *rest;

    CHECK(strcmp(strcpy(text, "one,two"), "one,two") == 0);
    CHECK(strcmp(strtok_r(text, ",", &rest), "one") == 0 && strcmp(strtok_r(NULL, ",", &rest), "two") == 0);
    CHECK(strstr("haystack", "st") && !strstr("haystack", "needle"));
    CHECK(strspn("aabbc", "ab") == 4 && strcspn("abc", "c") == 2);
    CHECK(memcmp("abc", "abd", 3) < 0 && strncmp("abc", "abd", 2) == 0);
    CHECK(toupper('a') == 'A' && isdigit('5') && !isalpha('5'));
    CHECK(strcmp(strerror(ENOENT), "No such file or directory") == 0);
    memcpy(text, "0123456789", 11);
    memmove(text + 2, text, 8);
    CHECK(strcmp(text, "0101234567") == 0);
    for (size_t from = 0; from < 8; from++) {           /* every alignment */
        unsigned char a[64], b[64];
        memset(a, (int)from, sizeof(a));
        memset(b, 0xff, sizeof(b));
        memcpy(b + from, a + 3, 40);
        CHECK(b[from] == from && b[from + 39] == from && b[from + 40] == 0xff);
    }
}

static void check_math(void)
{
    CHECK(sqrt(2.0) == 0x1.6a09e667f3bcdp0);
    CHECK(pow(2, 53) == 9007199254740992.0 && fmod(7, 3) == 1 && floor(-1.5) == -2);
    CHECK(fabs(sin(1.0) - 0.8414709848078965) < 1e-15 && fabs(exp(1.0) - 2.718281828459045) < 1e-15);
    CHECK(isnan(NAN) && isinf(HUGE_VAL) && !isfinite(INFINITY));
    CHECK((int)round(2.5) == 3 && lrint(3.5) == 4);
    CHECK((long double)1 / 3 * 3 == 1.0L);              /* in software, by libgcc */
}

static int order[3], ordered;

static void first(void)
{
    order[ordered++] = 1;
}

void test_library(void)
{
    check_setjmp();
    check_sort();
    check_strings();
    check_math();
    CHECK(atexit(first) == 0);
    CHECK(setenv("LIBCTEST", "value", 1) == 0 && strcmp(getenv("LIBCTEST"), "value") == 0);
    CHECK(unsetenv("LIBCTEST") == 0 && !getenv("LIBCTEST"));
    CHECK(labs(-5L) == 5 && div(7, 2).rem == 1 && atoi("42") == 42);
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

#define BLOCKS 200

static bool filled(const unsigned char *block, size_t bytes, unsigned char with)
{
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != with) {
            return false;
        }
    }
    return true;
}

/* All that a program could ask for, of which each has to be of the one heap. */
static void check_family(void)
{
    void *(*const volatile get)(size_t) = malloc;
    void *(*const volatile get_many)(size_t, size_t) = calloc;

    errno = 0;
    CHECK(!get(SIZE_MAX) && errno == ENOMEM && !get_many(SIZE_MAX / 2, 3));
    void *aligned = NULL;
    CHECK(posix_memalign(&aligned, 256, 100) == 0 && (uintptr_t)aligned % 256 == 0 && malloc_usable_size(aligned) >= 100);
    free(aligned);
    CHECK(posix_memalign(&aligned, 3, 100) == EINVAL && posix_memalign(&aligned, 24, 100) == EINVAL);
    aligned = valloc(10);
    CHECK(aligned && (uintptr_t)aligned % 4096 == 0);
    free(aligned);
    char *const grown = realloc(NULL, 10);
    CHECK(grown && strcpy(grown, "abcdefghi"));
    char *const moved = realloc(grown, 100000);
    CHECK(moved && strcmp(moved, "abcdefghi") == 0);
    CHECK(reallocarray(NULL, SIZE_MAX / 2, 4) == NULL && mallinfo().uordblks >= 100000);
    free(moved);
    unsigned char *const lazy = calloc(1, 256u << 20);      /* much more than is touched */
    CHECK(lazy && lazy[0] == 0 && lazy[200u << 20] == 0);
    free(lazy);
}

void test_memory(void)
{
    static unsigned char *block[BLOCKS];
    static size_t size[BLOCKS];
    bool aligned = true, intact = true, given = true;

    srand(2);
    for (unsigned round = 0; round < 5000; round++) {
        const unsigned i = (unsigned)rand() % BLOCKS;
        if (block[i]) {
            intact &= filled(block[i], size[i], (unsigned char)i);
            free(block[i]);
        }
        size[i] = (size_t)rand() % (round % 10 == 0 ? 20000 : 300) + 1;
        block[i] = malloc(size[i]);
        given &= block[i] != NULL;
        aligned &= (uintptr_t)block[i] % 8 == 0;
        if (block[i]) {
            memset(block[i], (int)i, size[i]);
        }
    }
    CHECK(given && aligned && intact);
    for (unsigned i = 0; i < BLOCKS; i++) {
        free(block[i]);
    }
    unsigned char *large = malloc(32u << 20);
    CHECK(large != NULL);
    if (large) {
        memset(large, 5, 32u << 20);
        CHECK(filled(large, 32u << 20, 5));
        large = realloc(large, 1000);
        CHECK(large && filled(large, 1000, 5));
    }
    free(large);
    unsigned char *const zero = calloc(1000, 3);
    CHECK(zero && filled(zero, 3000, 0));
    free(zero);
    void *(*const volatile get)(size_t) = malloc;       /* the compiler thinks that malloc always works, and sets no errno */
    errno = 0;
    CHECK(!get((size_t)1 << 45) && errno == ENOMEM);
    void *const page = aligned_alloc(4096, 8192);
    CHECK(page && (uintptr_t)page % 4096 == 0);
    free(page);
    check_family();
}
