/** @file main.c  init: the first process.  Checks what the kernel gave it, then does what exec.txt or menu.lst says. */
#include "commands.h"
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
    power_off(run_boot_commands() ? 0 : 1);
}
