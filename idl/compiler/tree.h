/**
 * @file tree.h  An interface as it was written, with the places of all names, and what check.c found out about it.
 *
 * The parser makes the tree and fills in everything but the members marked "check:".  Lists are in source order.
 */
#ifndef IDL_TREE_H
#define IDL_TREE_H

#include "arena.h"
#include "diag.h"
#include "source.h"

#include <stdint.h>

/** Lines of the comment that belongs to a thing, comment signs taken off. */
struct doc {
    const char *text;
    struct doc *next;
};

struct name {
    const char *text;
    struct span at;
};

struct number {
    uint64_t value;
    struct span at;
    bool given;
};

enum type_kind {
    TYPE_BOOL,
    TYPE_CHAR,
    TYPE_UNSIGNED,
    TYPE_SIGNED,
    TYPE_ERROR,
    TYPE_STRING,
    TYPE_CAP,
    TYPE_GIVE_CAP,
    TYPE_STRUCT,
    TYPE_ARRAY,
    TYPE_ENUM,
    TYPE_RENAMED,           /**< typedef: a new name, in C too                                                        */
    TYPE_ALIAS,             /**< alias: the same thing by another name                                                */
};

struct type;

struct type_ref {
    struct name name;
    const struct type *type;    /**< check: NULL if there is none, and then that was reported                         */
};

struct enumerator {
    struct name name;
    struct doc *doc;
    struct enumerator *next;
};

enum direction { DIRECTION_IN, DIRECTION_OUT };

/** A member of a struct or an argument of a message. */
struct field {
    struct type_ref type;
    struct name name;
    struct name length;         /**< of a dynamic array the name of its length, else text NULL                        */
    struct number max;          /**< most elements, or most bytes of a string                                         */
    enum direction direction;   /**< of a message that is no rpc: DIRECTION_IN                                        */
    struct doc *doc;
    struct field *next;
};

struct type {
    enum type_kind kind;
    struct name name;
    struct doc *doc;
    struct type_ref of;         /**< ARRAY: of what; RENAMED, ALIAS: what it stands for                               */
    struct number count;        /**< ARRAY                                                                            */
    struct field *fields;       /**< STRUCT                                                                           */
    struct enumerator *values;  /**< ENUM; their numbers are 0, 1, 2 …                                                */
    unsigned bits;              /**< of a builtin number                                                              */
    const char *c;              /**< of a builtin its name in C                                                       */
    const struct type *real;    /**< check: RENAMED, ALIAS followed to the end, else itself; NULL: broken             */
    uint64_t bytes;             /**< check: in memory, without padding; strings and dynamic arrays as pointers        */
    uint64_t values_count;      /**< check: ENUM                                                                      */
    uint64_t fingerprint;       /**< fingerprint.c                                                                    */
    struct type *next;
};

struct parameter {
    struct name name;
    struct name value;          /**< as written: a number, a name, or a string in its quotes                          */
    struct parameter *next;
};

/** @name(parameter=value, ...): for the back end of that name. */
struct context {
    struct name name;
    struct parameter *parameters;
    struct context *next;
};

struct message {
    struct name name;
    bool rpc;
    struct context *contexts;
    struct field *fields;
    struct doc *doc;
    unsigned number;            /**< check: 1, 2, 3 … in source order                                                 */
    struct message *next;
};

struct interface {
    struct name name;
    const char *description;    /**< "" if there is none                                                              */
    struct context *contexts;
    struct message *messages;
    struct doc *doc;
    uint64_t fingerprint;       /**< fingerprint.c                                                                    */
};

/** One run of the compiler. */
struct unit {
    struct arena arena;
    struct diag diag;
    struct type *builtins;
    struct type *types;         /**< of the imports in order, then the interface's own                                */
    struct type **types_end;
    struct interface *interface;
};

/** A unit with the builtin types, whose messages go to @p diagnostics.  Release it with arena_free(&unit.arena). */
void unit_init(struct unit *u, FILE *diagnostics);

/** Whether a value of real type @p t travels as one word. */
bool type_is_scalar(const struct type *t);

bool type_is_cap(const struct type *t);

#endif
