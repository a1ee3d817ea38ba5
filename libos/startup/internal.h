/** @file internal.h  Between the parts of startup. */
#ifndef STARTUP_INTERNAL_H
#define STARTUP_INTERNAL_H

#include <os/startup.h>

/** End a process that cannot be set up, by BRK_START. */
_Noreturn void startup_fail(err_t err);

#endif
