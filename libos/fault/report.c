/** @file report.c  The last words of a program.  Contracts in internal.h. */
#include "internal.h"

#include <os/err.h>
#include <os/lowlock.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/stock.h>

static const char *const verb[] = { [FAULT_READ] = "read from", [FAULT_WRITE] = "write to",
                                    [FAULT_EXEC] = "execution at" };

/* In the page below its stack? */
static bool overflow(const struct thread *t, uint64_t address)
{
    uint64_t base, bytes;

    return thread_stack(t, &base, &bytes) && address < base && address >= base - SHOAL_PAGE_SIZE;
}

static bool in_stack(const struct thread *t, uint64_t address)
{
    uint64_t base, bytes;

    return thread_stack(t, &base, &bytes) && address - base < bytes;
}

static const char *why(const struct thread *t, const struct thread_fault *f, enum vspace_fill fill)
{
    if (!os_low_none()) {
        return "fault under a low lock";
    }
    if (overflow(t, f->address)) {
        return "stack overflow";
    }
    if (exception_stack_guard(f, f->address)) {
        return "stack overflow in the exception handler";
    }
    switch (fill) {
    case FILL_ERROR:
        return in_stack(t, f->address) ? "out of memory, and the stack cannot grow," : "out of memory";
    case FILL_GUARD:
        return "access to the guard of a stack, not its own,";
    case FILL_ACCESS:
        return f->cause == FAULT_WRITE  ? "write to read-only memory"
               : f->cause == FAULT_EXEC ? "execution of data"
                                        : "read of memory that may not be read";
    default:
        return f->address < VSPACE_LOW ? "null pointer" : "access to memory that is not mapped";
    }
}

void fault_reason(char *text, size_t bytes, const struct thread *t, const struct thread_fault *f,
                  enum vspace_fill fill, err_t err)
{
    static const char *const other[] = { [FAULT_ALIGN] = "access that is not aligned",
                                         [FAULT_ILLEGAL] = "instruction that programs may not use",
                                         [FAULT_BREAKPOINT] = "breakpoint" };
    const char *const name = thread_name(t);
    size_t at;

    if (f->cause >= sizeof(verb) / sizeof(verb[0])) {
        const bool known = f->cause < sizeof(other) / sizeof(other[0]);
        at = format_text(text, bytes, "%s of thread %u", known ? other[f->cause] : "exception", thread_id(t));
    } else {
        at = format_text(text, bytes, "%s of thread %u", why(t, f, fill), thread_id(t));
    }
    if (at < bytes && name[0]) {
        at += format_text(text + at, bytes - at, " (%s)", name);
    }
    if (at < bytes && verb[f->cause < sizeof(verb) / sizeof(verb[0]) ? f->cause : 0]) {
        at += format_text(text + at, bytes - at, ": %s 0x%lx", verb[f->cause], f->address);
    }
    if (at + 2 < bytes && !err_ok(err)) {
        text[at++] = ':', text[at++] = ' ';
        err_format(err, text + at, bytes - at);
    }
}

_Noreturn void fault_end(const struct thread_fault *fault, const char *reason, const struct save_area *regs)
{
    static struct save_area last;
    struct dispatcher_frame *const frame = frame_self();

    last = *regs;
    frame->fault_entry = 0;             /* a second fault is the kernel's to report */
    if (fault->cause < sizeof(verb) / sizeof(verb[0])) {    /* of others, the report of the process server says it all */
        os_low_stack = 0;
        thread_last_words();
        os_stock()->refilling = true;   /* to open the terminal, what is in hand must do: there may be no more */
        print("%s: %s, at pc 0x%lx\n", os_startup()->name, reason, last.pc);
        print_flush();
        disable(frame);
    }
    frame->enabled = last;
    sys_resume();
}
