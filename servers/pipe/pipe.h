/**
 * @file pipe.h  The bytes of a pipe and those who wait for them.  No system calls.
 *
 * P1  What is written comes out once, in order.  A write is taken whole or not at all, so bytes of two never mix.
 * P2  Those who wait at one end are served in the order they came, and nobody overtakes them.
 * P3  A read waits only while there are no bytes and somebody holds the writing end; a write, while there is no room for
 *     it and somebody holds the reading end.
 */
#ifndef PIPE_H
#define PIPE_H

#include <shoal/dispframe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pipe_end { PIPE_READ = 0, PIPE_WRITE = 1, PIPE_ENDS = 2 };

#define PIPE_PAGES 4u
#define PIPE_PAGE  4096u                    /**< bytes of one, and of the largest write                               */
#define PIPE_BYTES (PIPE_PAGES * PIPE_PAGE)

struct waiter;

struct pipe {
    char *page[PIPE_PAGES];                 /**< borrowed                                                             */
    uint32_t first, used;                   /**< bytes                                                                */
    bool held[PIPE_ENDS];                   /**< somebody holds that end                                              */
    struct waiter *waiters;                 /**< all that use the pipe                                                */
    uint64_t tickets;                       /**< given out                                                            */
};

/** Somebody who uses one end.  All zero: of no pipe. */
struct waiter {
    struct pipe *pipe;
    struct waiter *next;
    enum pipe_end end;
    uint64_t ticket;                        /**< his place among those who wait; 0: he does not                       */
    uint32_t room;                          /**< that his write waits for                                             */
};

enum pipe_result { PIPE_DONE, PIPE_LATER, PIPE_WRONG_END, PIPE_NO_READER };

/** @p w uses @p end of @p p from now on. */
void pipe_join(struct pipe *p, struct waiter *w, enum pipe_end end);

/** He does not any more.  Nothing happens if he did not. */
void pipe_leave(struct waiter *w);

/** Take at most @p most bytes, at least 1.  *count 0: end of input.  @return PIPE_LATER: he waits, until this is called
 *  again, or he stops waiting.  Cost: O(bytes + users of the pipe) */
enum pipe_result pipe_read(struct waiter *w, char *to, uint32_t most, uint32_t *count);

/** Put @p bytes bytes, at most PIPE_PAGE.  As pipe_read(). */
enum pipe_result pipe_write(struct waiter *w, const char *from, uint32_t bytes);

static inline void pipe_stop_waiting(struct waiter *w)
{
    w->ticket = 0;
}

/** Who waits and need not: one of them, or NULL.  Cost: O(users of the pipe) */
struct waiter *pipe_next(const struct pipe *p);

#endif
