/**
 * @file calls.h  What the server understands that threadtest calls (servers/init/tests/thread.c has its own copy: programs
 * and servers see no headers of each other).
 */
#ifndef CALLS_H
#define CALLS_H

enum call {
    CALL_ADD = 1,           /* each word + 1 */
    CALL_HOLD = 2,          /* the same, when the next CALL_HOLD is there, and after that one's reply */
    CALL_STALE = 3,         /* as CALL_ADD, after a reply that nobody waits for */
    CALL_SLOW = 4,          /* as CALL_ADD, after word 0 ticks */
    CALL_LEAVE = 5,         /* no reply to this or any other: the binding is closed */
};

#endif
