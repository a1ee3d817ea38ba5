/** @file number.c  Numbers in commands; contract in commands.h. */
#include "commands.h"
#include <os/string.h>

bool parse_number(const char *word, unsigned long *value)
{
    const bool hex = strncmp(word, "0x", 2) == 0;
    const unsigned long base = hex ? 16 : 10;

    *value = 0;
    word += hex ? 2 : 0;
    if (!*word) {
        return false;
    }
    for (; *word; word++) {
        const char c = *word;
        const unsigned long digit = c >= '0' && c <= '9' ? (unsigned long)(c - '0')
                                    : hex && c >= 'a' && c <= 'f' ? (unsigned long)(c - 'a') + 10
                                    : hex && c >= 'A' && c <= 'F' ? (unsigned long)(c - 'A') + 10 : base;
        if (digit >= base || *value > (~0ul - digit) / base) {
            return false;
        }
        *value = *value * base + digit;
    }
    return true;
}
