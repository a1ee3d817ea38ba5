/** @file commands.c  Finding and running commands; contracts in commands.h. */
#include "commands.h"
#include "state.h"
#include "test.h"
#include <os/args.h>
#include <os/caps.h>
#include <os/print.h>
#include <os/string.h>
#include <shoal/archive.h>

_Noreturn void power_off(int status)
{
    if (init.boot && init.boot->core != 0) {
        err_ignore(kernel_stop(TASK_KERNEL));       /* the machine is the boot core's: this core is not */
    }
    err_ignore(core_power_off(TASK_CORECONTROL, (uint64_t)status & 255));
    print("init: the machine cannot be switched off\n");
    for (;;) {
        __asm__ volatile("" : : : "memory");
    }
}

static const struct test_group *find_group(const char *name)
{
    for (unsigned i = 0; i < test_group_count; i++) {
        if (strcmp(test_groups[i]->name, name) == 0) {
            return test_groups[i];
        }
    }
    return NULL;
}

/* All groups of tests, or those that are named. */
static int selftest_command(unsigned count, const char *const words[])
{
    unsigned failed = 0;

    for (unsigned i = 0; count == 1 && i < test_group_count - test_group_apart; i++) {
        failed += test_run_group(test_groups[i]);
    }
    for (unsigned i = 1; i < count; i++) {
        const struct test_group *const group = find_group(words[i]);
        if (!group) {
            print("init: selftest: no group is called %s\n", words[i]);
            init.failed++;
            failed++;
        } else {
            failed += test_run_group(group);
        }
    }
    return failed != 0;
}

static int power_off_command(unsigned count, const char *const words[])
{
    unsigned long status = init.failed != 0;

    if (count > 2 || (count == 2 && (!parse_number(words[1], &status) || status > 255))) {
        print("kernel-poweroff: wants a status of 0 to 255 or nothing\n");
        return 2;
    }
    print("init: %u passed, %u failed\n", init.passed, init.failed);
    power_off((int)status);
}

static const struct {
    const char *name;
    int (*run)(unsigned count, const char *const words[]);
} command[] = {
    { "selftest", selftest_command },
    { "kernel-bench", bench_command },
    { "syscall-fuzz", fuzz_command },
    { "kernel-poweroff", power_off_command },
};
#define COMMANDS (sizeof(command) / sizeof(command[0]))

bool command_known(const char *name)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (strcmp(command[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Groups of tests count their tests themselves. */
static int run_counted(unsigned i, unsigned count, const char *const words[])
{
    const int status = command[i].run(count, words);

    if (command[i].run == selftest_command) {
        return status;
    }
    if (status == 0) {
        init.passed++;
    } else {
        init.failed++;
        print("init: %s: status %d\n", words[0], status);
    }
    return status;
}

int command_run(unsigned count, const char *const words[])
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (strcmp(command[i].name, words[0]) == 0) {
            return run_counted(i, count, words);
        }
    }
    print("init: %s: no such command, status %d\n", words[0], STATUS_UNKNOWN);
    init.failed++;
    return STATUS_UNKNOWN;
}

/* A script: every command runs, whatever became of the one before. */
static void run_script(const char *name, const char *text, size_t bytes)
{
    const char *const end = text + bytes;

    while (text && text < end) {
        struct words words;
        const char *rest, *wrong = split_words(text, (size_t)(end - text), &words, &rest);

        if (wrong) {
            const char *line_end = memchr(text, '\n', (size_t)(end - text));
            const size_t length = (size_t)((line_end ? line_end : end) - text);
            print("init: %s: cannot read \"%.*s\": %s\n", name, (int)(length < 60 ? length : 60), text, wrong);
            init.failed++;
            text = line_end ? line_end + 1 : NULL;
            continue;
        }
        if (words.count > 0) {
            (void)command_run(words.count, words.word);
        }
        text = rest;
    }
}

static bool boot_file(const char *name, struct archive_file *file)
{
    int found = 0;
    const char *const wrong = init.archive ? archive_find(init.archive, init.archive_bytes, name, file, &found) : NULL;

    if (wrong) {
        print("init: the boot archive is broken: %s\n", wrong);
        init.failed++;
    }
    return !wrong && found;
}

bool boot_commands_own(void)
{
    struct archive_file file;
    struct words words;
    const char *rest;

    if (!boot_file("exec.txt", &file)) {
        return init.failed != 0;
    }
    return !split_words((const char *)file.data, file.bytes, &words, &rest) && words.count > 0 &&
           command_known(words.word[0]);
}

bool run_boot_commands(void)
{
    struct archive_file file;

    if (boot_file("exec.txt", &file)) {
        run_script("exec.txt", (const char *)file.data, file.bytes);
    }
    print("init: %u passed, %u failed\n", init.passed, init.failed);
    return init.failed == 0;
}
