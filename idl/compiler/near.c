#include "near.h"

#include <stddef.h>
#include <string.h>

#define LENGTH_MAX 32u

struct near near_start(const char *wanted)
{
    return (struct near){ .wanted = wanted };
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and exchanges of neighbours that make @p a into @p b. */
static unsigned distance_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned row[3][LENGTH_MAX + 1];                /* of the last two prefixes of a, and of this one */

    for (size_t j = 0; j <= b_length; j++) {
        row[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return row[a_length % 3][b_length];
}

void near_try(struct near *n, const char *name)
{
    const size_t wanted = strlen(n->wanted), length = strlen(name);

    if (wanted > LENGTH_MAX || length > LENGTH_MAX) {
        return;
    }
    const unsigned distance = distance_of(n->wanted, wanted, name, length);
    if (distance <= (wanted + 2) / 4 && (!n->best || distance < n->distance)) {
        n->best = name;
        n->distance = distance;
    }
}
