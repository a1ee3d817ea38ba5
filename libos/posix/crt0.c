/**
 * @file crt0.c  The way from os_start() to main() in a program with the C library.  Linked as an object of its own, not
 * from the archive: that is what makes a program one with a C library.
 */
#include "inherit.h"
#include "tls.h"

#include <os/fault.h>
#include <os/startup.h>
#include <os/thread_fault.h>
#include <stdlib.h>
#include <unistd.h>

typedef void (*init_fn)(void);

extern init_fn __init_array_start[], __init_array_end[];
extern char __tls_main[];

/* Main programs count on more than the 64 KiB that a process begins with; it costs nothing before it is used. */
#define STACK_BYTES (8ull << 20)

static struct {
    int argc;
    char **argv, **envp;
} given;

static _Noreturn void run(void)
{
    for (init_fn *fn = __init_array_start; fn < __init_array_end; fn++) {
        (*fn)();
    }
    exit(main(given.argc, given.argv, given.envp));
}

/* Without paging, or memory for it, the stack that there is has to do. */
static _Noreturn void run_on_large_stack(void)
{
    uint64_t top;

    if (!err_ok(os_paging_start()) || !err_ok(thread_main_stack(STACK_BYTES, &top))) {
        run();
    }
    /* The frame record below is the last that a backtrace finds. */
    __asm__ volatile("mov sp, %0\n\tmov x29, xzr\n\tmov x30, xzr\n\tbr %1" : : "r"(top), "r"(run) : "memory", "x30");
    __builtin_unreachable();
}

void os_runtime_main(int argc, char **argv, char **envp)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(__tls_main) : "memory");
    os_tls_init(__tls_main, NULL);
    environ = envp;
    os_inherit(envp);
    given.argc = argc;
    given.argv = argv;
    given.envp = envp;
    run_on_large_stack();
}
