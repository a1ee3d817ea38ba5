/** @file split.c  Contract in os/args.h. */
#include <os/args.h>

struct splitter {
    const char *at, *end;
    struct words *out;
    size_t used;                /* of out->text */
    bool in_word;
    char quote;                 /* the one that is open, or 0 */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *begin_word(struct splitter *s)
{
    if (!s->in_word) {
        if (s->out->count == WORDS_MAX) {
            return "it has too many words";
        }
        s->out->word[s->out->count++] = s->out->text + s->used;
        s->in_word = true;
    }
    return NULL;
}

static const char *add(struct splitter *s, char c)
{
    if ((unsigned char)c < ' ' && !blank(c)) {
        return "it has a character that is not text";
    }
    const char *wrong = begin_word(s);
    if (wrong) {
        return wrong;
    }
    if (s->used >= WORDS_BYTES - 1) {           /* the last byte is for a terminator */
        return "it is too long";
    }
    s->out->text[s->used++] = c;
    return NULL;
}

static const char *end_word(struct splitter *s)
{
    if (s->in_word) {
        s->in_word = false;
        if (s->used >= WORDS_BYTES) {
            return "it is too long";
        }
        s->out->text[s->used++] = '\0';
    }
    return NULL;
}

/* Take one character, or two with a backslash. */
static const char *step(struct splitter *s)
{
    const char c = *s->at++;

    if (c == '\\' && s->quote != '\'') {
        if (s->at == s->end || *s->at == '\n') {
            return "nothing follows a backslash";
        }
        return add(s, *s->at++);
    }
    if ((c == '"' || c == '\'') && (!s->quote || s->quote == c)) {
        s->quote ^= c;
        return begin_word(s);                   /* "" is a word */
    }
    return blank(c) && !s->quote ? end_word(s) : add(s, c);
}

static const char *split(struct splitter *s, const char **rest)
{
    while (s->at < s->end) {
        if (*s->at == '\n' && s->quote) {
            break;
        }
        if (!s->quote && (*s->at == ';' || *s->at == '\n')) {
            *rest = s->at + 1;
            break;
        }
        const char *wrong = step(s);
        if (wrong) {
            return wrong;
        }
    }
    return s->quote ? "a quote has no end" : end_word(s);
}

const char *split_words(const char *text, size_t bytes, struct words *words, const char **rest)
{
    struct splitter s = { .at = text, .end = text + bytes, .out = words };

    words->count = 0;
    *rest = NULL;
    const char *wrong = split(&s, rest);
    if (wrong) {
        words->count = 0;
        *rest = NULL;
    }
    words->word[words->count] = NULL;
    return wrong;
}
