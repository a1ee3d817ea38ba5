/**
 * @file output.h  Many writers, one screen: the output of each comes in whole lines.  No system calls.
 *
 * O1  Bytes of one writer reach the wire in their order, all of them, each once; NL as CR NL, nothing else is changed.
 * O2  Between a byte of one writer and a byte of another there is a new line on the wire.
 * O3  Nobody's line is cut but where its writer flushes or does not end it for OUTPUT_LINE bytes.
 *
 * Nothing here looks for room but by assertion: OUTPUT_ROOM is enough for any one call.
 */
#ifndef SERIAL_OUTPUT_H
#define SERIAL_OUTPUT_H

#include "bytes.h"
#include <stdbool.h>
#include <stddef.h>

#define OUTPUT_LINE  256u       /**< bytes of a writer that wait for the end of their line                            */
#define OUTPUT_WRITE 64u        /**< bytes of one call                                                                */
#define OUTPUT_ROOM  (2 * (OUTPUT_LINE + OUTPUT_WRITE) + 2)     /**< every byte a newline, and one to begin with      */

/** One writer. */
struct output_line {
    char text[OUTPUT_LINE];
    unsigned used;              /**< less than OUTPUT_LINE between calls                                              */
};

struct output {
    struct bytes *wire;
    const struct output_line *owner;    /**< who wrote last; NULL: somebody who is gone                               */
    bool part;                  /**< the screen's last line is not ended                                              */
};

/** Write @p count bytes, at most OUTPUT_WRITE. */
void output_write(struct output *o, struct output_line *line, const char *text, unsigned count);

/** Bring out what waits. */
void output_flush(struct output *o, struct output_line *line);

/** Bytes that need not wait, behind what waits: an echo. */
void output_now(struct output *o, struct output_line *line, const char *text, unsigned count);

/** Bytes of nobody's, on the screen's last line, whoever's that is. */
void output_mark(struct output *o, const char *text, unsigned count);

/** @p line is somebody else's from now on; it is empty. */
void output_forget(struct output *o, const struct output_line *line);

#endif
