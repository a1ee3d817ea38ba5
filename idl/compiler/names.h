/** @file names.h  Tables from names to things. */
#ifndef IDL_NAMES_H
#define IDL_NAMES_H

#include "arena.h"

struct names;

struct names *names_new(struct arena *a);

/** NULL if there is none. */
void *names_find(const struct names *n, const char *name);

/** Enter @p thing, not NULL, under @p name, which must live as long as the table.
 * @return NULL; or what is there already under that name, and then nothing changes */
void *names_add(struct names *n, const char *name, void *thing);

#endif
