/* shell_editor_test.c  The line editor against a naive one, with a terminal that is looked at after every byte. */
#include "shell_terminal.h"
#include "test.h"

#include "editor.h"

#define PROMPT "shoal> "

static const char *const words[] = {
    "hello", "help", "history", "echo", "sleep", "memtest", "mem", "menu.lst", "help", "two words", "a;b", "zu\xc3\xa4",
    "zebracomb", "a-word-of-more-bytes-than-a-row-of-the-list-of-all-candidates-would-hold-in-the-end",
};

static const char *candidate(void *state, bool command, unsigned index)
{
    (void)state;
    static const unsigned files[] = { 0, 6, 7 };        /* behind a command: three of them */

    if (command) {
        return index < sizeof(words) / sizeof(words[0]) ? words[index] : NULL;
    }
    return index < 3 ? words[files[index]] : NULL;
}

static struct fixture {
    struct terminal terminal;
    struct history history;
    struct editor editor;
} f;

static void begin(void)
{
    memset(&f, 0, sizeof(f));
    editor_init(&f.editor, PROMPT, &f.history, candidate, NULL, terminal_write, &f.terminal);
    editor_begin(&f.editor);
}

static const char *wrong(void)
{
    return terminal_check(&f.terminal, PROMPT, f.editor.line, f.editor.length, f.editor.cursor);
}

static bool holds(const char *line)
{
    return f.editor.length == strlen(line) && memcmp(f.editor.line, line, f.editor.length) == 0;
}

/* Type @p keys; each Enter enters its line into the history.  @return the result of the last byte */
static enum editor_result type(const char *keys)
{
    enum editor_result result = EDITOR_MORE;

    for (; *keys; keys++) {
        result = editor_take(&f.editor, (unsigned char)*keys);
        if (result == EDITOR_LINE) {
            history_add(&f.history, f.editor.line, f.editor.length);
            if (keys[1]) {
                editor_begin(&f.editor);
            }
        } else {
            EXPECT(result != EDITOR_MORE || !wrong(), "behind <%s>: %s", keys, wrong());
        }
    }
    return result;
}

