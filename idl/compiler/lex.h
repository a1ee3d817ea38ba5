/**
 * @file lex.h  A source as tokens, each with the comments around it.
 *
 * A comment belongs to the token before it if it begins on that token's line (and so do the comments that stand
 * directly below it in the same column), else to the token after it if no empty line is in between.
 */
#ifndef IDL_LEX_H
#define IDL_LEX_H

#include "tree.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,
#define MARK(id, text) TOKEN_##id,
#define WORD(id, text) TOKEN_##id,
#include "tokens.def"
#undef MARK
#undef WORD
};

#define NAME_CHARACTERS_MAX 64u

struct token {
    enum token_kind kind;
    struct span at;
    const char *text;           /**< of a name or word; of a string what is between the quotes                        */
    uint64_t value;             /**< of a number                                                                      */
    struct doc *before, *after; /**< comments                                                                         */
    bool first_on_line;
};

/** All tokens of @p source, a TOKEN_END last.  Errors are reported, and what is wrong is left out. */
struct token *lex(struct unit *u, const struct source *source);

/** How a person would call tokens of this kind: "';'", "a name". */
const char *token_kind_text(enum token_kind kind);

/** Whether it is a reserved word of the language. */
bool token_is_word(enum token_kind kind);

/** Whether it is a bracket, a comma and the like. */
bool token_is_mark(enum token_kind kind);

#endif
