/**
 * @file bindtest.h  Tests of bindings between processes, over LMP: `bindtest all`, `bindtest NAME ...`.
 *
 *   main.c     table and loop, and starting copies of this program: `bindtest as-child ROLE NAME [ARGUMENT]`
 *   server.c   the other side: serves talk.if by name
 *   calls.c    what a conversation consists of, many clients, threads, deadlines
 *   ends.c     teardown, death and hostility, from both sides
 *   direct.c   calls that stay in registers, and each reason not to
 *   long.c     long messages, and the memory that they go through
 *   services.c threads that call monitor, memory server and process server
 *
 * Checks are those of proctest.  Heaps and stocks keep what they once took: free memory is compared from the end of a
 * first round of each test on, when its server is gone, and must then be the same to the byte.
 */
#ifndef BINDTEST_H
#define BINDTEST_H

#include "proctest.h"

#include <os/binding_lmp.h>
#include <os/heap.h>
#include <os/thread.h>
#include <stubs/talk.h>

/* What the server does when it is told say(number): else it says the same.  Numbers that no hostile client hits on. */
enum order { ORDER_ANSWER_LATER = 0x4f000001, ORDER_TEARDOWN, ORDER_EXIT };

/* What add(this, y) does besides adding. */
enum add {
    ADD_FAIL = 13,              /* E_ARG */
    ADD_SLEEP = 0x7add0000,     /* takes 5 ms */
    ADD_SAY,                    /* says y before it answers */
    ADD_TEARDOWN, ADD_EXIT,     /* instead of answering */
    ADD_TICKS, ADD_LOOKUPS,     /* of SERVER_BUSY: how many there were, instead of the sum */
    ADD_HANDLER,                /* the next calls are served by a handler that answers by a message, up to this one again */
};

/** Whose waitset is served how. */
enum server_kind {
    SERVER_USUAL,               /**< event_serve()                                                                    */
    SERVER_DISPATCH,            /**< event_dispatch() in a loop                                                       */
    SERVER_TWO,                 /**< event_serve() by two threads                                                     */
    SERVER_BUSY,                /**< a timer of 2 ms, and another thread that makes calls of its own                  */
};

#define LATER_HELD 2000u        /* later(this) is answered by ORDER_ANSWER_LATER; any other number at once, doubled */
#define EXIT_STATUS 5u

/** A server, a process of its own. */
struct server {
    uint64_t pid;
    iref_t iref;
    char name[9];
};

/** What the error handler and the receive table of our side saw; of one binding at a time. */
struct seen {
    struct waitset ws;
    unsigned ended, said, noted, handed;
    err_t why;
    uint64_t number;
    size_t bytes;
    bool same;                  /**< the content was right                                                            */
    cptr_t what, also[8];
};

/** Start a copy of this program.  Errors of process_spawn(). */
err_t child(const char *role, const char *name, uint64_t argument, uint64_t *pid);

/** Start a server and find it.  @return whether it is there; else @p t is marked failed */
bool server_start(struct test *t, struct server *s);
bool server_start_kind(struct test *t, struct server *s, enum server_kind kind);
void server_stop(struct test *t, const struct server *s);

/** Connect, with handlers that write to @p seen and a time limit of five seconds for calls. */
bool client_open(struct test *t, const struct server *s, struct seen *seen, struct talk_binding **b);

/** Teardown, and the end of the waitset. */
void client_close(struct test *t, struct talk_binding *b, struct seen *seen);

/** Serve seen->ws until *@p count is not zero, for five seconds. */
void serve_until(struct test *t, struct seen *seen, const unsigned *count);

/** One call, and its answer is right. */
void call_works(struct test *t, struct talk_binding *b);

/** A Frame of one page, in a slot of its own; and is @p cap one of the same memory? */
err_t frame_new(cptr_t *cap, cptr_t *ram);
bool frame_same(cptr_t cap, cptr_t other);

uint64_t in_ms(uint64_t milliseconds);

/** Bytes that follow from @p number. */
void blob_of(uint64_t number, uint8_t *data, size_t bytes);
bool blob_is(uint64_t number, const uint8_t *data, size_t bytes);

/** Another client connects to @p s and is served. */
void still_serves(struct test *t, const struct server *s);

uint64_t wild_random(uint64_t *state);

int role_server(const char *name, uint64_t kind);   /**< server.c: until it is killed                                 */
int role_victim(const char *name, uint64_t kind);   /**< ends.c: a client that is killed: what it does then           */
int role_rush(const char *name, uint64_t seed); /**< services.c                                                       */
int role_wild(const char *name, uint64_t seed); /**< ends.c: sends what comes to its mind                             */
int role_reader(const char *name, uint64_t paging);     /**< long.c, each of them                                 */
int role_leaver(const char *name, uint64_t count);
int role_liar(const char *name, uint64_t seed);

void calls_every_kind(struct test *t);
void calls_capabilities(struct test *t);
void calls_messages(struct test *t);
void calls_synchronous(struct test *t);
void calls_of_threads(struct test *t);
void calls_deadline(struct test *t);
void calls_refused(struct test *t);
void calls_loopback(struct test *t);
void many_bindings(struct test *t);

void direct_taken(struct test *t);
void direct_dispatch(struct test *t);
void direct_handlers(struct test *t);
void direct_threads(struct test *t);
void direct_woken(struct test *t);
void direct_ends(struct test *t);
void direct_two_clients(struct test *t);
void direct_two_servers(struct test *t);
void direct_busy_server(struct test *t);
void direct_mixed(struct test *t);
void direct_destroyed(struct test *t);
void services_of_threads(struct test *t);

void ends_client_teardown(struct test *t);
void ends_server_teardown(struct test *t);
void ends_server_exits(struct test *t);
void ends_server_killed(struct test *t);
void ends_client_killed(struct test *t);
void ends_hostile_client(struct test *t);

void calls_of_any_length(struct test *t);
void calls_long_of_threads(struct test *t);
void ends_give_back(struct test *t);
void ends_memory_goes(struct test *t);
void ends_peers_memory(struct test *t);
void ends_server_killed_at_length(struct test *t);

#endif
