/** @file history.c  Contract in history.h. */
#include "history.h"

#include <os/string.h>
#include <stdbool.h>

/* Forget the oldest line. */
static void drop(struct history *h)
{
    const size_t bytes = strlen(h->text) + 1;

    h->used -= bytes;
    memmove(h->text, h->text + bytes, h->used);
    h->count--;
    h->dropped++;
}

static bool blank(const char *line, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (line[i] != ' ') {
            return false;
        }
    }
    return true;
}

void history_add(struct history *h, const char *line, size_t bytes)
{
    size_t latest_bytes;
    const char *latest = history_line(h, 0, &latest_bytes);

    if (bytes >= HISTORY_BYTES || blank(line, bytes) ||
        (latest && latest_bytes == bytes && memcmp(latest, line, bytes) == 0)) {
        return;
    }
    while (h->used + bytes + 1 > HISTORY_BYTES) {
        drop(h);
    }
    memcpy(h->text + h->used, line, bytes);
    h->text[h->used + bytes] = '\0';
    h->used += bytes + 1;
    h->count++;
}

const char *history_line(const struct history *h, unsigned back, size_t *bytes)
{
    if (back >= h->count) {
        return NULL;
    }
    size_t end = h->used - 1;                   /* the terminator of the line that is looked at */
    for (;; back--) {
        size_t start = end;
        while (start > 0 && h->text[start - 1] != '\0') {
            start--;
        }
        if (back == 0) {
            *bytes = end - start;
            return h->text + start;
        }
        end = start - 1;
    }
}
