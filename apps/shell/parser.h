/**
 * @file parser.h  A command line into commands.
 *
 * Words are those of os/args.h.  A semicolon or a line's end ends a command, and so does `&`, which leaves it running.
 * A word that begins with `#` begins a comment, to the line's end.  Words NAME=value before the command are its
 * variables.
 * Quotes and the backslash take all of these as they are.
 */
#ifndef SHELL_PARSER_H
#define SHELL_PARSER_H

#include <os/args.h>

struct parsed {
    struct words words;         /**< variables, then the command; count 0: there is none                              */
    unsigned variables;         /**< less than words.count, but for both 0                                            */
    bool background;
};

/** Read the first command of [text, text + bytes), bytes > 0.
 * @param used  how far: at least one byte; the next call begins there.  After an error that is at the line's end.
 * @return NULL, or a sentence about the command; then *parsed is as if it were empty.  Cost: O(*used) */
const char *parse_command(const char *text, size_t bytes, struct parsed *parsed, size_t *used);

#endif
