/** @file inherit.h  For crt0.c, which is compiled without the rest of libos/posix. */
#ifndef POSIX_INHERIT_H
#define POSIX_INHERIT_H

/** Take over the descriptors that the parent gave, and the variable that says so out of @p variables. */
void os_inherit(char **variables);

#endif
