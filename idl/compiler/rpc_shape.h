/** @file rpc_shape.h  How a message travels by the stubs without heap and waitset, and the pieces of C that say so. */
#ifndef IDL_RPC_SHAPE_H
#define IDL_RPC_SHAPE_H

#include "emit.h"

bool rpc_is_out(const struct field *f);

/** Its type, renaming followed. */
const struct type *rpc_real(const struct field *f);

/** The first out argument, if it is an error: it is what the function returns, and travels only if there is one. */
const struct field *rpc_error_of(const struct message *m);

/** Whether the argument is a word of the message: a scalar, and not rpc_error_of(). */
bool rpc_is_word(const struct message *m, const struct field *f);

unsigned rpc_words(const struct message *m, enum direction direction);

/** NULL if there is none. */
const struct field *rpc_cap_of(const struct message *m, enum direction direction);

/** A name for something of the stub's own: @p name, and underscores behind it until no argument of @p m has it. */
const char *rpc_own(struct unit *u, const struct message *m, const char *name);

/** The argument @p f as a word. */
const char *rpc_to_word(struct unit *u, const struct field *f);

/** Word @p index as a value of the type of @p f.  @p prefix: "m." or "m->". */
const char *rpc_from_word(struct unit *u, const struct field *f, const char *prefix, unsigned index);

/** The condition under which word @p index is a value of the type of @p f; NULL: always. */
const char *rpc_range(struct unit *u, const struct field *f, const char *prefix, unsigned index);

#endif
