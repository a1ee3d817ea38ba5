/**
 * @file args.h  Command lines: a text into words.
 *
 * Blanks separate words.  Quotes keep blanks and semicolons together, and "" and '' are empty words.  A backslash takes the
 * next character as it is, inside double quotes and outside, a line's end excepted; inside single quotes it is a character
 * like any other.  A semicolon or a line's end, outside quotes, ends the command.
 */
#ifndef OS_ARGS_H
#define OS_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX   32u
#define WORDS_BYTES 1024u       /* of all words together, terminators included */

struct words {
    unsigned count;
    const char *word[WORDS_MAX + 1];    /**< into text; ends with NULL                                                */
    char text[WORDS_BYTES];
};

/** Split the first command of @p bytes bytes from @p text on.
 * @param rest  set to what follows the command's end, or NULL at the end of the text and after an error
 * @return NULL, or a sentence: a quote has no end, nothing follows a backslash, a character is not text, too many
 *         words, too long.  After an error *words is as if the command were empty.  Cost: O(bytes of the command) */
const char *split_words(const char *text, size_t bytes, struct words *words, const char **rest);

#endif
