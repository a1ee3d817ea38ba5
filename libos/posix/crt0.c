/**
 * @file crt0.c  The way from os_start() to main() in a program with the C library.  Linked as an object of its own, not
 * from the archive: that is what makes a program one with a C library.
 */
#include "inherit.h"
#include "tls.h"

#include <os/startup.h>
#include <stdlib.h>
#include <unistd.h>

typedef void (*init_fn)(void);

extern init_fn __init_array_start[], __init_array_end[];
extern char __tls_main[];

void os_runtime_main(int argc, char **argv, char **envp)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(__tls_main) : "memory");
    os_tls_init(__tls_main, NULL);
    environ = envp;
    os_inherit(envp);
    for (init_fn *fn = __init_array_start; fn < __init_array_end; fn++) {
        (*fn)();
    }
    exit(main(argc, argv, envp));
}
