/**
 * @file parse.h  Tokens to a tree.  The grammar is in docs/idl.md; the functions of parse.c are named after its rules.
 */
#ifndef IDL_PARSE_H
#define IDL_PARSE_H

#include "tree.h"

/** Add the declarations of @p source to the unit, and its interface if it is no import.  Errors are reported; after one
 *  the parser goes on with the next declaration. */
void parse(struct unit *u, const struct source *source);

#endif
