/** @file emit.h  What all back ends share: names in C, types, comments; and the back ends themselves. */
#ifndef IDL_EMIT_H
#define IDL_EMIT_H

#include "out.h"

/** Check that no two things of the unit have the same name in C.  Errors are reported. */
void emit_check_names(struct unit *u);

/** The same for the names that bindings bring. */
void emit_check_bind_names(struct unit *u);

/** "MEM" for mem. */
const char *emit_upper(struct arena *a, const char *name);

/** What the names of the types of a source begin with. */
const char *emit_prefix(struct unit *u, const struct source *from);

/** Name in C of a type as an interface refers to it: "uint64_t", "mem_kind_t"; aliases are followed. */
const char *emit_type_name(struct unit *u, const struct type *t);

/** "MEM_KIND_FREE": of a value of an enum. */
const char *emit_value_name(struct unit *u, const struct type *t, const struct enumerator *e);

/** "MEM_MESSAGE_ALLOC": the number of a message. */
const char *emit_number_name(struct unit *u, const struct message *m);

/** A declaration of @p name: "char *name", "uint8_t name". */
const char *emit_declaration(struct unit *u, const struct type *t, const char *name);

/** All types of the unit; those of each import between guards, so that several interfaces can share them. */
void emit_types(struct unit *u, struct out *o);

/** Check that the stubs without heap and waitset (os/rpc.h) can carry all messages.  Errors are reported. */
void emit_rpc_check(struct unit *u);

/** Header and source of those stubs.  @p header_name: what the source includes. */
void emit_rpc_header(struct unit *u, const struct source *from, struct out *o);
void emit_rpc_source(struct unit *u, const struct source *from, const char *header_name, struct out *o);

/** Check that bindings can carry all messages.  Errors are reported. */
void emit_bind_check(struct unit *u);

/** Header and source of an interface's bindings (os/binding.h). */
void emit_bind_header(struct unit *u, const struct source *from, struct out *o);
void emit_bind_source(struct unit *u, const struct source *from, const char *header_name, struct out *o);

/** What all headers begin with: the comment, the guard, one include, the numbers, the types.  End it with #endif. */
void emit_head(struct unit *u, const struct source *from, const char *include, struct out *o);

#endif
