/**
 * @file commands.h  What init does after its start: commands from exec.txt or menu.lst in the boot archive.
 */
#ifndef INIT_COMMANDS_H
#define INIT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_WORDS     16
#define COMMAND_BYTES    256
#define STATUS_UNKNOWN   127        /**< as a shell's: no such command                                                */

/** Split @p text (one line, or what stands before a ';') into words; double quotes keep blanks and semicolons together.
 *  Words point into @p buffer.
 * @param rest    set to what follows the command's end, or NULL at the end of the text
 * @return NULL, or what is wrong: too many words, too long, a quote without its end, a character that is no text */
const char *command_split(const char *text, size_t bytes, char buffer[COMMAND_BYTES], const char *words[COMMAND_WORDS],
                          unsigned *count, const char **rest);

/** Run one command; prints what happened.  @return its exit status, STATUS_UNKNOWN if there is no such command. */
int command_run(unsigned count, const char *const words[]);

/** Is there a command of this name? */
bool command_known(const char *name);

/** exec.txt, else menu.lst, else `selftest`; then the summary.  @return true: every command succeeded */
bool run_boot_commands(void);

/** Never returns: without CoreControl it stays where it is, and says so. */
_Noreturn void power_off(int status);

/* Commands with a file of their own.  Words start with the command's own name. */
int bench_command(unsigned count, const char *const words[]);
int fuzz_command(unsigned count, const char *const words[]);

/** Unsigned decimal or 0x number, the whole word. */
bool parse_number(const char *word, unsigned long *value);

#endif
