/**
 * @file crash.c  A crash's sentence and its registers; contracts in crash.h, the backtrace is in crash_trace.c.
 * Source: Arm ARM (DDI 0487) D17.2.37, ESR_EL1.
 */
#include "crash_internal.h"
#include <os/err.h>
#include <os/print.h>
#include <os/startup.h>

#define SENTENCE_BYTES 160u

/* Exception classes, ESR_EL1 bits 31..26. */
enum {
    EC_WFX = 0x01,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SYSTEM = 0x18,
    EC_PC_ALIGNMENT = 0x22,
    EC_SP_ALIGNMENT = 0x26,
    EC_SERROR = 0x2f,
};

static const char *const cause_name[] = {
    [FAULT_NONE] = "killed",
    [FAULT_READ] = "read",
    [FAULT_WRITE] = "write",
    [FAULT_EXEC] = "execute",
    [FAULT_ALIGN] = "alignment",
    [FAULT_ILLEGAL] = "illegal instruction",
    [FAULT_BREAKPOINT] = "brk",
    [FAULT_ABORT] = "external abort",
    [FAULT_OTHER] = "other",
    [FAULT_REVOKED] = "revoked",
};

const char *crash_cause_name(uint64_t cause)
{
    return cause < sizeof(cause_name) / sizeof(cause_name[0]) ? cause_name[cause] : "unknown";
}

void crash_say(const struct report *r, const char *format, ...)
{
    char text[CRASH_LINE_BYTES];
    va_list args;

    va_start(args, format);
    format_text_v(text, sizeof(text), format, args);
    va_end(args);
    for (char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~') {             /* names come from files: nothing of theirs moves a cursor */
            *c = '?';
        }
    }
    r->crash->line(r->crash->context, text);
}

bool crash_peek_two(const struct report *r, uint64_t address, uint64_t words[2])
{
    const struct crash *c = r->crash;
    uint64_t four[4];

    if (address % 8 != 0) {
        return false;
    }
    if (err_ok(c->peek(c->context, address, four))) {
        words[0] = four[0], words[1] = four[1];
        return true;
    }
    /* The end of what is mapped may be nearer than four words. */
    if (address < 16 || !err_ok(c->peek(c->context, address - 16, four))) {
        return false;
    }
    words[0] = four[2], words[1] = four[3];
    return true;
}

bool crash_instruction(const struct report *r, uint64_t address, uint32_t *instruction)
{
    uint64_t words[2];

    if (address % 4 != 0 || !crash_peek_two(r, address & ~7ull, words)) {
        return false;
    }
    *instruction = (uint32_t)(words[0] >> 8 * (address & 4));
    return true;
}

/* --- why --- */

static unsigned class_of(const struct crash *c)
{
    return c->syndrome >> 26 & 63;
}

/* DFSC or IFSC of an abort.  Only the upper bits are looked at: the lower two are the level of the table. */
static const char *access_reason(const struct crash *c)
{
    static const char *const forbidden[] = {
        [FAULT_READ] = "which may not be read",
        [FAULT_WRITE] = "which may not be written",
        [FAULT_EXEC] = "which may not be executed",
    };

    if (c->cause != FAULT_EXEC && c->stack >= SHOAL_PAGE_SIZE && c->address < c->stack &&
        c->stack - c->address <= SHOAL_PAGE_SIZE) {
        return "just below its stack, which is full";
    }
    switch (c->syndrome >> 2 & 15) {
    case 0:
        return "which is too large for its page tables";
    case 1:
        return "which is not mapped";
    case 2:
        return "whose access flag is clear";
    case 3:
        return forbidden[c->cause];
    default:
        return "for an unknown reason";
    }
}

static void access_sentence(const struct crash *c, char *out)
{
    static const char *const verb[] = {
        [FAULT_READ] = "read from", [FAULT_WRITE] = "write to", [FAULT_EXEC] = "execution at",
    };

    format_text(out, SENTENCE_BYTES, "%s address 0x%lx, %s", verb[c->cause], c->address, access_reason(c));
}

static void alignment_sentence(const struct crash *c, char *out)
{
    if (class_of(c) == EC_SP_ALIGNMENT) {
        format_text(out, SENTENCE_BYTES, "use of the stack pointer 0x%lx, which is no multiple of 16", c->sp);
    } else if (class_of(c) == EC_PC_ALIGNMENT) {
        format_text(out, SENTENCE_BYTES, "jump to address 0x%lx, which is no multiple of 4", c->address);
    } else {
        format_text(out, SENTENCE_BYTES, "%s address 0x%lx, which is not aligned for this",
                    c->syndrome & 1 << 6 ? "write to" : "read from", c->address);
    }
}

