/**
 * @file main.c  A program with 512 MiB of BSS.  bigbss N: touches N of its pages, far apart; status 0 if each was zero before
 * and keeps what was written.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS (64u * 1024 * 1024)

static uint64_t large[WORDS];

int main(int argc, char **argv)
{
    const uint64_t pages = argc > 1 ? strtoul(argv[1], NULL, 10) : 3, step = (WORDS - 1) / (pages > 1 ? pages - 1 : 1);
    volatile uint64_t *const word = large;

    for (uint64_t i = 0; i < pages; i++) {
        if (word[step * i] != 0) {
            printf("bigbss: word %lu is not zero\n", (unsigned long)(step * i));
            return 1;
        }
        word[step * i] = i + 1;
    }
    for (uint64_t i = 0; i < pages; i++) {
        if (word[step * i] != i + 1) {
            printf("bigbss: word %lu is lost\n", (unsigned long)(step * i));
            return 1;
        }
    }
    return 0;
}
