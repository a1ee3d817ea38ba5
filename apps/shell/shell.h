/**
 * @file shell.h  The shell: who has what.
 *
 *   keys, screen, editor, complete, history, parser, numbers   pure: no system calls, tested on the build machine
 *   say.c        text for standard output and error
 *   programs.c   the boot archive: which programs there are
 *   run.c        commands: builtins and programs, in the foreground
 *   jobs.c       programs in the background
 *   prompt.c     commands that a person types
 *   builtin*.c   builtins, one file to a group; builtins.c has the table
 *   main.c       how it was started
 */
#ifndef SHELL_H
#define SHELL_H

#include "history.h"
#include <os/process.h>
#include <stdbool.h>

#define STATUS_FAILED  1
#define STATUS_USAGE   2
#define STATUS_UNKNOWN 127          /* no such command or program */
#define STATUS_MOST    127          /* that an exit can have */

/** One command, without its variables. */
struct command {
    unsigned argc;
    const char *const *argv;
    unsigned envc;                  /**< variables for a program: NAME=value                                          */
    const char *const *envp;
    bool background;
    bool elsewhere;         /**< on this core:                                                                        */
    uint64_t core;
};

struct shell {
    bool script;                    /**< not a person's: programs get no standard input                               */
    const char *const *envp;        /**< own                                                                          */
    uint64_t interrupt;             /**< event that Ctrl-C posts; 0: nobody tells us                                  */
    const struct rpc_client *terminal;      /**< where the prompt is; NULL: there is none                             */
    bool interrupted;               /**< Ctrl-C ended a command: what follows it in the same text is not run          */
    int status;                     /**< of the latest command                                                        */
    bool ending;                    /**< by `exit`, with that status                                                  */
    struct history history;
};

extern struct shell shell;

/* --- say.c --- */

/** To standard output; to standard error: lines, whose text ends in "..." beyond some 500 bytes.  If there is no such
 *  stream nothing is said. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say_bytes(const char *bytes, size_t count);

/** "NAME: what: trail of the error".  @p what: NULL for none.  @return STATUS_FAILED */
int complain_err(const char *name, const char *what, err_t err);

/* --- programs.c --- */

/** Map the boot archive.  Errors of proc.archive and vspace_map(). */
err_t programs_open(void);

/** A file of the archive.  @return false: there is none */
bool programs_file(const char *name, const char **text, size_t *bytes);

/** For completion: candidate_fn of complete.h. */
const char *programs_candidate(void *state, bool command, unsigned index);

/* --- run.c --- */

/** Run all commands of a text, each whatever became of the one before, until `exit` or Ctrl-C.
 * @return the first status that was not 0, or 0 */
int run_text(const char *text, size_t bytes);

/** Run one command, argc > 0.  @return its status, which may be above STATUS_MOST */
int run_command(const struct command *c);

/** Run argv[0] of the archive, in the foreground or not. */
int run_program(const struct command *c);

/** Wait for a child; Ctrl-C ends the waiting, and so does the end of the terminal.  @return errors of process_wait() */
err_t wait_child(uint64_t pid, unsigned *status);

/** Has the terminal that the prompt is at gone, its driver ended?  Then shell.ending is set: nobody will ever type
 *  here again, and who started us starts another, at the terminal's next driver. */
bool terminal_gone(void);

/** Was Ctrl-C pressed since this was last asked, or anybody else took the event?  Or has the terminal gone? */
bool take_interrupt(void);

/** Was Ctrl-C pressed while the commands of this text ran?  Then shell.interrupted is set. */
bool was_interrupted(void);

/** What became of a program: nothing is said about status 0. */
void report_status(const char *name, unsigned status);

/* --- jobs.c --- */

/** Is there room for one more? */
bool jobs_room(void);

/** The child @p pid runs in the background from now on. */
void jobs_add(uint64_t pid, const char *name);

/** Report and forget those that have ended. */
void jobs_reap(void);

void jobs_list(void);

/** Wait for @p pid, or all (0).  @return the last one's status; STATUS_FAILED: there is no such job */
int jobs_wait(uint64_t pid);

/* --- prompt.c --- */

/** Read commands from standard input and run them, until its end or `exit`. */
void prompt_loop(void);

#endif
