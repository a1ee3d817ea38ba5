/** @file boot.c  What the menu starts; contracts in proc.h. */
#include "menu.h"
#include "proc.h"
#include <os/err.h>
#include <os/print.h>
#include <os/startup.h>
#include <stubs/monitor.h>
#include <stubs/proc.h>

#define MENU      "menu.lst"
#define FAST_ENDS 5u                /* in a row, each within a second of its start: the next start waits for a second */

struct boot_entry {
    struct boot_entry *next;        /* of those that are to be started again */
    struct menu menu;               /* to read the line once more */
    bool respawn, last, console;
    unsigned fast_ends;
    uint64_t started, due;          /* ticks */
};

static struct {
    struct menu menu;
    bool waiting;                   /* for the terminal */
    struct slab entries;
    struct boot_entry *again;       /* in the order in which they ended */
} boot;

_Noreturn static void off(unsigned status)
{
    for (;;) {
        err_ignore(monitor_machine(os_monitor(), MACHINE_OFF, status));     /* it does not come back */
    }
}

static uint64_t ticks(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
    return now;
}

static uint64_t ticks_per_second(void)
{
    uint64_t hz;

    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

/* Start the program of an entry.  @return false: it could not be, and that was said */
static bool start(struct boot_entry *entry, const struct menu_entry *line)
{
    static const char *const no_variables[] = { NULL };
    const iref_t stream[3] = { proc.console, proc.console, proc.console }, none[3] = { 0, 0, 0 };
    const struct make make = {
        .name = line->word[0], .argv = line->word, .argc = line->count, .envp = no_variables,
        .stream = line->console ? none : stream,
        .flags = (line->console ? PROCESS_DRIVER : 0) | (line->manager ? PROCESS_MANAGER : 0),
        .priority = line->console ? SERVER_PRIORITY : PROGRAM_PRIORITY,
    };
    struct process *made;
    char text[200];

    const err_t err = process_make(&make, &made);
    if (!err_ok(err)) {
        (void)err_format(err, text, sizeof(text));
        log_line("proc: " MENU " line %u: cannot start %s: %s\n", line->line, line->word[0], text);
        return false;
    }
    made->entry = entry;
    entry->started = ticks();
    return true;
}

/* A line of the menu.  A machine whose terminal or last program cannot be started has nothing to go on for. */
static void start_line(const struct menu *at, const struct menu_entry *line)
{
    struct boot_entry *const entry = slab_alloc(&boot.entries);

    if (!entry) {
        log_line("proc: " MENU " line %u: out of memory\n", line->line);
        return;
    }
    *entry = (struct boot_entry){
        .menu = *at, .respawn = line->respawn, .last = line->last, .console = line->console,
    };
    if (!start(entry, line)) {
        slab_free(&boot.entries, entry);
        if (line->last || line->console) {
            off(1);
        }
        return;
    }
    boot.waiting |= line->console;
}

/* Each core reads the menu, and starts what is its own; what is wrong with it the boot core says. */
static void go_on_with(const struct menu *at, const struct menu_entry *line)
{
    const uint64_t core = line->core == MENU_ANY_CORE ? 0 : line->core;
    uint64_t phase;

    if (!line->wrong && core == proc.core) {
        start_line(at, line);
    } else if (proc.core != 0) {
        return;
    } else if (line->wrong) {
        log_line("proc: " MENU " is broken, line %u: %s\n", line->line, line->wrong);
    } else if (!err_ok(monitor_core(os_monitor(), core, &phase))) {
        log_line("proc: " MENU " line %u: the machine has no core %lu\n", line->line, core);
    }
}

static void go_on(void)
{
    static struct words words;
    struct menu at = boot.menu;
    struct menu_entry line;

    while (!boot.waiting && menu_next(&boot.menu, &words, &line)) {
        err_ignore(stock_refill(os_stock()));       /* what lacks shows in what fails */
        go_on_with(&at, &line);
        at = boot.menu;
    }
}

void boot_start(void)
{
    const char *text;
    size_t bytes;

    slab_init(&boot.entries, sizeof(struct boot_entry), &os_stock()->pool, SLAB_KEEP);
    const err_t err = stock_add_slab(os_stock(), &boot.entries, E_REFILL_SESSIONS);
    if (!err_ok(err) || !archive_file(MENU, &text, &bytes)) {
        log_line("proc: there is no " MENU " in the boot archive: nothing to start\n");
        off(1);
    }
    menu_open(&boot.menu, text, bytes);
    go_on();
}

/* --- again --- */

static void add_again(struct boot_entry *entry, uint64_t due)
{
    struct boot_entry **link = &boot.again;

    while (*link) {
        link = &(*link)->next;
    }
    entry->due = due;
    entry->next = NULL;
    *link = entry;
}

static void start_again(struct boot_entry *entry)
{
    static struct words words;
    struct menu menu = entry->menu;
    struct menu_entry line;

    if (!menu_next(&menu, &words, &line) || line.wrong || !start(entry, &line)) {
        add_again(entry, ticks() + ticks_per_second());         /* memory that lacks now may be there then */
    }
}

/* Those that are due.  What writes to the terminal waits for it. */
static void start_due(void)
{
    struct boot_entry *entry = boot.again;
    const uint64_t now = ticks();

    boot.again = NULL;
    proc.server.deadline = 0;
    for (struct boot_entry *next; entry; entry = next) {
        next = entry->next;
        if (entry->due <= now && (entry->console || !boot.waiting)) {
            start_again(entry);
        } else {
            add_again(entry, entry->due);
        }
    }
    for (entry = boot.again; entry; entry = entry->next) {
        const bool clock = entry->console || !boot.waiting;     /* and nothing else is waited for */
        if (clock && (!proc.server.deadline || entry->due < proc.server.deadline)) {
            proc.server.deadline = entry->due;
        }
    }
}

void boot_step(void)
{
    if (proc.server.deadline && ticks() >= proc.server.deadline) {
        start_due();
    }
}

void boot_console_ready(void)
{
    boot.waiting = false;
    start_due();
    go_on();
}

static void end_for_good(struct boot_entry *entry, const struct process *p)
{
    const bool console = entry->console;

    if (p->status != 0) {
        char pid[PID_TEXT_BYTES];
        log_line("proc: %s (process %s) ended with status %u\n", p->name, pid_text(pid, p->pid), p->status);
    }
    slab_free(&boot.entries, entry);
    if (console) {
        boot_console_ready();                   /* what waits for it goes on without a terminal */
    }
}

void boot_ended(struct process *p)
{
    struct boot_entry *const entry = p->entry;
    const uint64_t now = ticks();
    const bool fast = now - entry->started < ticks_per_second();

    p->entry = NULL;
    if (entry->last) {
        off(p->status);
    }
    if (!entry->respawn) {
        end_for_good(entry, p);
        return;
    }
    entry->fast_ends = fast ? entry->fast_ends + 1 : 0;
    if (entry->fast_ends == FAST_ENDS) {
        log_line("proc: %s ended %u times at once, status %u: from now on a second passes before it is started again\n",
                 p->name, FAST_ENDS, p->status);
    }
    const bool late = entry->fast_ends >= FAST_ENDS;
    boot.waiting |= entry->console;
    add_again(entry, late ? now + ticks_per_second() : now);
    if (entry->console && late) {
        boot_console_ready();                   /* the others have waited long enough */
    } else {
        start_due();
    }
}
