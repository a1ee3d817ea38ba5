/* args_test.c  Command lines into words: what each rule says, each refusal, and random words quoted at random. */
#include "test.h"

#include <os/args.h>

static const char *split(const char *text, struct words *w, const char **rest)
{
    return split_words(text, strlen(text), w, rest);
}

static const struct {
    const char *text;
    unsigned count;
    const char *word[4];
    const char *rest;           /* NULL: the text's end */
} accepted[] = {
    { "", 0, { 0 }, NULL },
    { "  \t\r ", 0, { 0 }, NULL },
    { "one", 1, { "one" }, NULL },
    { " one  two\tthree ", 3, { "one", "two", "three" }, NULL },
    { "hello one \"two three\"", 3, { "hello", "one", "two three" }, NULL },
    { "a;b c", 1, { "a" }, "b c" },
    { "a \n b", 1, { "a" }, " b" },
    { ";a", 0, { 0 }, "a" },
    { "a;", 1, { "a" }, "" },
    { "\"a;b\" c", 2, { "a;b", "c" }, NULL },
    { "\"\"", 1, { "" }, NULL },
    { "a \"\" b", 3, { "a", "", "b" }, NULL },
    { "a\"b c\"d", 1, { "ab cd" }, NULL },
    { "\"a\"\"b\"", 1, { "ab" }, NULL },
    { "a\\ b", 1, { "a b" }, NULL },
    { "\\\"a\\\\", 1, { "\"a\\" }, NULL },
    { "\"a\\\"b\"", 1, { "a\"b" }, NULL },
    { "a\\;b", 1, { "a;b" }, NULL },
    { "a\\b", 1, { "ab" }, NULL },
    { "'a b' ''", 2, { "a b", "" }, NULL },
    { "'a;b\\';c", 1, { "a;b\\" }, "c" },
    { "'say \"so\"' \"it's\"", 2, { "say \"so\"", "it's" }, NULL },
    { "it\\'s a'b'\"c\"", 2, { "it's", "abc" }, NULL },
    { "\xc3\xa4", 1, { "\xc3\xa4" }, NULL },
};

TEST(args, splits)
{
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        struct words w;
        const char *rest, *wrong = split(accepted[i].text, &w, &rest);
        EXPECT(!wrong, "<%s>: %s", accepted[i].text, wrong);
        EXPECT_EQ(w.count, accepted[i].count, "<%s>", accepted[i].text);
        EXPECT(w.word[w.count] == NULL, "<%s>: end of the list", accepted[i].text);
        for (unsigned n = 0; n < w.count && n < accepted[i].count; n++) {
            EXPECT(strcmp(w.word[n], accepted[i].word[n]) == 0, "<%s>: word %u <%s>", accepted[i].text, n, w.word[n]);
        }
        const char *want = accepted[i].rest;
        EXPECT(want ? rest && strcmp(rest, want) == 0 : !rest, "<%s>: rest", accepted[i].text);
    }
}

static const struct {
    const char *text, *want;
} refused[] = {
    { "\"a", "a quote has no end" },
    { "a\"", "a quote has no end" },
    { "\"a\nb\"", "a quote has no end" },
    { "\"a\\\"", "a quote has no end" },
    { "it's", "a quote has no end" },
    { "'a\\'b'", "a quote has no end" },
    { "'a\nb'", "a quote has no end" },
    { "a\\", "nothing follows a backslash" },
    { "a\\\nb", "nothing follows a backslash" },
    { "a\001", "it has a character that is not text" },
    { "\"\033\"", "it has a character that is not text" },
    { "\\\013", "it has a character that is not text" },
};

TEST(args, refuses)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct words w;
        const char *rest = "x", *wrong = split(refused[i].text, &w, &rest);
        EXPECT(wrong && strcmp(wrong, refused[i].want) == 0, "<%s>: <%s>", refused[i].text, wrong ? wrong : "accepted");
        EXPECT(w.count == 0 && !w.word[0] && !rest, "<%s>: as if empty", refused[i].text);
    }
    struct words w;
    const char *rest, *wrong = split_words("a\0b", 3, &w, &rest);
    EXPECT(wrong && strcmp(wrong, "it has a character that is not text") == 0, "NUL: %s", wrong ? wrong : "accepted");
}

