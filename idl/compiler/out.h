/** @file out.h  Generated text, collected in memory: a file is written only when nothing can go wrong any more. */
#ifndef IDL_OUT_H
#define IDL_OUT_H

#include "tree.h"

#define OUT_COLUMNS 120u

struct out {
    struct arena *arena;
    char *text;
    size_t bytes, room;
    size_t column;              /**< characters since the last newline                                                */
    size_t list_column;         /**< where continued lines of a list begin                                            */
    bool list_first;
    const char *list_separator;
};

/** Append, printf format. */
void out(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A list: out_list() with all up to the first item and what stands between two, out_item() for each, out_list_end()
 *  with what follows the last.  Lines that would become too long are broken, and go on below the first item. */
void out_list(struct out *o, const char *head, const char *separator);
void out_item(struct out *o, const char *item);
void out_list_end(struct out *o, const char *tail);

/** A comment with the lines of @p doc. */
struct out_comment {
    struct out *out;
    const char *indent;
    bool open;
};

/** Begin a doc comment; it is printed when the first line comes, and not at all if none does. */
struct out_comment out_comment(struct out *o, const char *indent);
void out_comment_line(struct out_comment *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_comment_doc(struct out_comment *c, const struct doc *doc);
void out_comment_end(struct out_comment *c);

/** Write all of @p outs to their files, or none: each goes to a file beside it first, and is then renamed.
 * @return NULL, or why nothing was written */
const char *out_write(struct out *const outs[], const char *const paths[], size_t count);

#endif
