/**
 * @file line.h  The line that somebody types: SERIAL_LINES of os/stream.h.  No system calls.
 *
 *   open     characters are added and erased; each key is one line_type(), and what it erases goes character by character
 *            in line_erase(), so that no step echoes more than LINE_ECHO bytes
 *   done     ended by Enter, or Ctrl-D; taken from the front, then line_reset() opens the next
 *
 * Keys: Enter (CR or NL) ends the line, Ctrl-D ends the input on an empty line and brings what there is otherwise,
 * Backspace and DEL erase a character, Ctrl-W a word, Ctrl-U all; Ctrl-C that nobody wanted is dropped.  Other control
 * characters are part of the line and shown as ^X, a tab as a blank, so that each has a known width when it is erased.
 */
#ifndef SERIAL_LINE_H
#define SERIAL_LINE_H

#include <stdbool.h>

#define LINE_BYTES 4096u        /**< of the longest line, with its newline; a key that no longer fits beeps           */
#define LINE_ECHO  8u           /**< bytes that one step echoes at most                                               */

#define CTRL(letter) ((letter) & 0x1f)

struct line {
    char text[LINE_BYTES];
    unsigned length;
    unsigned taken;             /**< of a line that is done; else 0                                                   */
    unsigned erase_to;          /**< while erasing                                                                    */
    bool erasing, done;
};

/** Empty and open. */
void line_reset(struct line *line);

/** A key is pressed; the line is open and not erasing.  @return bytes to echo, NL for a new line */
unsigned line_type(struct line *line, char key, char echo[LINE_ECHO]);

/** One character less; the line is erasing.  @return as line_type() */
unsigned line_erase(struct line *line, char echo[LINE_ECHO]);

/** At most @p most bytes that were not taken yet, of an open line too, which is not erasing.
 *  @return how many; 0 at once of a line that is done: end of input */
unsigned line_take(struct line *line, char *to, unsigned most);

/** Bytes that were not taken yet. */
static inline unsigned line_left(const struct line *line)
{
    return line->length - line->taken;
}

#endif
