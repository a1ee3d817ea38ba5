/* proc_crash_test.c  Reports of crashes: each cause's sentence, registers, backtraces, and processes that would lead the
 * report astray. */
#include "symbols_maker.h"
#include "test.h"

#include "crash.h"

#include <os/startup.h>

/* A process of two pages: text at TEXT, stack at STACK.  Nothing else can be read. */
#define TEXT    0x400000ull
#define STACK   0x500000ull
#define WORDS   512u
#define SP      (STACK + 8 * 16)
#define BL      0x94000000u
#define BLR_X8  0xd63f0100u
#define NOP     0xd503201fu

#define MAIN    TEXT                /* functions of 256 bytes: main calls middle calls leaf */
#define MIDDLE  (TEXT + 0x100)
#define LEAF    (TEXT + 0x200)
#define START   (TEXT + 0x300)

static struct {
    struct maker elf;
    uint64_t reg[35];
    uint64_t text[WORDS], stack[WORDS];
    bool no_regs, no_memory, strange_memory;
    unsigned peeks;
    unsigned lines;
    char line[CRASH_LINES_MAX + 16][CRASH_LINE_BYTES];
} p;

static uint64_t state;

static err_t read_regs(void *context, uint64_t first, uint64_t regs[5])
{
    EXPECT(context == &p && first <= 30, "registers %" PRIu64, first);
    if (p.no_regs) {
        return ERR(E_CONFIG);
    }
    memcpy(regs, &p.reg[first], 5 * sizeof(*regs));
    return OK;
}

static err_t peek(void *context, uint64_t address, uint64_t words[4])
{
    EXPECT(context == &p && address % 8 == 0, "peek at %#" PRIx64, address);
    p.peeks++;
    if (p.strange_memory) {
        for (unsigned i = 0; i < 4; i++) {
            words[i] = test_random(&state) % 4 ? address + 16 * (test_random(&state) % 8) : test_random(&state);
        }
        return OK;
    }
    for (unsigned i = 0; i < 4; i++, address += 8) {
        if (!p.no_memory && address - TEXT < sizeof(p.text)) {
            words[i] = p.text[(address - TEXT) / 8];
        } else if (!p.no_memory && address - STACK < sizeof(p.stack)) {
            words[i] = p.stack[(address - STACK) / 8];
        } else {
            return ERR(E_PEEK);
        }
    }
    return OK;
}

static void take_line(void *context, const char *text)
{
    EXPECT(context == &p && strlen(text) < CRASH_LINE_BYTES, "line %u", p.lines);
    for (const char *c = text; *c; c++) {
        EXPECT(*c >= ' ' && *c <= '~', "line %u has character %u", p.lines, (unsigned char)*c);
    }
    EXPECT(p.lines < sizeof(p.line) / sizeof(p.line[0]), "too many lines");
    if (p.lines < sizeof(p.line) / sizeof(p.line[0])) {
        snprintf(p.line[p.lines++], CRASH_LINE_BYTES, "%s", text);
    }
}

static void put_instruction(uint64_t address, uint32_t instruction)
{
    uint64_t *const word = &p.text[(address - TEXT) / 8];
    const unsigned shift = 8 * (address & 4);

    *word = (*word & ~(0xffffffffull << shift)) | (uint64_t)instruction << shift;
}

static void record(uint64_t at, uint64_t next, uint64_t address)
{
    p.stack[(at - STACK) / 8] = next;
    p.stack[(at - STACK) / 8 + 1] = address;
}

/* main called middle at main+0x10, which called leaf at middle+0x20; start called main. */
static struct crash make_process(void)
{
    memset(&p, 0, sizeof(p));
    maker_init(&p.elf);
    maker_add(&p.elf, "main", MAKER_FUNC, 1, MAIN, 0x100);
    maker_add(&p.elf, "middle", MAKER_FUNC, 1, MIDDLE, 0x100);
    maker_add(&p.elf, "leaf", MAKER_FUNC, 1, LEAF, 0x100);
    maker_add(&p.elf, "os_start", MAKER_FUNC, 1, START, 0x100);
    maker_finish(&p.elf);
    for (uint64_t at = TEXT; at < TEXT + sizeof(p.text); at += 4) {
        put_instruction(at, NOP);
    }
    put_instruction(MAIN + 0x10, BL);
    put_instruction(MIDDLE + 0x20, BLR_X8);
    put_instruction(START + 0xfc, BL);          /* the last instruction: what it called does not come back */
    record(SP + 32, SP + 64, MAIN + 0x14);      /* of middle */
    record(SP + 64, SP + 96, START + 0x100);    /* of main */
    record(SP + 96, 0, 0);                      /* of os_start */
    p.reg[29] = SP + 32;
    p.reg[30] = MIDDLE + 0x24;
    return (struct crash){
        .name = "crash-test", .pid = 7, .cause = FAULT_WRITE, .syndrome = 0x92000046, .pc = LEAF + 0x10, .sp = SP,
        .stack = STACK, .file = p.elf.file, .file_bytes = p.elf.bytes, .context = &p, .read_regs = read_regs,
        .peek = peek, .line = take_line,
    };
}

