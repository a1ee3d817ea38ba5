/** @file main.c  init: the first process.  Checks what the kernel gave it, then becomes the monitor of its core;
 * or, if exec.txt begins with one of its own commands (self-tests, bench), runs those, without any server. */
#include "commands.h"
#include "monitor/monitor.h"
#include "state.h"
#include <os/caps.h>
#include <os/print.h>

int main(void)
{
    const struct bootinfo *boot = (const struct bootinfo *)INIT_BOOTINFO_VA;

    print_use(TASK_KERNEL);
    if (boot->magic != BOOTINFO_MAGIC) {
        print("init: the boot information page has no valid magic number\n");
        power_off(1);
    }
    init.boot = boot;
    print("init: Shoal %s\n", boot->version);
    if (!boot_check(boot) || !err_ok(init_setup())) {
        power_off(1);
    }
    if (!boot_commands_own()) {
        monitor_run();
    }
    power_off(run_boot_commands() ? 0 : 1);
}
