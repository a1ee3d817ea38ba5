/** @file comment.h  Which comment belongs to which token (the rule is in lex.h), and its text without comment signs. */
#ifndef IDL_COMMENT_H
#define IDL_COMMENT_H

#include "tree.h"

struct comment {
    const char *text;               /**< from the comment sign on, without the closing one                            */
    size_t bytes, column, first_line, last_line;
};

struct comments {
    struct arena *arena;
    size_t token_line;              /**< of the last token; 0: there was none yet                                     */
    size_t after_line, after_column;/**< of the last comment that was given to the token before it; line 0: none      */
    struct doc **after_end;         /**< where that token's comments go on                                            */
    size_t pending_line;            /**< last line of the comments that wait for the next token                       */
    struct doc *pending, **pending_end;
};

/** A comment was read.  @p after: the docs of the token before it, NULL if there is none. */
void comments_add(struct comments *c, const struct comment *comment, struct doc **after);

/** A token begins on @p line.  @return the comments before it that are its own */
struct doc *comments_before(struct comments *c, size_t line);

/** A token ended on @p line. */
void comments_token(struct comments *c, size_t line);

#endif
