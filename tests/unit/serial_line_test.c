/** @file serial_line_test.c  servers/serial/line.c against a line that is a list of characters, and a screen. */
#include "line.h"
#include "serial_screen.h"
#include "test.h"

/* The naive model: characters as strings. */
static struct {
    char character[LINE_BYTES][5];
    unsigned characters;
} model;

static struct line line;
static struct screen screen;

static void model_reset(void)
{
    model.characters = 0;
    memset(&screen, 0, sizeof(screen));
}

static unsigned model_bytes(void)
{
    unsigned bytes = 0;

    for (unsigned i = 0; i < model.characters; i++) {
        bytes += (unsigned)strlen(model.character[i]);
    }
    return bytes;
}

static bool model_blank(unsigned i)
{
    return strchr(" \t", model.character[i][0]) != NULL;
}

static void model_key(const char *key)
{
    unsigned to = model.characters;

    switch (key[0]) {
    case '\b':
    case 0x7f:
        to -= to > 0;
        break;
    case CTRL('U'):
        to = 0;
        break;
    case CTRL('W'):
        for (; to > 0 && model_blank(to - 1); to--) {
        }
        for (; to > 0 && !model_blank(to - 1); to--) {
        }
        break;
    case CTRL('C'):
        return;
    default:
        strcpy(model.character[model.characters++], key);
        return;
    }
    model.characters = to;
}

static void check_screen(const char *key)
{
    char want[2 * LINE_BYTES];
    unsigned columns = 0;

    for (unsigned i = 0; i < model.characters; i++) {
        const char c = model.character[i][0];
        if (c == '\t') {
            want[columns++] = ' ';
        } else if ((unsigned char)c < ' ') {
            want[columns++] = '^';
            want[columns++] = (char)(c + '@');
        } else {
            want[columns++] = c;
        }
    }
    EXPECT(screen_shows(&screen, want, columns), "after key %#x: %u columns, wanted %u \"%.*s\"", key[0] & 0xff,
           screen.cursor, columns, (int)columns, want);
}

static void check_text(const char *end)
{
    char got[LINE_BYTES + 1] = "", want[LINE_BYTES + 1] = "";
    unsigned length = 0, count;

    do {
        count = line_take(&line, got + length, 7);
        length += count;
    } while (count > 0);
    unsigned at = 0;
    for (unsigned i = 0; i < model.characters; i++) {
        at += (unsigned)sprintf(want + at, "%s", model.character[i]);
    }
    at += (unsigned)sprintf(want + at, "%s", end);
    EXPECT(length == at && memcmp(got, want, at) == 0, "%u bytes \"%s\", wanted %u \"%s\"", length, got, at, want);
}

static void press(const char *key)
{
    char echo[LINE_ECHO + 1];

    for (const char *k = key; *k; k++) {
        echo[LINE_ECHO] = 'x';
        unsigned count = line_type(&line, *k, echo);
        screen_show(&screen, echo, count);
        while (line.erasing) {
            count = line_erase(&line, echo);
            EXPECT(count <= LINE_ECHO, "%u bytes", count);
            screen_show(&screen, echo, count);
        }
        EXPECT(echo[LINE_ECHO] == 'x', "an echo has %u bytes at most", LINE_ECHO);
    }
}

static const char *const keys[] = {
    "a", "b", "z", "Q", "~", " ", " ", " ", "\t", "\x1b", "\x01", "\x1f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\x9f", "\b", "\x7f", "\x7f",
    "\x17", "\x15", "\x03",
};

TEST(line, against_model)
{
    uint64_t random = test_seed();

    for (unsigned round = 0; round < 2000; round++) {
        line_reset(&line);
        model_reset();
        for (uint64_t n = test_random(&random) % 60; n > 0; n--) {
            const char *const key = keys[test_random(&random) % (sizeof(keys) / sizeof(keys[0]))];
            press(key);
            model_key(key);
            check_screen(key);
        }
        const bool part = test_random(&random) % 4 == 0;
        press(part ? "\x04" : test_random(&random) % 2 ? "\r" : "\n");
        EXPECT(line.done && screen.ended == !part, "Enter shows a new line, Ctrl-D nothing");
        check_text(part ? "" : "\n");
    }
}

TEST(line, too_long)
{
    line_reset(&line);
    model_reset();
    for (unsigned i = 0; i < LINE_BYTES + 10; i++) {
        press("x");
        if (model_bytes() < LINE_BYTES - 1) {
            model_key("x");
        }
    }
    EXPECT_EQ(screen.beeps, 11, "what does not fit beeps");
    check_screen("x");
    press("\b");
    model_key("\b");
    press("y");
    model_key("y");
    check_screen("y");
    press("\r");
    EXPECT_EQ(line_left(&line), LINE_BYTES, "as long as can be");
    check_text("\n");
}

TEST(line, end_of_input)
{
    char text[4];

    line_reset(&line);
    press("ab\x15\x04");
    EXPECT(line.done, "on an empty line");
    EXPECT_EQ(line_take(&line, text, sizeof(text)), 0, "nothing");
}

TEST(line, wild_bytes)
{
    uint64_t random = test_seed() * 77;

    line_reset(&line);
    for (unsigned i = 0; i < 200000; i++) {
        const char key[2] = { (char)(test_random(&random) | 0x80 * (test_random(&random) % 2)), 0 };
        if (key[0] == 0) {
            continue;
        }
        press(key);
        EXPECT(line.length < LINE_BYTES + line.done, "%u bytes", line.length);
        if (line.done) {
            line_reset(&line);
            screen.cursor = 0;
        }
    }
}
