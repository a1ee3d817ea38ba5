/** @file complete.c  Contract in complete.h. */
#include "complete.h"

#include <os/string.h>

static bool plain(const char *word)
{
    size_t bytes = 0;

    for (; word[bytes]; bytes++) {
        if (word[bytes] <= ' ' || word[bytes] > '~' || strchr("\"\\;&", word[bytes])) {
            return false;
        }
    }
    return bytes > 0 && bytes <= COMPLETE_MOST && *word != '#';
}

bool complete_word(struct completion *c, const char *line, size_t cursor)
{
    bool special = false;
    char quote = 0;
    size_t start = 0;

    c->command = true;
    for (size_t i = 0; i < cursor; i++) {
        if (line[i] == '\\' && quote != '\'') {
            special = true;
            i++;
        } else if ((line[i] == '"' || line[i] == '\'') && (!quote || quote == line[i])) {
            special = true;
            quote ^= line[i];
        } else if (!quote && (line[i] == ';' || line[i] == '&')) {
            c->command = true;
            start = i + 1, special = false;
        } else if (!quote && line[i] == ' ') {
            c->command &= start == i;           /* blanks before the command */
            start = i + 1, special = false;
        }
    }
    c->prefix = line + start;
    c->bytes = cursor - start;
    return !special;
}

const char *complete_next(const struct completion *c, const char *after)
{
    const char *best = NULL, *word;

    for (unsigned i = 0; (word = c->candidate(c->state, c->command, i)) != NULL; i++) {
        if (strncmp(word, c->prefix, c->bytes) == 0 && plain(word) && (!after || strcmp(word, after) > 0) &&
            (!best || strcmp(word, best) < 0)) {
            best = word;
        }
    }
    return best;
}

size_t complete_common(const struct completion *c, unsigned *count)
{
    const char *first = complete_next(c, NULL);
    size_t common = first ? strlen(first) : 0;

    *count = 0;
    for (const char *word = first; word; word = complete_next(c, word)) {
        size_t same = 0;
        while (same < common && word[same] == first[same]) {
            same++;
        }
        common = same;
        ++*count;
    }
    return common;
}
