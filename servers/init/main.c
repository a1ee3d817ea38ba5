/** @file main.c  init: the first process of a core.  Checks what the kernel gave it, then becomes the monitor of its core;
 * or, on the boot core, if exec.txt begins with one of its own commands (self-tests, bench), runs those, without any server. */
#include "commands.h"
#include "monitor/monitor.h"
#include "state.h"
#include <os/caps.h>
#include <os/print.h>

/* The kernel's console, in the pieces that it takes. */
void print_sink(const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += KERNEL_PRINT_BYTES) {
        const size_t left = bytes - at;
        if (!err_ok(kernel_print(TASK_KERNEL, text + at, left < KERNEL_PRINT_BYTES ? left : KERNEL_PRINT_BYTES))) {
            break;              /* there is nobody to tell */
        }
    }
}

int main(void)
{
    const struct bootinfo *boot = (const struct bootinfo *)INIT_BOOTINFO_VA;

    if (boot->magic != BOOTINFO_MAGIC) {
        print("init: the boot information page has no valid magic number\n");
        power_off(1);
    }
    init.boot = boot;
    if (boot->core == 0) {
        print("init: Shoal %s\n", boot->version);
    }
    if (!boot_check(boot) || !err_ok(init_setup())) {
        power_off(1);
    }
    if (boot->core != 0 || !boot_commands_own()) {
        monitor_run();
    }
    power_off(run_boot_commands() ? 0 : 1);
}
