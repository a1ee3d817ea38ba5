/**
 * @file nametest.h  Tests of the name service, from a process that is a manager; checks are proctest's (check.c).
 *
 *   main.c    `nametest all`, and the tests
 *   roles.c   copies of this program as children: servers and clients
 */
#ifndef NAMETEST_H
#define NAMETEST_H

#include "proctest.h"
#include <os/names.h>

/** Statuses of children. */
enum { CHILD_OK = 0, CHILD_ERROR = 1, CHILD_TAKEN = 2 };

/** Offer a service of that name that clients of every core can call.  Ends only with CHILD_ERROR or CHILD_TAKEN. */
int child_serve(const char *name);

/** Wait for the name, bind to its service, call it; as often as @p calls says. */
int child_call(const char *name, uint64_t calls);

#endif