static const struct {
    const char *keys, *line;
    unsigned cursor;
} edits[] = {
    { "abc", "abc", 3 },
    { "abc\033[D\033[Dx", "axbc", 2 },
    { "abc\033OD\033OD\033OD\033ODx", "xabc", 1 },
    { "abc\033[D\033[D\033[C\033[C\033[Cx", "abcx", 4 },
    { "abc\001x\005y", "xabcy", 5 },
    { "abc\033[Hx\033[Fy", "xabcy", 5 },
    { "abc\033OHx\033OFy", "xabcy", 5 },
    { "abc\033[1~x\033[4~y", "xabcy", 5 },
    { "abc\033[7~x\033[8~y", "xabcy", 5 },
    { "abc\002\002\006x", "abxc", 3 },
    { "abc\033[1;5Dx", "abxc", 3 },
    { "abc\033O5Dx", "abxc", 3 },
    { "abc\177x", "abx", 3 },
    { "abc\bx", "abx", 3 },
    { "abc\001\033[3~", "bc", 0 },
    { "abc\001\033[3;2~", "bc", 0 },
    { "abc\001\004\004", "c", 0 },
    { "abc\004", "abc", 3 },
    { "abc\001\177", "abc", 0 },
    { "abc def\002\002\013", "abc d", 5 },
    { "abc def\002\002\025", "ef", 0 },
    { "abc def  \027", "abc ", 4 },
    { "abc\002\027", "c", 0 },
    { "  \027", "", 0 },
    { "abc\014d", "abcd", 4 },
    { "abc\003d", "d", 1 },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82x\033[D\033[D\177", "\xc3\xa4\xf0\x9f\x99\x82x", 2 },
    { "\xc3\xa4\xc3\xb6\001\033[3~", "\xc3\xb6", 0 },
    { "a\xc3" "b", "ab", 2 },
    { "a\xc3\033[Db", "ba", 1 },
    { "a\x80\xff\xc0\xaf\xe0\x80\x80\xed\xa0\x80\xf4\x90\x80\x80\xc2\x9b" "b", "ab", 2 },
    { "a\033[15~\033[200~b\033[201~\033[<0;1;1M\033[?1;2cd\033OP\033[[Ae\033xf\033[Ig", "abdefg", 6 },
    { "a\033\033[Db", "ba", 1 },
    { "a\033[12345678901234567890~b", "ab", 2 },
    { "a\033[1\003b", "b", 1 },
    { "a\033[\xc3\xa4", "a\xc3\xa4", 3 },
    { "a\000b", "a", 1 },
    { "a\005\007\017\020\021", "a", 1 },
    { "hist\t", "history ", 8 },
    { "h\tx", "hx", 2 },
    { "he\tx", "helx", 4 },
    { "hel\t\tp", "help", 4 },
    { "xy\t", "xy", 2 },
    { "echo m\t", "echo me", 7 },
    { "echo me\002\t", "echo mee", 7 },
    { "  hist\t", "  history ", 10 },
    { "echo a;hist\t", "echo a;history ", 15 },
    { "echo a&hist\t", "echo a&history ", 15 },
    { "echo \"a;hist\t", "echo \"a;hist", 12 },
    { "echo \\;hist\t", "echo \\;hist", 11 },
    { "two\t", "two", 3 },
    { "zu\t", "zu", 2 },
};

TEST(shell_editor, edits)
{
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        begin();
        EXPECT_EQ(type(edits[i].keys), EDITOR_MORE, "<%s>", edits[i].keys);
        EXPECT(holds(edits[i].line), "%zu: <%s> is <%.*s>, wanted <%s>", i, edits[i].keys, (int)f.editor.length,
               f.editor.line, edits[i].line);
        EXPECT_EQ(f.editor.cursor, edits[i].cursor, "%zu: <%s>", i, edits[i].keys);
    }
}

TEST(shell_editor, ends)
{
    begin();
    EXPECT_EQ(type("\004"), EDITOR_END, "Ctrl-D on an empty line");
    begin();
    EXPECT_EQ(type("ab\002\r"), EDITOR_LINE, "Enter in the middle");
    EXPECT(f.editor.length == 2 && f.terminal.row == 1 && f.terminal.column == 0, "the terminal is on a new row");
    EXPECT(strcmp(terminal_row(&f.terminal, 0), PROMPT "ab") == 0, "<%s>", terminal_row(&f.terminal, 0));
    editor_begin(&f.editor);
    EXPECT_EQ(editor_take(&f.editor, '\n'), EDITOR_MORE, "the line feed behind a carriage return");
    EXPECT_EQ(editor_take(&f.editor, '\n'), EDITOR_LINE, "another one");
    begin();
    (void)type("ab\003");
    EXPECT(strcmp(terminal_row(&f.terminal, 0), PROMPT "ab^C") == 0, "<%s>", terminal_row(&f.terminal, 0));
    EXPECT_EQ(f.terminal.row, 1, "a new prompt below");
    (void)type("\025\003");
    EXPECT(strcmp(terminal_row(&f.terminal, 1), PROMPT "^C") == 0, "<%s>", terminal_row(&f.terminal, 1));
    (void)type("all the time in the world, and more of it than one row of a terminal has\003");
    EXPECT(strcmp(terminal_row(&f.terminal, 2) + ROW_CELLS - 2, "^C") == 0, "<%s>", terminal_row(&f.terminal, 2));
    (void)type("cd\014");
    EXPECT_EQ(f.terminal.row, 0, "cleared");
    EXPECT(strcmp(terminal_row(&f.terminal, 1), "") == 0, "<%s>", terminal_row(&f.terminal, 1));
}

TEST(shell_editor, characters_of_one_column)
{
    static const struct {
        const char *text;
        uint32_t cell;
    } row[] = {
        { "~", '~' }, { "\xc2\xa0", 0xa0 }, { "\xc3\xa4", 0xe4 }, { "\xd0\x96", 0x416 }, { "\xe2\x82\xac", 0x20ac },
        { "\xe2\x94\x80", 0x2500 }, { "\xc2\xad", '?' }, { "\xcc\x81", '?' }, { "\xe4\xb8\x96", '?' },
        { "\xe2\x80\x8b", '?' }, { "\xe2\x80\xae", '?' }, { "\xd7\x90", '?' }, { "\xf0\x9f\x99\x82", '?' },
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        begin();
        (void)type(row[i].text);
        EXPECT_EQ(f.terminal.cell[0][strlen(PROMPT)], row[i].cell, "<%s>", row[i].text);
        EXPECT(f.editor.length == strlen(row[i].text), "<%s> is in the line", row[i].text);
    }
}

TEST(shell_editor, interrupted_from_elsewhere)
{
    begin();
    (void)type("abc\033[D\033[");
    terminal_write(&f.terminal, "^C", 2);
    editor_interrupt(&f.editor);
    EXPECT(strcmp(terminal_row(&f.terminal, 0), PROMPT "ab^C") == 0, "<%s>", terminal_row(&f.terminal, 0));
    EXPECT(f.editor.length == 0 && f.terminal.row == 1 && !wrong(), "a new prompt below: %s", wrong());
    (void)type("A");
    EXPECT(holds("A"), "the sequence that was under way is forgotten");
}

/* What is typed ahead belongs to the next line: the editor takes nothing beyond the line's end. */
TEST(shell_editor, typed_ahead)
{
    begin();
    EXPECT_EQ(type("one\rtwo\rth"), EDITOR_MORE, "two lines and a half");
    EXPECT(holds("th"), "the rest");
    EXPECT_EQ(f.history.count, 2, "lines");
}

TEST(shell_editor, history_keys)
{
    static const struct {
        const char *keys, *line;
    } row[] = {
        { "new\033[A", "two" }, { "new\033[A\033[A", "one" }, { "new\033[A\033[A\033[A", "one" },
        { "new\033[A\033[A\033[B", "two" }, { "new\033[A\033[B", "new" }, { "new\033[A\033[A\033[B\033[B", "new" },
        { "new\033[B", "new" }, { "new\033OA", "two" }, { "new\020", "two" }, { "new\020\016", "new" },
        { "\020x\020\016", "two" }, { "\020x\016", "" },
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        begin();
        (void)type("one\rtwo\r ");
        (void)type("\025");
        (void)type(row[i].keys);
        EXPECT(holds(row[i].line), "<%s> is <%.*s>, wanted <%s>", row[i].keys, (int)f.editor.length, f.editor.line,
               row[i].line);
    }
}

TEST(shell_editor, lists_candidates)
{
    begin();
    (void)type("h\t");
    EXPECT_EQ(f.terminal.beeps, 1, "the first Tab");
    (void)type("\t");
    const char *list = terminal_row(&f.terminal, 1);
    EXPECT(strcmp(list, "hello    help     history") == 0, "<%s>", list);
    EXPECT_EQ(f.terminal.row, 2, "the line again below");
    (void)type("\033[Dx\t");
    EXPECT_EQ(f.terminal.beeps, 2, "no candidate");
    begin();
    (void)type("\t\t");
    list = terminal_row(&f.terminal, 1);
    EXPECT(strcmp(list, "echo       hello      help       history    mem        memtest    menu.lst") == 0, "<%s>",
           list);
    list = terminal_row(&f.terminal, 2);
    EXPECT(strcmp(list, "sleep      zebracomb") == 0, "<%s>", list);
    EXPECT_EQ(f.terminal.row, 3, "the line again below");
}

TEST(shell_editor, longest_line)
{
    begin();
    for (unsigned i = 0; i < EDITOR_LINE_BYTES; i++) {
        const char key[2] = { (char)('a' + i % 26), '\0' };
        (void)type(key);
    }
    EXPECT(f.editor.length == EDITOR_LINE_BYTES && f.terminal.beeps == 0, "all of it is there");
    EXPECT(f.terminal.bytes < 5 * EDITOR_LINE_BYTES, "%lu bytes to show it", (unsigned long)f.terminal.bytes);
    (void)type("x");
    EXPECT(f.editor.length == EDITOR_LINE_BYTES && f.terminal.beeps == 1, "one more");
    (void)type("\177\xc3\xa4");
    EXPECT(f.editor.length == EDITOR_LINE_BYTES - 1 && f.terminal.beeps == 2, "half a character has no room");
    (void)type("\001\005\001");
    EXPECT_EQ(type("\r"), EDITOR_LINE, "Enter");
    for (unsigned i = 0; i < EDITOR_LINE_BYTES - 1; i++) {
        EXPECT(f.editor.line[i] == (char)('a' + i % 26), "byte %u", i);
    }
}

/* --- at random, against a line of characters in the plainest form --- */

#define MODEL_MAX 1200u

static struct model {
    char character[MODEL_MAX][5];
    unsigned count, cursor;
} model, model_kept;

static char model_history[64][MODEL_MAX * 4];
static unsigned model_lines, model_back;

static size_t model_text(const struct model *m, unsigned end, char *text)
{
    size_t at = 0;

    for (unsigned i = 0; i < end; i++) {
        strcpy(text + at, m->character[i]);
        at += strlen(m->character[i]);
    }
    text[at] = '\0';
    return at;
}

static void model_insert(const char *text)
{
    while (*text) {
        size_t bytes = 1;
        while (((unsigned char)text[bytes] & 0xc0) == 0x80) {
            bytes++;
        }
        memmove(model.character[model.cursor + 1], model.character[model.cursor], 5 * (model.count - model.cursor));
        memset(model.character[model.cursor], 0, 5);
        memcpy(model.character[model.cursor], text, bytes);
        model.cursor++, model.count++;
        text += bytes;
    }
}

static void model_erase(unsigned from, unsigned to)
{
    memmove(model.character[from], model.character[to], 5 * (model.count - to));
    model.count -= to - from;
    model.cursor = from;
}

static bool model_blank(unsigned i)
{
    return strcmp(model.character[i], " ") == 0;
}

static void model_recall(const char *line)
{
    model.count = model.cursor = 0;
    model_insert(line);
}

static void model_up(void)
{
    if (model_back < model_lines) {
        if (model_back++ == 0) {
            model_kept = model;
        }
        model_recall(model_history[model_lines - model_back]);
    }
}

static void model_down(void)
{
    if (model_back == 1) {
        model_back = 0;
        model = model_kept;
        model.cursor = model.count;
    } else if (model_back > 1) {
        model_back--;
        model_recall(model_history[model_lines - model_back]);
    }
}

static void model_kill_word(void)
{
    unsigned at = model.cursor;

    while (at > 0 && model_blank(at - 1)) {
        at--;
    }
    while (at > 0 && !model_blank(at - 1)) {
        at--;
    }
    model_erase(at, model.cursor);
}

static void model_enter(void)
{
    static char text[MODEL_MAX * 4];

    (void)model_text(&model, model.count, text);
    const bool same = model_lines > 0 && strcmp(model_history[model_lines - 1], text) == 0;
    if (strspn(text, " ") < strlen(text) && !same) {
        strcpy(model_history[model_lines++], text);
    }
    model.count = model.cursor = model_back = 0;
}

static uint64_t state;

static unsigned any(unsigned below)
{
    return (unsigned)(test_random(&state) % below);
}

static const char *random_key(void)
{
    static const char *const text[] = {
        "a", "b", "x", " ", " ", "\xc3\xa4", "\xe2\x82\xac", "\xe4\xb8\x96", "\xf0\x9f\x99\x82", "e\xcc\x81", "\"",
        "long word ",
        "all the time in the world is here, and then some of it for a line that is longer than a row ",
    };
    static const char *const other[] = {
        "\033[D", "\033OD", "\002", "\033[C", "\006", "\001", "\033[1~", "\005", "\033OF", "\033[3~", "\177", "\b",
        "\013", "\025", "\027", "\033[A", "\020", "\033[B", "\016", "\014", "\003", "\r", "\033[24~", "\xff",
    };
    const unsigned kind = any(100);

    return kind < 55 ? text[any(sizeof(text) / sizeof(text[0]))] : other[any(sizeof(other) / sizeof(other[0]))];
}

static void model_key(const char *key)
{
    const unsigned c = model.cursor, n = model.count;

    if (strcmp(key, "\033[D") == 0 || strcmp(key, "\033OD") == 0 || *key == 2) {
        model.cursor -= c > 0;
    } else if (strcmp(key, "\033[C") == 0 || *key == 6) {
        model.cursor += c < n;
    } else if (*key == 1 || strcmp(key, "\033[1~") == 0) {
        model.cursor = 0;
    } else if (*key == 5 || strcmp(key, "\033OF") == 0) {
        model.cursor = n;
    } else if (strcmp(key, "\033[3~") == 0) {
        model_erase(c, c + (c < n));
    } else if (*key == 0x7f || *key == '\b') {
        model_erase(c - (c > 0), c);
    } else if (*key == 11) {
        model_erase(c, n);
    } else if (*key == 21) {
        model_erase(0, c);
    } else if (*key == 23) {
        model_kill_word();
    } else if (strcmp(key, "\033[A") == 0 || *key == 16) {
        model_up();
    } else if (strcmp(key, "\033[B") == 0 || *key == 14) {
        model_down();
    } else if (*key == 3) {
        model.count = model.cursor = model_back = 0;
    } else if (*key == '\r') {
        model_enter();
    } else if ((*key >= ' ' || *key < 0) && *key != (char)0xff) {
        model_insert(key);
    }
}

static void random_line_keys(void)
{
    static char text[MODEL_MAX * 4];

    for (unsigned step = 0; step < 400 && model.count < MODEL_MAX - 120 && model_lines < 60; step++) {
        const char *key = random_key();
        const bool enter = type(key) == EDITOR_LINE;
        if (enter) {
            editor_begin(&f.editor);
        }
        model_key(key);
        const size_t bytes = model_text(&model, model.count, text);
        EXPECT(bytes == f.editor.length && holds(text), "step %u, <%s>: <%.*s>, wanted <%s>", step, key,
               (int)f.editor.length, f.editor.line, text);
        EXPECT_EQ(f.editor.cursor, model_text(&model, model.cursor, text), "step %u: <%s>", step, key);
        EXPECT(!wrong(), "step %u: %s", step, wrong());
    }
}

TEST(shell_editor, random_keys)
{
    state = test_seed();
    for (unsigned round = 0; round < 60; round++) {
        begin();
        model = (struct model){ .count = 0 };
        model_lines = model_back = 0;
        random_line_keys();
    }
}

/* --- history --- */

TEST(shell_history, keeps_the_latest)
{
    static struct history h;
    size_t bytes;
    char line[100];

    memset(&h, 0, sizeof(h));
    EXPECT(!history_line(&h, 0, &bytes), "none yet");
    history_add(&h, "", 0);
    history_add(&h, "  ", 2);
    EXPECT_EQ(h.count, 0, "blank lines");
    history_add(&h, "a", 1);
    history_add(&h, "a", 1);
    history_add(&h, "b", 1);
    history_add(&h, "a", 1);
    EXPECT_EQ(h.count, 3, "the one that repeats the latest is left out");
    for (unsigned i = 0; i < 5000; i++) {
        history_add(&h, line, (size_t)snprintf(line, sizeof(line), "line %u of those that fill the history", i));
    }
    EXPECT(h.used <= HISTORY_BYTES && h.count + h.dropped == 5003, "%u and %u", h.count, h.dropped);
    for (unsigned back = 0; back < h.count; back++) {
        snprintf(line, sizeof(line), "line %u of those that fill the history", 4999 - back);
        const char *got = history_line(&h, back, &bytes);
        EXPECT(got && strcmp(got, line) == 0 && bytes == strlen(line), "%u back: %s", back, got ? got : "none");
    }
    EXPECT(!history_line(&h, h.count, &bytes), "the end");
    static char longest[HISTORY_BYTES];
    memset(longest, 'x', sizeof(longest));
    history_add(&h, longest, HISTORY_BYTES - 1);
    EXPECT(h.count == 1 && h.used == HISTORY_BYTES, "one line of all there is");
    history_add(&h, longest, HISTORY_BYTES);
    EXPECT(h.count == 1, "a longer one is not kept");
}