static void expect_line(unsigned n, const char *want)
{
    EXPECT(n < p.lines && strcmp(p.line[n], want) == 0, "line %u is <%s>, wanted <%s>", n,
           n < p.lines ? p.line[n] : "not there", want);
}

/* The lines from the backtrace on. */
static void expect_trace(const struct crash *c, const char *what, const char *const want[])
{
    unsigned at = 0, n = 0;

    crash_report(c);
    while (at < p.lines && strncmp(p.line[at], "  #0", 4) != 0) {
        at++;
    }
    for (; want[n]; n++) {
        EXPECT(at + n < p.lines && strcmp(p.line[at + n], want[n]) == 0, "%s: line %u is <%s>, wanted <%s>", what, n,
               at + n < p.lines ? p.line[at + n] : "not there", want[n]);
    }
    EXPECT_EQ(p.lines, at + n, "%s: lines", what);
}

#define TRACE(c, what, ...) expect_trace(c, what, (const char *const[]){ __VA_ARGS__, NULL })

TEST(proc_crash, whole_report)
{
    struct crash c = make_process();

    for (unsigned i = 0; i < 35; i++) {
        p.reg[i] = i < 29 ? i * 0x1111111111111111ull : p.reg[i];
    }
    p.reg[33] = 0x60000000;
    p.reg[34] = 0xabc;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: write to address 0x0, which is not mapped, at pc 0x400210 (leaf+0x10)");
    expect_line(1, "  x0  0000000000000000  x1  1111111111111111  x2  2222222222222222  x3  3333333333333333");
    expect_line(7, "  x24 9999999999999998  x25 aaaaaaaaaaaaaaa9  x26 bbbbbbbbbbbbbbba  x27 cccccccccccccccb");
    expect_line(8, "  x28 dddddddddddddddc  x29 00000000005000a0  x30 0000000000400124  sp  0000000000500080");
    expect_line(9, "  pc  0000000000400210  pst 0000000060000000  tls 0000000000000abc  esr 0000000092000046");
    expect_line(10, "  #0 0x400210 leaf+0x10");
    expect_line(11, "  #1 0x400124 middle+0x24");
    expect_line(12, "  #2 0x400014 main+0x14");
    expect_line(13, "  #3 0x400400 os_start+0x100");
    EXPECT_EQ(p.lines, 14, "lines");
}

/* --- sentences --- */

#define DABT 0x92000000u
#define IABT 0x82000000u
#define WNR  0x40u

