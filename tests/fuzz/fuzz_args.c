/* fuzz_args.c  Any bytes as command lines: each split keeps the promises of os/args.h, and quoting what it found in the
 * plainest way gives the same words again. */
#include <os/args.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(int cond)
{
    if (!cond) {
        abort();
    }
}

/* Every character behind a backslash, every word in quotes. */
static size_t quote(char *to, const struct words *w)
{
    size_t at = 0;

    for (unsigned i = 0; i < w->count; i++) {
        to[at++] = '"';
        for (const char *c = w->word[i]; *c; c++) {
            to[at++] = '\\';
            to[at++] = *c;
        }
        to[at++] = '"';
        to[at++] = ' ';
    }
    return at;
}

static void check_again(const struct words *w)
{
    static char text[2 * WORDS_BYTES + 3 * WORDS_MAX];
    static struct words again;
    const char *rest;

    must(!split_words(text, quote(text, w), &again, &rest) && !rest && again.count == w->count);
    for (unsigned i = 0; i < w->count; i++) {
        must(strcmp(again.word[i], w->word[i]) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *at = (const char *)data, *const end = at + bytes;

    while (at && at < end) {
        struct words w;
        const char *rest, *wrong = split_words(at, (size_t)(end - at), &w, &rest);
        must(w.count <= WORDS_MAX && !w.word[w.count]);
        must(!wrong || (w.count == 0 && !rest));
        must(!rest || (rest > at && rest <= end));
        for (unsigned i = 0; i < w.count; i++) {
            must(w.word[i] >= w.text && w.word[i] + strlen(w.word[i]) < w.text + WORDS_BYTES);
        }
        check_again(&w);
        at = rest;
    }
    return 0;
}
