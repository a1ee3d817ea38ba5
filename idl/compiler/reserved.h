/** @file reserved.h  Names that an interface cannot use because the generated C stands in their way. */
#ifndef IDL_RESERVED_H
#define IDL_RESERVED_H

#include <stdbool.h>

/** Keywords of C, and what only the compiler and the C library may call something (__x, _X). */
bool reserved_in_c(const char *name);

/** Functions, types and macros that the generated C uses unqualified. */
bool reserved_by_stubs(const char *name);

#endif