static const struct {
    uint64_t cause, address, syndrome;
    const char *want;
} sentence[] = {
    { FAULT_READ, 0x1234, DABT | 0x07, "read from address 0x1234, which is not mapped" },
    { FAULT_WRITE, 0x1234, DABT | WNR | 0x04, "write to address 0x1234, which is not mapped" },
    { FAULT_READ, 0x1234, DABT | 0x0f, "read from address 0x1234, which may not be read" },
    { FAULT_WRITE, TEXT, DABT | WNR | 0x0f, "write to address 0x400000, which may not be written" },
    { FAULT_EXEC, STACK, IABT | 0x0f, "execution at address 0x500000, which may not be executed" },
    { FAULT_EXEC, 0, IABT | 0x05, "execution at address 0x0, which is not mapped" },
    { FAULT_READ, 0x1234, DABT | 0x00, "read from address 0x1234, which is too large for its page tables" },
    { FAULT_READ, 0x1234, DABT | 0x0a, "read from address 0x1234, whose access flag is clear" },
    { FAULT_READ, 0x1234, DABT | 0x30, "read from address 0x1234, for an unknown reason" },
    { FAULT_WRITE, STACK - 1, DABT | WNR | 0x07, "write to address 0x4fffff, just below its stack, which is full" },
    { FAULT_READ, STACK - 4096, DABT | 0x07, "read from address 0x4ff000, just below its stack, which is full" },
    { FAULT_READ, STACK - 4097, DABT | 0x07, "read from address 0x4fefff, which is not mapped" },
    { FAULT_EXEC, STACK - 4, IABT | 0x07, "execution at address 0x4ffffc, which is not mapped" },
    { FAULT_ALIGN, 0x1235, DABT | 0x21, "read from address 0x1235, which is not aligned for this" },
    { FAULT_ALIGN, 0x1235, DABT | WNR | 0x21, "write to address 0x1235, which is not aligned for this" },
    { FAULT_ALIGN, LEAF, 0x26u << 26, "use of the stack pointer 0x500080, which is no multiple of 16" },
    { FAULT_ALIGN, 0x1235, 0x22u << 26, "jump to address 0x1235, which is no multiple of 4" },
    { FAULT_ILLEGAL, LEAF, 0x02000000, "undefined instruction 0x0000005a" },
    { FAULT_ILLEGAL, LEAF, 0x0eu << 26, "illegal execution state, instruction 0x0000005a" },
    { FAULT_ILLEGAL, LEAF, 0x18u << 26, "system instruction that programs may not use, 0x0000005a" },
    { FAULT_BREAKPOINT, LEAF, 0xf2001234, "brk 0x1234" },
    { FAULT_BREAKPOINT, LEAF, 0xf2000001, "brk 0x1 (it stopped itself, as after a failed assertion)" },
    { FAULT_ABORT, 0x1234, DABT | 0x10, "external abort: the bus answered with an error to address 0x1234" },
    { FAULT_ABORT, LEAF, DABT | 0x410, "external abort: the bus answered with an error" },
    { FAULT_ABORT, LEAF, 0x2fu << 26, "late external abort (SError), which an earlier access may have caused" },
    { FAULT_OTHER, LEAF, 0x32u << 26, "exception of class 0x32, cause 8" },
    { FAULT_NONE, 0, 0, "exception of class 0x0, cause 0" },
    { 77, 0, 0, "exception of class 0x0, cause 77" },
};

TEST(proc_crash, sentences)
{
    for (size_t i = 0; i < sizeof(sentence) / sizeof(sentence[0]); i++) {
        struct crash c = make_process();
        char want[CRASH_LINE_BYTES];
        put_instruction(LEAF + 0x10, 0x5a);
        c.cause = sentence[i].cause, c.address = sentence[i].address, c.syndrome = sentence[i].syndrome;
        crash_report(&c);
        snprintf(want, sizeof(want), "crash-test, process 7: %s, at pc 0x400210 (leaf+0x10)", sentence[i].want);
        expect_line(0, want);
    }
}

TEST(proc_crash, an_unknown_stack_is_not_told_of)
{
    struct crash c = make_process();

    c.stack = 0, c.address = ~0ull;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: write to address 0xffffffffffffffff, which is not mapped, at pc 0x400210 "
                   "(leaf+0x10)");
}

TEST(proc_crash, sentences_that_stand_alone)
{
    struct crash c = make_process();

    c.cause = FAULT_BREAKPOINT, c.syndrome = 0xf2000000 | BRK_START;
    p.reg[0] = (uint64_t)E_SPAWN << 16 | E_STARTUP;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: could not start: start program: the startup block is malformed");
    EXPECT_EQ(p.lines, 1, "could not start");

    c = make_process();
    c.cause = FAULT_BREAKPOINT, c.syndrome = 0xf2000000 | BRK_START;
    p.no_regs = true;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: could not start: its error cannot be read");

    c = make_process();
    c.cause = FAULT_REVOKED, c.syndrome = 0, c.pc = c.sp = 0;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: its CSpace, VSpace or dispatcher frame was revoked");
    EXPECT_EQ(p.lines, 1, "revoked");
}

TEST(proc_crash, what_cannot_be_read)
{
    struct crash c = make_process();

    c.cause = FAULT_ILLEGAL, c.syndrome = 0;
    p.no_memory = true;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: undefined instruction (cannot be read), at pc 0x400210 (leaf+0x10)");

    c = make_process();
    p.no_regs = true;
    crash_report(&c);
    expect_line(1, "  registers cannot be read: the dispatcher lacks a CSpace, VSpace or frame");
    expect_line(2, "  #0 0x400210 leaf+0x10");
    EXPECT_EQ(p.lines, 3, "no registers");

    c = make_process();
    c.file = NULL;
    crash_report(&c);
    expect_line(0, "crash-test, process 7: write to address 0x0, which is not mapped, at pc 0x400210");
    expect_line(10, "  no names of functions: the file is no ELF file for AArch64");
    expect_line(11, "  #0 0x400210");
    expect_line(12, "  #1 0x400014");
    EXPECT_EQ(p.lines, 14, "without names x30 means nothing");
}

