/** @file panic.c  See panic.h.  Prints on the console's registers directly, and switches the core off; the boot core, the machine. */
#include <arch/cpu.h>
#include <core/backtrace.h>
#include <core/kcb.h>
#include <core/ksyms.h>
#include <core/lib.h>
#include <core/panic.h>
#include <core/print.h>
#include <dispatch/mailbox.h>

#define PANIC_STATUS 125
#define FRAMES_MAX   32

static void print_frame(size_t number, uint64_t pc)
{
    uint64_t offset = 0;
    const char *name = ksyms_find(pc, &offset);
    if (name) {
        kprintf("  #%zu %p %s+0x%lx\n", number, (void *)pc, name, offset);
    } else {
        kprintf("  #%zu %p\n", number, (void *)pc);
    }
}

/** @p pc: where it happened, 0: only the callers count. */
static void print_backtrace(uint64_t pc, uint64_t fp)
{
    const struct kcb *k = kcb_get();
    const uint64_t low = (uint64_t)k->stack;
    uint64_t callers[FRAMES_MAX];
    const size_t n = backtrace_walk(fp, low, low + KCB_STACK_BYTES, callers, FRAMES_MAX);
    size_t number = 0;
    if (pc != 0) {
        print_frame(number++, pc);
    }
    for (size_t i = 0; i < n; i++) {
        print_frame(number++, callers[i] - 4);      /* the call, not what follows it: that may be another function */
    }
    if (k->canary != KCB_CANARY) {
        kprintf("the word below the stack has been overwritten: stack overflow\n");
    }
}

static void print_registers(const uint64_t *x)
{
    for (unsigned i = 0; i <= 30; i++) {
        kprintf("  x%u%s %016lx%s", i, i < 10 ? " " : "", x[i], i % 4 == 3 || i == 30 ? "\n" : "");
    }
}

/* The machine ends with the boot core, which alone knows of the others; else they go on. */
_Noreturn static void end_panic(void)
{
    struct kcb *const k = kcb_get();
    if (k->core != 0) {
        plat_core_off(&k->plat);
    }
    plat_power_off(&k->plat, PANIC_STATUS);
}

/** Only the first panic prints everything: what it looks at may be what is broken. */
static void begin_panic(void)
{
    struct kcb *k = kcb_get();
    k->panicking++;
    if (k->panicking == 1) {
        mailbox_die(k);
    }
    if (k->panicking == 2) {
        kprintf("\nPANIC core %lu: another panic while printing the first\n", k->core);
        end_panic();
    }
    if (k->panicking > 2) {
        cpu_halt();
    }
}

_Noreturn void panic(const char *format, ...)
{
    begin_panic();
    kprintf("\nPANIC core %lu: ", kcb_get()->core);
    va_list args;
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
    kprintf("\n");
    print_backtrace(0, (uint64_t)__builtin_frame_address(0));
    end_panic();
}

/** Of ESR_EL1.EC.  Source: Arm ARM D13, ESR_ELx. */
static const char *exception_class(uint64_t esr)
{
    static const struct { uint8_t class; const char *name; } names[] = {
        { 0x00, "undefined instruction" }, { 0x07, "FP/SIMD used by the kernel" }, { 0x0e, "illegal execution state" },
        { 0x15, "system call" },           { 0x18, "system register refused" },    { 0x20, "instruction abort of EL0" },
        { 0x21, "instruction abort" },     { 0x22, "PC not aligned" },             { 0x24, "data abort of EL0" },
        { 0x25, "data abort" },            { 0x26, "SP not aligned" },             { 0x2f, "SError" },
        { 0x3c, "BRK instruction" },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].class == (esr >> 26 & 63)) {
            return names[i].name;
        }
    }
    return "exception";
}

_Noreturn void panic_exception(uint64_t kind, uint64_t esr, uint64_t elr, uint64_t far, const uint64_t *x)
{
    static const char *const vectors[] = { "", "IRQ: ", "FIQ: ", "SError: " };
    begin_panic();
    kprintf("\nPANIC core %lu: %s%s\n", kcb_get()->core, vectors[kind & 3], exception_class(esr));
    kprintf("  vector %lu  esr %08lx  elr %016lx  far %016lx\n", kind, esr, elr, far);
    print_registers(x);
    print_backtrace(elr, x[29]);
    end_panic();
}
