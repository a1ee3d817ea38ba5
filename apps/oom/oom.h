/**
 * @file oom.h  Memory that runs out, at every point where it can: `oom [NAME ...]`.
 *
 *   main.c       the tests, each in a process of its own; as much memory is free afterwards as before, to the byte
 *   inject.c     lets the n-th allocation fail
 *   sweep.c      a scenario that can be repeated: for every n, inside one process
 *   grow.c       what is made once and kept: a refusal leaves nothing behind
 *   start.c      what a process does once: for every n a process of its own, and for every limit of an account
 *   map.c, heap.c, threads.c, spawn.c, rpc.c    the scenarios
 */
#ifndef OOM_H
#define OOM_H

#include <os/err.h>
#include <os/fault.h>
#include <os/heap.h>
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/sync.h>
#include <os/vspace.h>

#define KIB 0x400ull
#define MIB 0x100000ull

/** Note what is wrong.  From any thread. */
void wrong(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool went_wrong(void);

#define CHECK(cond, ...)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            wrong(__FILE__, __LINE__, __VA_ARGS__);                                                                    \
        }                                                                                                              \
    } while (0)
#define CHECK_OK(expr)                                                                                                 \
    do {                                                                                                               \
        const err_t err_ = (expr);                                                                                     \
        CHECK(err_ok(err_), "%s: %s", #expr, err_name(err_root(err_)));                                                \
    } while (0)

/** What gives back works: the second time, if the first was the one that was to fail.  @p expr may be evaluated twice. */
#define GIVE(expr)                                                                                                     \
    do {                                                                                                               \
        if (!err_ok(expr)) {                                                                                           \
            CHECK_OK(expr);                                                                                            \
        }                                                                                                              \
    } while (0)

/** Is @p err one of those that say that there is no more memory? */
bool is_short(err_t err);

/** What is in use of all that can leak.  */
struct books {
    uint64_t slab[STOCK_SLABS], slots, regions, mappings, tables, heap, committed, ram;
};
void books_take(struct books *b);

/** Check that no more is in use than before.  Less is no leak: a stock gave something back that it kept. */
void books_compare(const struct books *before, const struct books *after);

/** Something that takes memory of all kinds and gives all of it back, whether it works or not. */
struct scenario {
    const char *name;
    err_t (*set_up)(void);          /**< once, before; NULL: nothing                                                  */
    err_t (*run)(void);             /**< @return the first error                                                      */
    void (*tear_down)(void);        /**< once, after; NULL: nothing                                                   */
};

/** Run it with the first, second, … n-th allocation failing, until one run needs no more.  Each ends well or with an error
 *  of is_short(), the next one works, and after a whole round the same is in use as before it.
 * @return exit status */
int sweep(const struct scenario *s);

extern const struct scenario map_scenario, lazy_scenario, slots_scenario, heap_scenario, thread_scenario,
    spawn_scenario, connect_scenario, call_scenario, serve_scenario;

/** Something that takes memory for good if it works.  Refused, it leaves nothing behind.
 *  @return exit status */
struct growth {
    const char *name;
    err_t (*run)(void);
};
int grow(const struct growth *g);

extern const struct growth simple_growth, event_growth, notify_growth;

/** Threads, bindings, paging, the heap; again: no effect. */
err_t start_all(void);

/** Of a process: what becomes of it.  The parent's side; @return whether all went well */
bool start_sweep(void);
bool start_limits(void);

/** The child's side of both. */
int role_start(uint64_t nth);
int role_work(void);

/** rpc.c: the other side of a conversation. */
int role_server(const char *name);
int role_client(const char *name);

#endif
