/* fuzz_menu.c  Any bytes as menu.lst: every line that says something is told of once, and entries keep the promises of
 * menu.h. */
#include "menu.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool cond)
{
    if (!cond) {
        abort();
    }
}

static void check_entry(const struct menu_entry *e, const struct words *buffer)
{
    must(e->count > 0 && e->count <= WORDS_MAX && !e->word[e->count]);
    must(e->core < MENU_CORES || e->core == MENU_ANY_CORE);
    must(e->word[0][0] != '\0' && e->word[0][0] != '@');
    must(e->word >= buffer->word && e->word + e->count == buffer->word + buffer->count);
    must((unsigned)(e->word - buffer->word) == (unsigned)(e->core != MENU_ANY_CORE) + e->respawn);
    for (unsigned i = 0; i < e->count; i++) {
        must(e->word[i] >= buffer->text && e->word[i] + strlen(e->word[i]) < buffer->text + WORDS_BYTES);
    }
}

struct lines {
    const char *at, *end;
    unsigned line;
};

/* Go on to the next line that says something.  @return its number, 0: none */
static unsigned next_line(struct lines *l)
{
    while (l->at < l->end) {
        bool blank = true, comment = false;
        for (; l->at < l->end && *l->at != '\n'; l->at++) {
            comment |= blank && *l->at == '#';
            blank &= *l->at == ' ' || *l->at == '\t' || *l->at == '\r';
        }
        l->at += l->at < l->end;
        l->line++;
        if (!blank && !comment) {
            return l->line;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *const text = (const char *)data;
    struct lines lines = { .at = text, .end = text + bytes };
    struct words buffer;
    struct menu_entry e;
    struct menu menu;

    menu_open(&menu, text, bytes);
    while (menu_next(&menu, &buffer, &e)) {
        must(e.line == next_line(&lines));
        if (!e.wrong) {
            check_entry(&e, &buffer);
        }
    }
    must(next_line(&lines) == 0);
    return 0;
}