TEST(proc_crash, causes)
{
    uint64_t number;

    EXPECT(strcmp(crash_cause_name(FAULT_NONE), "killed") == 0 && strcmp(crash_cause_name(FAULT_WRITE), "write") == 0 &&
               strcmp(crash_cause_name(FAULT_REVOKED), "revoked") == 0, "names");
    EXPECT(strcmp(crash_cause_name(FAULT_REVOKED + 1), "unknown") == 0 && strcmp(crash_cause_name(~0ull), "unknown") == 0,
           "no names");
    EXPECT(crash_status(FAULT_NONE) == 128 && crash_status(FAULT_REVOKED) == 137 && crash_status(~0ull) == 136, "status");
    EXPECT(crash_brk(FAULT_BREAKPOINT, 0xf2005300, &number) && number == BRK_EXIT, "brk");
    EXPECT(!crash_brk(FAULT_READ, 0xf2005300, &number), "no brk");
}

/* --- backtraces --- */

TEST(proc_crash, where_the_return_address_is)
{
    struct crash c = make_process();
    p.reg[29] = SP + 64;
    p.reg[30] = MAIN + 0x14;
    c.pc = MIDDLE;
    TRACE(&c, "first instruction", "  #0 0x400100 middle+0x0", "  #1 0x400014 main+0x14", "  #2 0x400400 os_start+0x100");

    c = make_process();
    p.reg[30] = MAIN + 0x14;
    c.pc = MIDDLE + 0x10;
    TRACE(&c, "has a record, has called nobody", "  #0 0x400110 middle+0x10", "  #1 0x400014 main+0x14",
          "  #2 0x400400 os_start+0x100");

    c = make_process();
    c.pc = MIDDLE + 0x30;
    TRACE(&c, "has a record, has called leaf", "  #0 0x400130 middle+0x30", "  #1 0x400014 main+0x14",
          "  #2 0x400400 os_start+0x100");

    c = make_process();
    p.reg[30] = LEAF + 0x40;
    c.pc = MIDDLE + 0x30;
    TRACE(&c, "x30 is a number that follows no call", "  #0 0x400130 middle+0x30", "  #1 0x400014 main+0x14",
          "  #2 0x400400 os_start+0x100");

    c = make_process();
    put_instruction(MIDDLE + 0x44, BL);
    p.reg[30] = MIDDLE + 0x48;
    TRACE(&c, "the call is the upper half of a word", "  #0 0x400210 leaf+0x10", "  #1 0x400148 middle+0x48",
          "  #2 0x400014 main+0x14", "  #3 0x400400 os_start+0x100");

    c = make_process();
    c.pc = 0xdead0000, c.cause = FAULT_EXEC;
    TRACE(&c, "jumped into nowhere", "  #0 0xdead0000", "  #1 0x400124 middle+0x24", "  #2 0x400014 main+0x14",
          "  #3 0x400400 os_start+0x100");

    c = make_process();
    c.pc = 0xdead0000;
    TRACE(&c, "fails outside of all functions", "  #0 0xdead0000", "  #1 0x400014 main+0x14",
          "  #2 0x400400 os_start+0x100");
}

TEST(proc_crash, broken_chains)
{
    static const struct {
        const char *why;
        uint64_t next;
    } row[] = {
        { "points to itself", SP + 64 }, { "points down", SP + 32 }, { "a cycle", SP + 48 },
        { "overlaps the record before", SP + 72 }, { "not aligned", SP + 100 }, { "behind the stack", STACK + 4096 },
        { "reaches over the end", STACK + 4096 - 8 }, { "the end of the address space", ~7ull },
        { "wraps", ~15ull }, { "nowhere", 0x123456789ab8 },
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct crash c = make_process();
        char broken[64];
        record(SP + 64, row[i].next, START + 0x100);
        snprintf(broken, sizeof(broken), "  no frame record at 0x%" PRIx64, row[i].next);
        TRACE(&c, row[i].why, "  #0 0x400210 leaf+0x10", "  #1 0x400124 middle+0x24", "  #2 0x400014 main+0x14",
              "  #3 0x400400 os_start+0x100", broken);
    }
    struct crash c = make_process();
    p.reg[29] = SP - 16;
    TRACE(&c, "below the stack pointer", "  #0 0x400210 leaf+0x10", "  #1 0x400124 middle+0x24",
          "  no frame record at 0x500070");

    c = make_process();
    p.reg[29] = 0;
    TRACE(&c, "no chain", "  #0 0x400210 leaf+0x10", "  #1 0x400124 middle+0x24");
}

