/** @file menu.c  Contracts in menu.h. */
#include "menu.h"
#include <os/string.h>

static bool says_nothing(const char *text, size_t bytes)
{
    while (bytes > 0 && (*text == ' ' || *text == '\t' || *text == '\r')) {
        text++, bytes--;
    }
    return bytes == 0 || *text == '#';
}

static const char *read_core(const char *digits, unsigned *core)
{
    unsigned number = 0;

    if (!*digits) {
        return "no core's number follows @";
    }
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9') {
            return "what follows @ is no core's number";
        }
        number = number * 10 + (unsigned)(*digits - '0');
        if (number >= MENU_CORES) {
            return "the core's number is too large";
        }
    }
    *core = number;
    return NULL;
}

/* The switch of the entry that @p word turns on, or NULL. */
static bool *keyword(const char *word, struct menu_entry *entry)
{
    return strcmp(word, "respawn") == 0   ? &entry->respawn
           : strcmp(word, "last") == 0    ? &entry->last
           : strcmp(word, "console") == 0 ? &entry->console
           : strcmp(word, "manager") == 0 ? &entry->manager
                                          : NULL;
}

static const char *read_entry(const struct words *w, struct menu_entry *entry)
{
    unsigned at = 0;

    entry->core = MENU_ANY_CORE;
    if (at < w->count && w->word[at][0] == '@') {
        const char *wrong = read_core(w->word[at++] + 1, &entry->core);
        if (wrong) {
            return wrong;
        }
    }
    for (bool *on; at < w->count && (on = keyword(w->word[at], entry)); at++) {
        if (*on) {
            return "a word before the program's name stands there twice";
        }
        *on = true;
    }
    if (entry->respawn && entry->last) {
        return "what is the last to end is not started again";
    }
    if (at == w->count) {
        return "it names no program";
    }
    if (w->word[at][0] == '@') {
        return "@ and a core's number stand once, before all else";
    }
    if (!w->word[at][0]) {
        return "the program's name is empty";
    }
    entry->count = w->count - at;
    entry->word = w->word + at;
    return NULL;
}

static const char *read_line(const char *text, size_t bytes, struct words *buffer, struct menu_entry *entry)
{
    const char *rest, *wrong = split_words(text, bytes, buffer, &rest);

    if (wrong) {
        return wrong;
    }
    if (rest) {
        return "one program to a line: quote the semicolon";
    }
    return read_entry(buffer, entry);
}

bool menu_next(struct menu *menu, struct words *buffer, struct menu_entry *entry)
{
    while (menu->at < menu->end) {
        const char *const text = menu->at, *const found = memchr(text, '\n', (size_t)(menu->end - text));
        const char *const line_end = found ? found : menu->end;
        menu->line++;
        menu->at = found ? found + 1 : menu->end;
        if (!says_nothing(text, (size_t)(line_end - text))) {
            *entry = (struct menu_entry){ .line = menu->line };
            entry->wrong = read_line(text, (size_t)(line_end - text), buffer, entry);
            return true;
        }
    }
    return false;
}
