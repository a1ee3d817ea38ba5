/**
 * @file program.h  A program of the archive as the child of a test, with a page that both see.
 */
#ifndef INIT_PROGRAM_H
#define INIT_PROGRAM_H

#include "maker.h"
#include "process.h"

struct program {
    struct test *test;
    struct maker maker;
    struct image image;
    struct spawn_plan plan;
    struct spawn_cap passed;        /* the page, the child's PSLOT_PASSED */
    struct spawn spawn;
    struct proc proc;               /* test, badge and dispatcher only */
    char *page;
};

/** Build @p name with these arguments, @p service (CPTR_NULL: none) in the place of the process server, and all the RAM that a process can
 *  start with.  spawn_slot() works until it is started.  False: the test is marked failed. */
bool program_build(struct test *t, struct program *p, const char *name, const char *const *argv, unsigned argc,
                   cptr_t service);

/** Let it run, at init's priority. */
bool program_start(struct program *p);

/** Wait for its end.  @return its exit status; -1, and the test is marked failed, if it ended otherwise */
int program_ended(struct program *p);

#endif
