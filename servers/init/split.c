/** @file split.c  A line into words; contracts in commands.h. */
#include "commands.h"
#include <os/string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

const char *command_split(const char *text, size_t bytes, char buffer[COMMAND_BYTES], const char *words[COMMAND_WORDS],
                          unsigned *count, const char **rest)
{
    const char *const end = text + bytes;
    size_t used = 0;
    bool quoted = false, in_word = false;

    *count = 0;
    *rest = NULL;
    for (; text < end; text++) {
        if (!quoted && (*text == ';' || *text == '\n')) {
            *rest = text + 1;
            break;
        }
        if (quoted && *text == '\n') {
            return "a quote has no end";
        }
        if ((unsigned char)*text < ' ' && !blank(*text)) {
            return "it has a character that is not text";
        }
        if (!quoted && blank(*text)) {
            if (in_word) {
                buffer[used++] = 0;
                in_word = false;
            }
            continue;
        }
        if (!in_word) {
            if (*count == COMMAND_WORDS) {
                return "it has too many words";
            }
            words[(*count)++] = buffer + used;
            in_word = true;
        }
        if (*text == '"') {
            quoted = !quoted;
            continue;
        }
        if (used >= COMMAND_BYTES - COMMAND_WORDS) {        /* room for the terminators that are still to come */
            return "it is too long";
        }
        buffer[used++] = *text;
    }
    if (quoted) {
        return "a quote has no end";
    }
    if (in_word) {
        buffer[used] = 0;
    }
    return NULL;
}

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
