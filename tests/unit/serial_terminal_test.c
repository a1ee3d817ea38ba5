/** @file serial_terminal_test.c  servers/serial/terminal.c: nothing typed is lost, and lines are not shared. */
#include "terminal.h"
#include "test.h"

#define CLIENTS 5u
#define LINES   400u
#define TEXT    (LINES * 700u)

static struct terminal terminal;
static char page[CLIENTS][TERMINAL_PAGE];

/* What is typed: line i is "i:" and some letters; and when it was read, by whom. */
static char typed[TEXT];
static unsigned typed_bytes, typed_at;
static char line_text[LINES][600];
static bool line_seen[LINES];

static struct reader {
    struct client client;
    bool waits, open;
    unsigned most;
    char line[LINE_BYTES];              /* being read */
    unsigned length;
    int latest;                         /* number of the line read last */
} reader[CLIENTS];

static void start(unsigned pages)
{
    terminal_init(&terminal);
    for (unsigned i = 0; i < pages; i++) {
        terminal_add_page(&terminal, page[i]);
    }
    memset(reader, 0, sizeof(reader));
    for (unsigned i = 0; i < CLIENTS; i++) {
        reader[i].open = true;
        reader[i].latest = -1;
    }
}

static void take_out(unsigned most)
{
    while (most-- > 0 && terminal.out.used > 0) {
        (void)bytes_get(&terminal.out);
    }
}

/* --- lines --- */

static void type_text(const char *text)
{
    typed_bytes += (unsigned)sprintf(typed + typed_bytes, "%s", text);
}

static void make_lines(uint64_t *random)
{
    typed_bytes = typed_at = 0;
    memset(line_seen, 0, sizeof(line_seen));
    for (unsigned i = 0; i < LINES; i++) {
        char *const line = line_text[i];
        unsigned length = (unsigned)sprintf(line, "%u:", i);
        const unsigned most = test_random(random) % 4 ? 20 : 500;
        for (uint64_t n = test_random(random) % most; n > 0; n--) {
            line[length++] = (char)('a' + test_random(random) % 26);
        }
        line[length] = 0;
        if (test_random(random) % 3 == 0) {
            type_text("something else\x15");
        }
        type_text(line);
        if (test_random(random) % 3 == 0) {
            type_text(" wrong \b\x17");
            if (strchr(line, ' ') == NULL) {        /* Ctrl-W took the blanks too, and stopped at none of ours */
                type_text("\x15");
                type_text(line);
            }
        }
        strcat(line, "\n");
        type_text(test_random(random) % 2 ? "\r" : "\n");
    }
}

static void got_line(struct reader *r)
{
    int number = -1;

    sscanf(r->line, "%d:", &number);
    EXPECT(number >= 0 && number < (int)LINES, "\"%.*s\" is no line", (int)r->length, r->line);
    EXPECT(strlen(line_text[number]) == r->length && memcmp(line_text[number], r->line, r->length) == 0,
           "T2: \"%.*s\" for line %d", (int)r->length, r->line, number);
    EXPECT(!line_seen[number], "T1: line %d twice", number);
    EXPECT(number > r->latest, "T1: line %d after %d", number, r->latest);
    line_seen[number] = true;
    r->latest = number;
    r->length = 0;
}

static void try_read(struct reader *r)
{
    char text[STREAM_CALL_BYTES];
    unsigned count;
    const enum terminal_read result = terminal_read(&terminal, &r->client, text, r->most, &count);

    r->waits = result != TERMINAL_READ;
    EXPECT(result != TERMINAL_INTERRUPTED, "nobody pressed Ctrl-C");
    EXPECT(result != TERMINAL_NO_ROOM || !terminal_room(&terminal), "there is room");
    if (r->waits) {
        return;
    }
    EXPECT(count >= 1 && count <= r->most, "%u bytes of %u", count, r->most);
    for (unsigned i = 0; i < count; i++) {
        r->line[r->length++] = text[i];
        if (text[i] == '\n') {
            EXPECT_EQ(i, count - 1, "T2: nothing of the next line");
            got_line(r);
        }
    }
}

