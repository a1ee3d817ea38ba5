/**
 * @file commands.h  What init does after its start: its own commands, from exec.txt in the boot archive.
 */
#ifndef INIT_COMMANDS_H
#define INIT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define STATUS_UNKNOWN   127        /**< as a shell's: no such command                                                */

/** Run one command; prints what happened.  @return its exit status, STATUS_UNKNOWN if there is no such command. */
int command_run(unsigned count, const char *const words[]);

/** Is there a command of this name? */
bool command_known(const char *name);

/** Does exec.txt begin with a command of init's own?  Then init runs it alone, before there is any server; else it is for
 *  the shell.  True also if the archive is broken, which is printed. */
bool boot_commands_own(void);

/** Run exec.txt; then the summary.  @return true: every command succeeded */
bool run_boot_commands(void);

/** Never returns: without CoreControl it stays where it is, and says so. */
_Noreturn void power_off(int status);

/* Commands with a file of their own.  Words start with the command's own name. */
int bench_command(unsigned count, const char *const words[]);
int fuzz_command(unsigned count, const char *const words[]);

/** Unsigned decimal or 0x number, the whole word. */
bool parse_number(const char *word, unsigned long *value);

#endif