TEST(proc_crash, the_last_words_of_the_stack_are_read)
{
    struct crash c = make_process();

    record(SP + 64, STACK + 4096 - 16, START + 0x100);
    record(STACK + 4096 - 16, 0, MAIN + 0x14);
    TRACE(&c, "16 bytes", "  #0 0x400210 leaf+0x10", "  #1 0x400124 middle+0x24", "  #2 0x400014 main+0x14",
          "  #3 0x400400 os_start+0x100", "  #4 0x400014 main+0x14");
}

TEST(proc_crash, deep_recursion)
{
    struct crash c = make_process();
    uint64_t at = SP;

    for (; at < SP + 100 * 16; at += 16) {
        record(at, at + 16, MIDDLE + 0x24);
    }
    record(at, 0, MAIN + 0x14);
    p.reg[29] = SP;
    c.pc = MIDDLE;
    TRACE(&c, "ends", "  #0 0x400100 middle+0x0", "  #1 0x400124 middle+0x24", "      and 100 more like it",
          "  #102 0x400014 main+0x14");
}

TEST(proc_crash, too_deep)
{
    struct crash c = make_process();

    for (uint64_t i = 0; i < 200; i++) {
        record(SP + 16 * i, SP + 16 * i + 16, i % 2 ? MAIN + 0x14 : MIDDLE + 0x24);
    }
    p.reg[29] = SP;
    c.pc = MAIN + 0x20;
    crash_report(&c);
    EXPECT_EQ(p.lines, 10 + CRASH_LINES_MAX + 1, "lines");
    expect_line(p.lines - 1, "  and so on");
}

static err_t endless_peek(void *context, uint64_t address, uint64_t words[4])
{
    (void)context;
    p.peeks++;
    for (unsigned i = 0; i < 4; i++) {
        words[i] = i % 2 ? MAIN + 0x14 : address + 16;
    }
    return OK;
}

TEST(proc_crash, a_chain_without_end)
{
    struct crash c = make_process();

    c.peek = endless_peek;
    c.pc = MIDDLE + 0x20;
    crash_report(&c);
    EXPECT_EQ(p.lines, 10 + 2 + 2, "lines");
    expect_line(12, "      and 1022 more like it");
    expect_line(13, "  and so on");
    EXPECT(p.peeks <= CRASH_FRAMES_MAX + 4, "%u looks", p.peeks);

    c = make_process();
    c.peek = endless_peek;
    p.reg[29] = ~15ull;
    TRACE(&c, "nothing lies above", "  #0 0x400210 leaf+0x10", "  no frame record at 0xfffffffffffffff0");
}

/* Names and numbers of any kind: the report ends, in bounds, and its lines are text (take_line looks at them). */
TEST(proc_crash, nonsense)
{
    state = test_seed();
    for (unsigned round = 0; round < 3000; round++) {
        struct crash c = make_process();
        char name[64];
        for (unsigned i = 0; i < sizeof(name); i++) {
            name[i] = (char)test_random(&state);
        }
        name[sizeof(name) - 1] = '\0';
        for (unsigned i = 0; i < 35; i++) {
            p.reg[i] = test_random(&state) % 3 ? STACK + 8 * (test_random(&state) % 600) : test_random(&state);
        }
        for (unsigned n = 0; n < 40; n++) {
            p.elf.file[test_random(&state) % p.elf.bytes] = (uint8_t)test_random(&state);
        }
        if (test_random(&state) % 2) {          /* the header at least */
            memcpy(p.elf.file, "\177ELF\2\1", 6);
            maker_put(p.elf.file + AT_MACHINE, 183, 2);
            maker_put(p.elf.file + AT_SHOFF, p.elf.bytes - 192, 8);
            maker_put(p.elf.file + AT_SHENTSIZE, 64, 2);
            maker_put(p.elf.file + AT_SHNUM, 3, 2);
        }
        p.strange_memory = test_random(&state) % 2;
        c.name = name;
        c.cause = test_random(&state) % 12, c.address = test_random(&state), c.syndrome = test_random(&state);
        c.pc = test_random(&state) % 2 ? TEXT + 4 * (test_random(&state) % 256) : test_random(&state);
        c.sp = test_random(&state) % 2 ? SP : test_random(&state);
        crash_report(&c);
        EXPECT(p.lines >= 1 && p.lines <= 12 + CRASH_LINES_MAX + 3, "round %u: %u lines", round, p.lines);
        EXPECT(p.peeks <= 2 * CRASH_FRAMES_MAX + 8, "round %u: %u looks", round, p.peeks);
    }
}

void print(const char *format, ...)
{
    (void)format;       /* err_print() is not called here */
    abort();
}