static void serve(void)
{
    for (struct client *c = terminal_next(&terminal); c; c = terminal_next(&terminal)) {
        struct reader *const r = (struct reader *)c;
        EXPECT(r->waits, "who is named waits");
        try_read(r);
        EXPECT(!r->waits, "and is answered");
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (reader[i].waits && !reader[i].client.reading && terminal_room(&terminal)) {
            try_read(&reader[i]);               /* it had waited for room */
        }
    }
}

/* What the reader has not taken of the line it began is gone with it. */
static void lose_rest(struct reader *r)
{
    const struct client *const c = &r->client;
    const bool holds = terminal.holder == c;

    if (holds || c->rest) {
        const char *const rest = holds ? terminal.line.text + terminal.line.taken : c->rest + c->rest_at;
        const unsigned count = holds ? line_left(&terminal.line) : c->rest_end - c->rest_at;
        memcpy(r->line + r->length, rest, count);
        r->length += count;
        got_line(r);
    }
}

static void close_reader(struct reader *r)
{
    lose_rest(r);
    while (!terminal_close(&terminal, &r->client)) {
        take_out(100);
    }
    memset(r, 0, sizeof(*r));
    r->open = true;
    r->latest = -1;
}

static void random_step(uint64_t *random, bool closes)
{
    struct reader *const r = &reader[test_random(random) % CLIENTS];
    char text[STREAM_CALL_BYTES];

    switch (test_random(random) % 10) {
    case 0:
    case 1:
    case 2:
        for (uint64_t n = test_random(random) % 200; n > 0 && typed_at < typed_bytes && bytes_room(&terminal.in); n--) {
            terminal_typed(&terminal, typed[typed_at++]);
        }
        break;
    case 3:
    case 4:
    case 5:
        if (!r->waits) {
            r->most = 1 + (unsigned)(test_random(random) % STREAM_CALL_BYTES);
            try_read(r);
        }
        break;
    case 6:
        if (!r->waits) {
            memset(text, 'w', sizeof(text));
            (void)terminal_write(&terminal, &r->client, text, (unsigned)(test_random(random) % sizeof(text)));
        }
        break;
    case 7:
        terminal_leave(&terminal, &r->client);
        r->waits = false;
        break;
    case 8:
        if (closes && test_random(random) % 4 == 0) {
            close_reader(r);
        }
        break;
    case 9:
        take_out((unsigned)(test_random(random) % 600));
        break;
    }
}

static void lines_test(uint64_t seed, unsigned pages, bool closes)
{
    uint64_t random = seed;
    unsigned missing = 0;

    start(pages);
    make_lines(&random);
    for (unsigned i = 0; i < 20000; i++) {
        random_step(&random, closes);
        if (test_random(&random) % 2) {
            serve();
        }
    }
    while (typed_at < typed_bytes || terminal.in.used > 0 || terminal.line.done) {
        for (unsigned i = 0; i < CLIENTS; i++) {
            if (!reader[i].waits) {
                reader[i].most = STREAM_CALL_BYTES;
                try_read(&reader[i]);
            }
        }
        while (typed_at < typed_bytes && bytes_room(&terminal.in)) {
            terminal_typed(&terminal, typed[typed_at++]);
        }
        take_out(TERMINAL_OUT);
        serve();
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        while (reader[i].client.rest) {
            try_read(&reader[i]);
        }
    }
    for (unsigned i = 0; i < LINES; i++) {
        missing += !line_seen[i];
    }
    EXPECT_EQ(missing, 0, "T1: each line is read, or begun by somebody who ended");
}

TEST(terminal, lines_with_pages)
{
    lines_test(test_seed(), CLIENTS, false);
}

TEST(terminal, lines_with_few_pages)
{
    lines_test(test_seed() + 100, 1, false);
}

TEST(terminal, lines_and_readers_that_end)
{
    lines_test(test_seed() + 200, 1, true);
}

/* --- raw --- */

