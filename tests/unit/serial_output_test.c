/**
 * @file serial_output_test.c  servers/serial/output.c: what many writers wrote, found again on the wire (O1 to O3).
 *
 * Writer w writes letters of its own: 'a' + w, and 'A' + w before each of its newlines.  So every new line on the wire
 * that follows a small letter was put in between two writers.
 */
#include "output.h"
#include "test.h"

#define WRITERS 6u
#define STEPS   3000u
#define WIRE    65536u
#define BYTES   (STEPS * OUTPUT_WRITE)

static unsigned char wire_byte[WIRE];
static struct bytes wire;
static struct output output;

static struct writer {
    struct output_line line;
    char text[BYTES];
    bool may_cut[BYTES + 1];        /* before this byte */
    unsigned count, line_bytes;
    unsigned seen;                  /* on the wire */
} writer[WRITERS];

static struct {
    int owner;                      /* of the last byte; -1: none yet */
    bool cr, part, between;         /* a CR came; the line is not ended; a new line was put in between */
    char last;
} sink;

static void see_newline(void)
{
    struct writer *const w = sink.owner >= 0 ? &writer[sink.owner] : NULL;

    if (w && w->seen < w->count && w->text[w->seen] == '\n' && sink.last >= 'A' && sink.last <= 'Z') {
        w->seen++;
        sink.part = false;
    } else {
        EXPECT(sink.part && !sink.between, "a new line that nobody wrote stands between two writers");
        sink.between = true;
    }
}

static void see(char c)
{
    EXPECT(sink.cr == (c == '\n'), "CR and NL come together");
    sink.cr = c == '\r';
    if (c == '\r') {
        return;
    }
    if (c == '\n') {
        see_newline();
    } else {
        const int owner = (c | 0x20) - 'a';
        struct writer *const w = &writer[owner];
        if (sink.part && owner != sink.owner) {
            EXPECT(sink.between, "O2");
            EXPECT(writer[sink.owner].may_cut[writer[sink.owner].seen], "O3");
        } else {
            EXPECT(!sink.between, "a new line within one writer's output");
        }
        EXPECT(w->seen < w->count && w->text[w->seen] == c, "O1: byte %u of writer %d", w->seen, owner);
        w->seen++;
        sink.owner = owner;
        sink.part = true;
        sink.between = false;
    }
    sink.last = c;
}

static void drain(void)
{
    while (wire.used > 0) {
        see((char)bytes_get(&wire));
    }
}

static void mark_cut(struct writer *w)
{
    w->may_cut[w->count] = true;
    w->line_bytes = 0;
}

static void add(struct writer *w, char *call, unsigned *count, char c)
{
    call[(*count)++] = c;
    w->text[w->count++] = c;
    if (c == '\n') {
        w->line_bytes = 0;
    } else if (++w->line_bytes == OUTPUT_LINE) {
        mark_cut(w);
    }
}

static void step(unsigned who, uint64_t *random)
{
    struct writer *const w = &writer[who];
    const unsigned want = (unsigned)(test_random(random) % (OUTPUT_WRITE - 1));
    const bool lines = test_random(random) % 3 > 0;
    char call[OUTPUT_WRITE];
    unsigned count = 0;

    while (count < want) {
        if (lines && test_random(random) % 20 == 0) {
            add(w, call, &count, (char)('A' + who));
            add(w, call, &count, '\n');
        } else {
            add(w, call, &count, (char)('a' + who));
        }
    }
    if (test_random(random) % 8 == 0) {
        output_now(&output, &w->line, call, count);
        mark_cut(w);
    } else {
        output_write(&output, &w->line, call, count);
    }
    if (test_random(random) % 8 == 0) {
        output_flush(&output, &w->line);
        mark_cut(w);
    }
}

TEST(output, whole_lines)
{
    uint64_t random = test_seed();

    wire = (struct bytes){ .byte = wire_byte, .size = 1024 };
    output = (struct output){ .wire = &wire };
    sink.owner = -1;
    for (unsigned i = 0; i < STEPS; i++) {
        const unsigned who = (unsigned)(test_random(&random) % WRITERS);
        step(who, &random);
        drain();
    }
    for (unsigned who = 0; who < WRITERS; who++) {
        output_flush(&output, &writer[who].line);
        mark_cut(&writer[who]);
        drain();
        EXPECT_EQ(writer[who].seen, writer[who].count, "all of writer %u", who);
    }
}

TEST(output, room)
{
    static char newlines[OUTPUT_WRITE];
    struct output_line line = { .used = 0 };

    memset(newlines, '\n', sizeof(newlines));
    wire = (struct bytes){ .byte = wire_byte, .size = 1024, .first = 1000 };
    output = (struct output){ .wire = &wire, .part = true };
    line.used = OUTPUT_LINE - 1;
    memset(line.text, '\n', sizeof(line.text));
    output_now(&output, &line, newlines, sizeof(newlines));
    EXPECT(wire.used <= OUTPUT_ROOM, "%u bytes of one call", wire.used);
}

static void expect_wire(const char *want)
{
    char got[256] = "";
    unsigned count = 0;

    while (wire.used > 0) {
        got[count++] = (char)bytes_get(&wire);
    }
    EXPECT(strcmp(got, want) == 0, "\"%s\", wanted \"%s\"", got, want);
}

TEST(output, who_goes_on)
{
    struct output_line a = { .used = 0 }, b = { .used = 0 };

    wire = (struct bytes){ .byte = wire_byte, .size = 1024 };
    output = (struct output){ .wire = &wire };
    output_write(&output, &a, "name? ", 6);
    expect_wire("");
    output_flush(&output, &a);
    output_now(&output, &a, "me", 2);
    expect_wire("name? me");
    output_write(&output, &b, "one\ntwo", 7);
    expect_wire("\r\none\r\n");
    output_now(&output, &a, "x", 1);
    expect_wire("x");
    output_mark(&output, "^C", 2);
    expect_wire("^C");
    output_forget(&output, &a);
    output_flush(&output, &b);
    expect_wire("\r\ntwo");
    output_write(&output, &b, "\n", 1);
    output_mark(&output, "^C", 2);
    expect_wire("\r\n^C");
    output_write(&output, &b, "three\n", 6);
    expect_wire("\r\nthree\r\n");
}