/* Neither count is off by one. */
TEST(args, limits)
{
    char text[2 * WORDS_BYTES];
    struct words w;
    const char *rest;

    for (unsigned n = WORDS_MAX - 1; n <= WORDS_MAX + 1; n++) {
        memset(text, 0, sizeof(text));
        for (unsigned i = 0; i < n; i++) {
            memcpy(text + 2 * i, "x ", 2);
        }
        const char *wrong = split(text, &w, &rest);
        EXPECT((wrong != NULL) == (n > WORDS_MAX), "%u words: %s", n, wrong ? wrong : "accepted");
    }
    for (unsigned n = WORDS_BYTES - 2; n <= WORDS_BYTES + 1; n++) {
        memset(text, 'x', n);
        text[n] = '\0';
        const char *wrong = split(text, &w, &rest);
        EXPECT((wrong != NULL) == (n > WORDS_BYTES - 1), "%u characters: %s", n, wrong ? wrong : "accepted");
        if (!wrong) {
            EXPECT_EQ(strlen(w.word[0]), n, "all of them");
        }
    }
    for (unsigned n = WORDS_BYTES - 4; n <= WORDS_BYTES; n++) {     /* an empty word at the very end */
        memset(text, 'x', n);
        memcpy(text + n, " \"\"", 4);
        const char *wrong = split(text, &w, &rest);
        EXPECT((wrong != NULL) == (n > WORDS_BYTES - 2), "%u characters and an empty word: %s", n, wrong);
    }
}

/* --- words quoted at random --- */

static uint64_t state;

static unsigned any(unsigned below)
{
    return (unsigned)(test_random(&state) % below);
}

static void random_word(char word[32])
{
    static const char letters[] = "abcXYZ019 \t\r;\"\\'#$=-/\xc3\xa4\x7f";
    const unsigned length = any(8) ? any(12) : 0;

    for (unsigned i = 0; i < length; i++) {
        word[i] = letters[any(sizeof(letters) - 1)];
    }
    word[length] = '\0';
}

/* One of the ways to write @p word down. */
static char *quote(char *to, const char *word)
{
    char open = !*word || any(2) ? '"' : 0;

    *to = open;
    to += open != 0;
    for (; *word; word++) {
        if (!any(6) || (open == '\'' && *word == '\'')) {
            *to = open;
            to += open != 0;
            open = any(2) || *word == '\'' ? '"' : '\'';
            *to++ = open;
        }
        const bool must = *word == '\\' || (open ? *word == open : strchr(" \t\r;\"'", *word) != NULL);
        *to = '\\';
        to += open != '\'' && (must || !any(10));
        *to++ = *word;
    }
    *to = open;
    return to + (open != 0);
}

static char *blanks(char *to, unsigned least)
{
    for (unsigned n = least + any(3); n > 0; n--) {
        *to++ = " \t\r"[any(3)];
    }
    return to;
}

TEST(args, random_words)
{
    state = test_seed();
    for (unsigned round = 0; round < 20000; round++) {
        char word[8][32], text[1024], *at = text;
        const unsigned count = any(8);
        for (unsigned i = 0; i < count; i++) {
            random_word(word[i]);
            at = quote(blanks(at, i > 0), word[i]);
        }
        at = blanks(at, 0);
        const char end = "\0;\n"[any(3)];
        const char *const behind = at + 1;
        *at = end;
        at += end != '\0';
        for (unsigned n = end ? any(5) : 0; n > 0; n--) {
            *at++ = (char)any(256);
        }
        /* exactly as many bytes as there are, so that the sanitizer sees a look beyond */
        const size_t bytes = (size_t)(at - text);
        char *const copy = malloc(bytes ? bytes : 1);
        memcpy(copy, text, bytes);
        struct words w;
        const char *rest, *wrong = split_words(copy, bytes, &w, &rest);
        EXPECT(!wrong, "<%.*s>: %s", (int)bytes, text, wrong);
        EXPECT_EQ(w.count, count, "<%.*s>", (int)bytes, text);
        for (unsigned i = 0; i < count && i < w.count; i++) {
            EXPECT(strcmp(w.word[i], word[i]) == 0, "<%.*s>: word %u is <%s>", (int)bytes, text, i, w.word[i]);
        }
        EXPECT(rest == (end ? copy + (behind - text) : NULL), "<%.*s>: rest", (int)bytes, text);
        free(copy);
    }
}