/* Readers of both modes, characters that mean nothing: all arrive, and RAW ones in order as long as nobody reads lines. */
static void raw_test(uint64_t seed, bool mixed)
{
    uint64_t random = seed, sent[256] = { 0 }, got[256] = { 0 };
    unsigned next = 0, expect = 0, steps = 0;

    start(CLIENTS);
    while (steps < 20000 || terminal.in.used > 0 || terminal.line.length > 0) {
        struct reader *const r = &reader[test_random(&random) % CLIENTS];
        char text[STREAM_CALL_BYTES];
        unsigned count = 0;
        if (++steps < 20000 && test_random(&random) % 2 && bytes_room(&terminal.in)) {
            const char c = next % 50 == 49 ? '\n' : (char)('0' + next % 50);
            sent[(unsigned char)c]++;
            next++;
            terminal_typed(&terminal, c);
        }
        take_out((unsigned)(test_random(&random) % 3));
        terminal_leave(&terminal, &r->client);
        r->client.mode = mixed && steps < 20000 && test_random(&random) % 2 ? SERIAL_LINES : SERIAL_RAW;
        const enum terminal_read result = terminal_read(&terminal, &r->client, text,
                                                        1 + (unsigned)(test_random(&random) % sizeof(text)), &count);
        for (unsigned i = 0; result == TERMINAL_READ && i < count; i++) {
            got[(unsigned char)text[i]]++;
            if (!mixed) {
                const char want = expect % 50 == 49 ? '\n' : (char)('0' + expect % 50);
                EXPECT_EQ(text[i], want, "in order");
                expect++;
            }
        }
        for (unsigned i = 0; steps >= 20000 && i < CLIENTS; i++) {
            reader[i].client.mode = SERIAL_RAW;
            terminal_leave(&terminal, &reader[i].client);
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        while (reader[i].client.rest) {
            char c;
            unsigned count;
            EXPECT_EQ(terminal_read(&terminal, &reader[i].client, &c, 1, &count), TERMINAL_READ, "the rest is there");
            got[(unsigned char)c]++;
        }
    }
    EXPECT(memcmp(sent, got, sizeof(sent)) == 0, "every character once");
}

TEST(terminal, raw)
{
    raw_test(test_seed(), false);
}

TEST(terminal, both_modes)
{
    raw_test(test_seed() + 300, true);
}

/* --- by hand --- */

static void type(const char *text)
{
    for (; *text; text++) {
        terminal_typed(&terminal, *text);
    }
}

static const char *out(void)
{
    static char text[TERMINAL_OUT + 1];
    unsigned count = 0;

    while (terminal.out.used > 0) {
        text[count++] = (char)bytes_get(&terminal.out);
    }
    text[count] = 0;
    return text;
}

#define EXPECT_TEXT(got, want)                                                                                         \
    do {                                                                                                               \
        const char *got_ = (got);                                                                                      \
        EXPECT(strcmp(got_, (want)) == 0, "\"%s\", wanted \"%s\"", got_, (want));                                      \
    } while (0)

static const char *read_now(struct client *c, enum terminal_read want)
{
    static char text[STREAM_CALL_BYTES + 1];
    unsigned count = 0;

    EXPECT_EQ(terminal_read(&terminal, c, text, STREAM_CALL_BYTES, &count), want, "read");
    text[count] = 0;
    return text;
}

TEST(terminal, paste_and_slow_echo)
{
    static char want[40000];
    unsigned at = 0, got = 0, shown = 0;
    struct client *const c = &reader[0].client;

    start(1);
    for (unsigned i = 0; i < 1000; i++) {
        at += (unsigned)sprintf(want + at, "line %u of a paste\n", i);
    }
    type(want);                                     /* all at once */
    while (got < at || shown < at) {
        char text[STREAM_CALL_BYTES];
        unsigned count = 0;
        for (unsigned i = 0; i < 5 && terminal.out.used > 0; i++) {
            const char b = (char)bytes_get(&terminal.out);
            EXPECT(b == '\r' || b == want[shown], "echo byte %u", shown);
            shown += b != '\r';
        }
        if (terminal_read(&terminal, c, text, sizeof(text), &count) == TERMINAL_READ) {
            EXPECT(memcmp(text, want + got, count) == 0, "read at %u", got);
            got += count;
        }
    }
}

TEST(terminal, interrupt)
{
    struct client *const a = &reader[0].client, *const b = &reader[1].client;

    start(1);
    b->mode = SERIAL_RAW;
    EXPECT(terminal_write(&terminal, a, "name? ", 6), "room");
    (void)read_now(a, TERMINAL_LATER);
    (void)read_now(b, TERMINAL_LATER);
    type("half a li");
    EXPECT(terminal_next(&terminal) == NULL, "no line yet");
    terminal_interrupt(&terminal);
    EXPECT_TEXT(out(), "name? half a li^C");
    EXPECT(terminal_next(&terminal) == a, "told");
    (void)read_now(a, TERMINAL_INTERRUPTED);
    EXPECT(terminal_next(&terminal) == b, "told");
    (void)read_now(b, TERMINAL_INTERRUPTED);
    EXPECT(terminal_next(&terminal) == NULL, "nobody waits");
    type("new\r");
    (void)read_now(a, TERMINAL_READ);
    EXPECT_TEXT(read_now(b, TERMINAL_LATER), "");
    type("ahead\r");
    terminal_leave(&terminal, b);
    terminal_interrupt(&terminal);
    EXPECT_TEXT(read_now(a, TERMINAL_LATER), "");
}

/* What a reader has begun to read is its own, typed before Ctrl-C or not. */
TEST(terminal, interrupt_leaves_a_line_that_was_begun)
{
    struct client *const a = &reader[0].client;
    char c;
    unsigned count;

    start(0);
    type("line\rnext\r");
    EXPECT_EQ(terminal_read(&terminal, a, &c, 1, &count), TERMINAL_READ, "its first character");
    terminal_interrupt(&terminal);
    EXPECT_TEXT(read_now(a, TERMINAL_READ), "ine\n");
    EXPECT_TEXT(read_now(a, TERMINAL_LATER), "");
}

TEST(terminal, interrupt_without_reader)
{
    struct client *const a = &reader[0].client, *const b = &reader[1].client;

    start(1);
    EXPECT(terminal_write(&terminal, a, "working", 7) && terminal_write(&terminal, a, "", 0), "room");
    terminal_interrupt(&terminal);
    EXPECT_TEXT(out(), "working^C");
    EXPECT(terminal_close(&terminal, a), "room");
    EXPECT(terminal_write(&terminal, b, "> ", 2) && terminal_write(&terminal, b, "", 0), "room");
    EXPECT_TEXT(out(), "\r\n> ");
}

TEST(terminal, end_of_input_once)
{
    struct client *const a = &reader[0].client;

    start(1);
    type("part\x04\x04two\r");
    EXPECT_TEXT(read_now(a, TERMINAL_READ), "part");
    EXPECT_TEXT(read_now(a, TERMINAL_READ), "");
    EXPECT_TEXT(read_now(a, TERMINAL_READ), "two\n");
    (void)read_now(a, TERMINAL_LATER);
}

TEST(terminal, a_reader_that_leaves)
{
    struct client *const a = &reader[0].client, *const b = &reader[1].client;

    start(1);
    (void)read_now(a, TERMINAL_LATER);
    (void)read_now(b, TERMINAL_LATER);
    type("begun");
    EXPECT(terminal_next(&terminal) == NULL, "no line yet");
    EXPECT(terminal_close(&terminal, a), "room");
    type(" by one\r");
    EXPECT(terminal_next(&terminal) == b, "the next in the queue");
    EXPECT_TEXT(read_now(b, TERMINAL_READ), "begun by one\n");
}

TEST(terminal, no_room)
{
    struct client *const a = &reader[0].client, *const b = &reader[1].client;
    char text[STREAM_CALL_BYTES];

    start(1);
    EXPECT(terminal_write(&terminal, b, "last words", 10), "room");
    memset(text, '\n', sizeof(text));
    while (terminal_write(&terminal, a, text, sizeof(text))) {
    }
    EXPECT(!terminal_close(&terminal, b), "its line must come out");
    (void)read_now(a, TERMINAL_LATER);
    type("x\b");
    EXPECT(terminal_next(&terminal) == NULL, "no line yet");
    EXPECT_EQ(terminal.in.used, 0, "the echo has room of its own");
    out();
    EXPECT(terminal_close(&terminal, b), "now");
    EXPECT_TEXT(out(), "\r\nlast words");
}
