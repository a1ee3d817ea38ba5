/* proc_menu_test.c  menu.lst: what each kind of line says, and files of random lines against a list of what they say. */
#include "test.h"

#include "menu.h"

/* What one line says. */
struct says {
    const char *text;
    const char *wrong;          /* NULL: an entry, or nothing */
    unsigned core;
    unsigned how;               /* the words before the program's name */
    unsigned count;             /* 0: nothing */
    const char *word[4];
};

#define ANY   MENU_ANY_CORE
#define NONE 0u
#define RESPAWN 1u
#define LAST 2u
#define CONSOLE 4u
#define MANAGER 8u
#define WRONG(line, why) { line, why, 0, NONE, 0, { 0 } }

static const struct says line[] = {
    { "", NULL, 0, NONE, 0, { 0 } },
    { " \t\r", NULL, 0, NONE, 0, { 0 } },
    { "# a comment with a \" and a ; and a \\", NULL, 0, NONE, 0, { 0 } },
    { " \t# another\001", NULL, 0, NONE, 0, { 0 } },
    { "hello", NULL, ANY, NONE, 1, { "hello" } },
    { "hello\r", NULL, ANY, NONE, 1, { "hello" } },
    { "  hello one \"two three\"", NULL, ANY, NONE, 3, { "hello", "one", "two three" } },
    { "hello #no comment \"\"", NULL, ANY, NONE, 4, { "hello", "#no", "comment", "" } },
    { "@0 hello", NULL, 0, NONE, 1, { "hello" } },
    { "@1023 hello", NULL, 1023, NONE, 1, { "hello" } },
    { "@0002 hello @3 respawn", NULL, 2, NONE, 3, { "hello", "@3", "respawn" } },
    { "respawn serial", NULL, ANY, RESPAWN, 1, { "serial" } },
    { "@3 respawn serial uart0", NULL, 3, RESPAWN, 2, { "serial", "uart0" } },
    { "\"@3\" \"respawn\" serial", NULL, 3, RESPAWN, 1, { "serial" } },
    { "console serial", NULL, ANY, CONSOLE, 1, { "serial" } },
    { "last manager shell exec.txt", NULL, ANY, LAST | MANAGER, 2, { "shell", "exec.txt" } },
    { "@1 manager console respawn serial last", NULL, 1, RESPAWN | CONSOLE | MANAGER, 2, { "serial", "last" } },
    { "lastly", NULL, ANY, NONE, 1, { "lastly" } },
    { "hello \";\"", NULL, ANY, NONE, 2, { "hello", ";" } },
    { "hello a\\;b", NULL, ANY, NONE, 2, { "hello", "a;b" } },
    WRONG("@", "no core's number follows @"),
    WRONG("@ hello", "no core's number follows @"),
    WRONG("@x hello", "what follows @ is no core's number"),
    WRONG("@-1 hello", "what follows @ is no core's number"),
    WRONG("@1x hello", "what follows @ is no core's number"),
    WRONG("@1024 hello", "the core's number is too large"),
    WRONG("@4294967296 hello", "the core's number is too large"),
    WRONG("@18446744073709551616 hello", "the core's number is too large"),
    WRONG("@1", "it names no program"),
    WRONG("respawn", "it names no program"),
    WRONG("@1 respawn ", "it names no program"),
    WRONG("last", "it names no program"),
    WRONG("respawn respawn", "a word before the program's name stands there twice"),
    WRONG("console last console serial", "a word before the program's name stands there twice"),
    WRONG("respawn last shell", "what is the last to end is not started again"),
    WRONG("@1 @2 hello", "@ and a core's number stand once, before all else"),
    WRONG("respawn @1 hello", "@ and a core's number stand once, before all else"),
    WRONG("\"\" hello", "the program's name is empty"),
    WRONG("@1 respawn \"\"", "the program's name is empty"),
    WRONG("hello; hello", "one program to a line: quote the semicolon"),
    WRONG("hello;", "one program to a line: quote the semicolon"),
    WRONG(";", "one program to a line: quote the semicolon"),
    WRONG("hello \"one", "a quote has no end"),
    WRONG("hello one\\", "nothing follows a backslash"),
    WRONG("hello \033[2J", "it has a character that is not text"),
    WRONG("0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2", "it has too many words"),
};
#define LINES (sizeof(line) / sizeof(line[0]))

