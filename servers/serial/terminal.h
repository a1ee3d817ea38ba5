/**
 * @file terminal.h  Readers and writers around one screen and one keyboard.  No system calls.
 *
 * What is typed waits in `in` until somebody reads; how it is read is the reader's mode.  Readers are served in the order
 * they came.  In SERIAL_LINES the first of them sees its echo and gets a whole line: what it does not take at once stays
 * with it (a page of its own, while there is one), so that the next reader has the next line.
 *
 * A client does one thing at a time: while it is in the queue of readers it does not write.
 *
 * T1  Each character typed reaches one reader, in the order of typing, but for those that erase or are erased, end or
 *     interrupt, do not fit the line (a beep), or are dropped by Ctrl-C.
 * T2  A line goes to one reader.
 */
#ifndef SERIAL_TERMINAL_H
#define SERIAL_TERMINAL_H

#include "line.h"
#include "output.h"
#include <os/stream.h>

#define TERMINAL_IN    65536u   /**< characters typed and not read; beyond them the device is not listened to         */
#define TERMINAL_OUT   4096u    /**< bytes not sent: 0.4 s at 115200 baud, by which a Ctrl-C is seen to act           */
#define TERMINAL_PAGE  LINE_BYTES

/** One client: a writer, and perhaps a reader. */
struct client {
    struct output_line line;
    struct client *next;        /**< behind it in the queue of readers                                                */
    char *rest;                 /**< [TERMINAL_PAGE]: of a line it has begun to read; NULL: nothing                   */
    unsigned rest_at, rest_end;
    enum serial_mode mode;
    bool reading;               /**< is in the queue                                                                  */
    bool interrupted;           /**< while reading: Ctrl-C was pressed                                                */
};

struct terminal {
    struct bytes in, out;
    struct line line;           /**< being typed for the first reader; or done                                        */
    struct client *holder;      /**< of the line that is done, who has begun to read it; NULL: whoever is first       */
    struct output output;
    struct client *first, *last;        /**< readers                                                                  */
    void *pages;                /**< unused ones                                                                      */
    unsigned char in_byte[TERMINAL_IN], out_byte[TERMINAL_OUT];
};

void terminal_init(struct terminal *t);

/** A page for the rest of a line, for good. */
void terminal_add_page(struct terminal *t, char *page);

/** Can every client write once more? */
bool terminal_room(const struct terminal *t);

/** Write at most STREAM_CALL_BYTES; none: flush.  @return false: no room, nothing is changed */
bool terminal_write(struct terminal *t, struct client *c, const char *text, unsigned count);

enum terminal_read {
    TERMINAL_READ,              /**< *count bytes; none: end of input                                                 */
    TERMINAL_LATER,             /**< the client is in the queue: again when terminal_next() names it                  */
    TERMINAL_NO_ROOM,           /**< its own output must come out first: again when there is room                     */
    TERMINAL_INTERRUPTED,       /**< by Ctrl-C, while it waited                                                       */
};

/** Read at most @p most bytes, 1 or more. */
enum terminal_read terminal_read(struct terminal *t, struct client *c, char *to, unsigned most, unsigned *count);

/** Edit as far as there is input and room for the echo.  @return the reader that would not have to wait now, or NULL.
 *  Cost: O(characters typed) */
struct client *terminal_next(struct terminal *t);

/** The client does not wait any more; its place in the queue is gone. */
void terminal_leave(struct terminal *t, struct client *c);

/** The client is gone.  @return false: no room for the rest of its output, again when there is */
bool terminal_close(struct terminal *t, struct client *c);

/** A character came; there must be room in `in`. */
void terminal_typed(struct terminal *t, char c);

/** Ctrl-C, and somebody was told: what was typed before and not read is dropped, and whoever waits for input is told. */
void terminal_interrupt(struct terminal *t);

#endif
