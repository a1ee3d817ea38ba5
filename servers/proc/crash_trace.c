/**
 * @file crash_trace.c  The backtrace of a crash; contracts in crash_internal.h.
 *
 * A function with a frame keeps a record {caller's x29, return address} and its own x29 points there (AAPCS64, 6.4.6).
 * A leaf has none, nor has a function that has just been entered: then the return address still is in x30, and x29 is
 * the caller's.  Whatever points down or nowhere ends the walk.
 */
#include "crash_internal.h"
#include <os/print.h>

#define INSTRUCTION_BYTES 4u

struct trace {
    const struct report *r;
    unsigned frames, lines;
    unsigned same;              /* frames like the last line's that were not told */
    uint64_t last;
};

bool crash_place(const struct report *r, uint64_t address, uint64_t inside, char out[CRASH_PLACE_BYTES])
{
    struct symbol f;

    if (!symbols_find(&r->symbols, inside, &f)) {
        return false;
    }
    format_text(out, CRASH_PLACE_BYTES, "%.*s+0x%lx", (int)f.length, f.name, address - f.start);
    return true;
}

static void say_same(struct trace *t)
{
    if (t->same > 0) {
        crash_say(t->r, "      and %u more like it", t->same);
        t->same = 0;
    }
}

/* One frame.  @p inside: @p pc, but for a return address the call before it, which may be its function's last instruction. */
static void add_frame(struct trace *t, uint64_t pc, uint64_t inside)
{
    char place[CRASH_PLACE_BYTES] = "";

    if (t->frames++ > 0 && pc == t->last) {
        t->same++;
        return;
    }
    say_same(t);
    (void)crash_place(t->r, pc, inside, place);
    crash_say(t->r, "  #%u 0x%lx%s%s", t->frames - 1, pc, *place ? " " : "", place);
    t->lines++;
    t->last = pc;
}

static void add_return(struct trace *t, uint64_t address)
{
    add_frame(t, address, address - INSTRUCTION_BYTES);
}

static bool follows_call(const struct report *r, uint64_t address)
{
    uint32_t instruction;

    return crash_instruction(r, address - INSTRUCTION_BYTES, &instruction) &&
           ((instruction & 0xfc000000) == 0x94000000 || (instruction & 0xfffffc1f) == 0xd63f0000);    /* BL, BLR */
}

/* Does the function at pc return by x30, and has it no record yet?  In a function with a record x30 either is the
 * record's, or left over from a call that this very function made.  So of a function that calls itself one frame can be
 * missing, if it crashed between its first instruction and its record. */
static bool returns_by_x30(const struct report *r)
{
    const uint64_t pc = r->crash->pc, x30 = r->reg[CRASH_X30];
    struct symbol here, caller;
    uint64_t record[2];

    if (!follows_call(r, x30)) {
        return false;
    }
    if (r->crash->cause == FAULT_EXEC) {
        return true;                    /* what was jumped to has not run */
    }
    if (!symbols_find(&r->symbols, pc, &here) || !symbols_find(&r->symbols, x30 - INSTRUCTION_BYTES, &caller)) {
        return false;
    }
    if (pc == here.start) {
        return true;
    }
    return here.start != caller.start && !(crash_peek_two(r, r->reg[CRASH_X29], record) && record[1] == x30);
}

static bool record_ok(const struct report *r, uint64_t fp, uint64_t low, uint64_t record[2])
{
    return fp >= low && fp <= UINT64_MAX - 16 && crash_peek_two(r, fp, record);
}

static void follow(struct trace *t, uint64_t fp, uint64_t low)
{
    while (fp != 0) {                   /* crt0 and the upcall entries begin with that */
        uint64_t record[2];
        if (t->lines >= CRASH_LINES_MAX || t->frames >= CRASH_FRAMES_MAX) {
            say_same(t);
            crash_say(t->r, "  and so on");
            return;
        }
        if (!record_ok(t->r, fp, low, record)) {
            say_same(t);
            crash_say(t->r, "  no frame record at 0x%lx", fp);
            return;
        }
        if (record[1] == 0) {
            break;
        }
        add_return(t, record[1]);
        low = fp + 16;
        fp = record[0];
    }
    say_same(t);
}

void crash_trace(const struct report *r)
{
    struct trace t = { .r = r };

    add_frame(&t, r->crash->pc, r->crash->pc);
    if (!err_ok(r->regs_err)) {
        return;
    }
    if (returns_by_x30(r)) {
        add_return(&t, r->reg[CRASH_X30]);
    }
    follow(&t, r->reg[CRASH_X29], r->crash->sp);
}
