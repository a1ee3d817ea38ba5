/**
 * @file threads.h  apps/threadtest as the child of a test or bench, and a server for its calls.
 */
#ifndef INIT_THREADS_H
#define INIT_THREADS_H

#include "program.h"

struct threads {
    struct program program;
    struct proc server;                 /* its endpoint stands in the place of the process server's */
    struct proc_endpoint in;
};

enum { THREADS_REFUSED = 0 };           /* server.page->result: replies that could not be sent */

/** Start the server and threadtest with test @p name.  False: the test is marked failed. */
bool threads_start(struct test *t, struct threads *w, const char *name);

/** The same with another server: it finds its send capability in arg[0], @p bits in arg[2]. */
bool threads_start_with(struct test *t, struct threads *w, const char *name, child_fn server, uint64_t bits);

#endif