static void expect_entry(const struct menu_entry *e, const struct says *want, unsigned number)
{
    EXPECT_EQ(e->line, number, "<%s>: its number", want->text);
    if (e->wrong || want->wrong) {
        EXPECT(e->wrong && want->wrong && strcmp(e->wrong, want->wrong) == 0, "<%s>: <%s>, wanted <%s>", want->text,
               e->wrong ? e->wrong : "accepted", want->wrong ? want->wrong : "accepted");
        return;
    }
    EXPECT_EQ(e->core, want->core, "<%s>: core", want->text);
    EXPECT_EQ((unsigned)(e->respawn * RESPAWN + e->last * LAST + e->console * CONSOLE + e->manager * MANAGER), want->how,
              "<%s>: the words before", want->text);
    EXPECT_EQ(e->count, want->count, "<%s>: words", want->text);
    EXPECT(!e->word[e->count], "<%s>: end of the words", want->text);
    for (unsigned i = 0; i < e->count && i < want->count; i++) {
        EXPECT(strcmp(e->word[i], want->word[i]) == 0, "<%s>: word %u is <%s>", want->text, i, e->word[i]);
    }
}

static bool says_something(const struct says *s)
{
    return s->wrong || s->count > 0;
}

/* Read @p count lines of @p text and compare. */
static void expect_menu(const char *text, size_t bytes, const struct says *const lines[], unsigned count)
{
    char *const copy = malloc(bytes ? bytes : 1);       /* no more, so that the sanitizer sees a look beyond */
    struct menu_entry e;
    struct words buffer;
    struct menu menu;

    memcpy(copy, text, bytes);
    menu_open(&menu, copy, bytes);
    for (unsigned i = 0; i < count; i++) {
        if (says_something(lines[i])) {
            const bool more = menu_next(&menu, &buffer, &e);
            EXPECT(more, "<%s>: not there", lines[i]->text);
            if (!more) {
                break;
            }
            expect_entry(&e, lines[i], i + 1);
        }
    }
    EXPECT(!menu_next(&menu, &buffer, &e) && !menu_next(&menu, &buffer, &e), "<%.*s>: the end", (int)bytes, text);
    free(copy);
}

TEST(proc_menu, each_line)
{
    for (size_t i = 0; i < LINES; i++) {
        const struct says *const one = &line[i];
        expect_menu(one->text, strlen(one->text), &one, 1);
    }
}

/* Whatever stands around a line, and whether the last one has an end or not. */
TEST(proc_menu, random_files)
{
    uint64_t state = test_seed();

    for (unsigned round = 0; round < 3000; round++) {
        const struct says *lines[40];
        char text[40 * 80];
        size_t bytes = 0;
        const unsigned count = (unsigned)(test_random(&state) % 40);
        for (unsigned i = 0; i < count; i++) {
            lines[i] = &line[test_random(&state) % LINES];
            const size_t length = strlen(lines[i]->text);
            memcpy(text + bytes, lines[i]->text, length);
            bytes += length;
            text[bytes++] = '\n';
        }
        if (bytes > 0 && test_random(&state) % 2) {
            bytes--;
        }
        expect_menu(text, bytes, lines, count);
    }
}

TEST(proc_menu, a_character_zero_is_not_text)
{
    struct menu menu;
    struct words buffer;
    struct menu_entry e;

    menu_open(&menu, "a\nb\0c\nd", 7);
    EXPECT(menu_next(&menu, &buffer, &e) && !e.wrong, "line 1");
    EXPECT(menu_next(&menu, &buffer, &e) && e.wrong && e.line == 2, "line 2");
    EXPECT(menu_next(&menu, &buffer, &e) && !e.wrong && e.line == 3 && strcmp(e.word[0], "d") == 0, "line 3");
}