static void illegal_sentence(const struct report *r, char *out)
{
    uint32_t instruction;
    const char *what = "undefined instruction";

    if (class_of(r->crash) == EC_ILLEGAL_STATE) {
        what = "illegal execution state, instruction";
    } else if (class_of(r->crash) == EC_SYSTEM || class_of(r->crash) == EC_WFX) {
        what = "system instruction that programs may not use,";
    }
    if (crash_instruction(r, r->crash->pc, &instruction)) {
        format_text(out, SENTENCE_BYTES, "%s 0x%08x", what, instruction);
    } else {
        format_text(out, SENTENCE_BYTES, "%s (cannot be read)", what);
    }
}

static void abort_sentence(const struct crash *c, char *out)
{
    if (class_of(c) == EC_SERROR) {
        format_text(out, SENTENCE_BYTES, "late external abort (SError), which an earlier access may have caused");
    } else if (c->syndrome & 1 << 10) {         /* FnV: the address is not known */
        format_text(out, SENTENCE_BYTES, "external abort: the bus answered with an error");
    } else {
        format_text(out, SENTENCE_BYTES, "external abort: the bus answered with an error to address 0x%lx", c->address);
    }
}

static void breakpoint_sentence(const struct crash *c, char *out)
{
    uint64_t number;

    (void)crash_brk(c->cause, c->syndrome, &number);
    format_text(out, SENTENCE_BYTES, "brk 0x%lx%s", number,
                number == 1 ? " (it stopped itself, as after a failed assertion)" : "");     /* __builtin_trap() */
}

static void sentence(const struct report *r, char *out)
{
    const struct crash *c = r->crash;

    switch (c->cause) {
    case FAULT_READ:
    case FAULT_WRITE:
    case FAULT_EXEC:
        access_sentence(c, out);
        break;
    case FAULT_ALIGN:
        alignment_sentence(c, out);
        break;
    case FAULT_ILLEGAL:
        illegal_sentence(r, out);
        break;
    case FAULT_BREAKPOINT:
        breakpoint_sentence(c, out);
        break;
    case FAULT_ABORT:
        abort_sentence(c, out);
        break;
    default:
        format_text(out, SENTENCE_BYTES, "exception of class 0x%x, cause %lu", class_of(c), c->cause);
        break;
    }
}

/* --- the report --- */

static void read_registers(struct report *r)
{
    const struct crash *c = r->crash;

    for (unsigned first = 0; first < CRASH_REGS && err_ok(r->regs_err); first += 5) {
        r->regs_err = c->read_regs(c->context, first, &r->reg[first]);
    }
}

static void say_registers(const struct report *r)
{
    const uint64_t *x = r->reg;
    char why[128];

    if (!err_ok(r->regs_err)) {
        err_format(r->regs_err, why, sizeof(why));
        crash_say(r, "  registers cannot be read: %s", why);
        return;
    }
    for (unsigned i = 0; i < 28; i += 4) {
        crash_say(r, "  x%-2u %016lx  x%-2u %016lx  x%-2u %016lx  x%-2u %016lx", i, x[i], i + 1, x[i + 1], i + 2, x[i + 2],
                  i + 3, x[i + 3]);
    }
    crash_say(r, "  x28 %016lx  x29 %016lx  x30 %016lx  sp  %016lx", x[28], x[CRASH_X29], x[CRASH_X30], r->crash->sp);
    crash_say(r, "  pc  %016lx  pst %016lx  tls %016lx  esr %016lx", r->crash->pc, x[CRASH_PSTATE], x[CRASH_TPIDR],
              r->crash->syndrome);
}

static void say_what(const struct report *r)
{
    const struct crash *c = r->crash;
    char what[SENTENCE_BYTES], place[CRASH_PLACE_BYTES];

    sentence(r, what);
    if (crash_place(r, c->pc, c->pc, place)) {
        crash_say(r, "%.32s, process %s: %s, at pc 0x%lx (%s)", c->name, r->pid, what, c->pc, place);
    } else {
        crash_say(r, "%.32s, process %s: %s, at pc 0x%lx", c->name, r->pid, what, c->pc);
    }
}

static void say_not_started(const struct report *r)
{
    char why[256] = "its error cannot be read";

    if (err_ok(r->regs_err)) {
        err_format((err_t){ r->reg[0] }, why, sizeof(why));
    }
    crash_say(r, "%.32s, process %s: could not start: %s", r->crash->name, r->pid, why);
}

void crash_report(const struct crash *crash)
{
    struct report r = { .crash = crash };
    uint64_t number;

    (void)pid_text(r.pid, crash->pid);
    if (crash->cause == FAULT_REVOKED) {
        crash_say(&r, "%.32s, process %s: its CSpace, VSpace or dispatcher frame was revoked", crash->name, r.pid);
        return;
    }
    read_registers(&r);
    if (crash_brk(crash->cause, crash->syndrome, &number) && number == BRK_START) {
        say_not_started(&r);
        return;
    }
    const char *const no_names = symbols_open(&r.symbols, crash->file, crash->file ? crash->file_bytes : 0);
    say_what(&r);
    say_registers(&r);
    if (no_names) {
        crash_say(&r, "  no names of functions: %s", no_names);
    }
    crash_trace(&r);
}
