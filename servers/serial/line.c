/** @file line.c  Contracts in line.h. */
#include "line.h"
#include <os/bug.h>
#include <os/string.h>

#define BEEP 7
#define DEL  0x7f

void line_reset(struct line *line)
{
    line->length = line->taken = line->erase_to = 0;
    line->erasing = line->done = false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' && c != '\t';
}

/* Where the last character begins: UTF-8 has up to three bytes 10xxxxxx behind the first, 11xxxxxx. */
static unsigned last_character(const struct line *line, unsigned end)
{
    for (unsigned at = end; end - at < 4 && at > 0; at--) {
        const unsigned char c = (unsigned char)line->text[at - 1];
        if (c < 0x80) {
            break;
        }
        if (c >= 0xc0) {
            return at - 1;
        }
    }
    return end - 1;
}

/* Where the last word begins; the blanks behind it belong to it. */
static unsigned last_word(const struct line *line)
{
    unsigned at = line->length;

    while (at > 0 && is_blank(line->text[at - 1])) {
        at--;
    }
    while (at > 0 && !is_blank(line->text[at - 1])) {
        at--;
    }
    return at;
}

static void start_erasing(struct line *line, unsigned to)
{
    line->erase_to = to;
    line->erasing = to < line->length;
}

static unsigned end_line(struct line *line, char echo[LINE_ECHO])
{
    line->text[line->length++] = '\n';
    line->done = true;
    echo[0] = '\n';
    return 1;
}

static unsigned add(struct line *line, char key, char echo[LINE_ECHO])
{
    if (line->length == LINE_BYTES - 1) {       /* the newline must fit */
        echo[0] = BEEP;
        return 1;
    }
    line->text[line->length++] = key;
    if (is_control(key)) {
        echo[0] = '^';
        echo[1] = (char)(key + '@');
        return 2;
    }
    echo[0] = key == '\t' ? ' ' : key;
    return 1;
}

unsigned line_type(struct line *line, char key, char echo[LINE_ECHO])
{
    OS_ASSERT(!line->done && !line->erasing);
    switch (key) {
    case '\r':
    case '\n':
        return end_line(line, echo);
    case '\b':
    case DEL:
        start_erasing(line, line->length ? last_character(line, line->length) : 0);
        return 0;
    case CTRL('U'):
        start_erasing(line, 0);
        return 0;
    case CTRL('W'):
        start_erasing(line, last_word(line));
        return 0;
    case CTRL('D'):
        line->done = true;
        return 0;
    case CTRL('C'):
        return 0;
    default:
        return add(line, key, echo);
    }
}

unsigned line_erase(struct line *line, char echo[LINE_ECHO])
{
    unsigned bytes = 0;

    OS_ASSERT(line->erasing && line->length > line->erase_to);
    const unsigned at = last_character(line, line->length);
    for (unsigned columns = is_control(line->text[at]) ? 2 : 1; columns > 0; columns--) {
        memcpy(echo + bytes, "\b \b", 3);
        bytes += 3;
    }
    line->length = at;
    line->erasing = at > line->erase_to;
    return bytes;
}

unsigned line_take(struct line *line, char *to, unsigned most)
{
    const unsigned left = line_left(line), count = left < most ? left : most;

    memcpy(to, line->text + line->taken, count);
    if (line->done) {
        line->taken += count;
    } else {                                    /* what is typed next finds the line as if these had never been */
        memmove(line->text, line->text + count, left - count);
        line->length = left - count;
    }
    return count;
}
