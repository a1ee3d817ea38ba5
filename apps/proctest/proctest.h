/**
 * @file proctest.h  Tests of processes, from an ordinary process that is a manager.
 *
 *   main.c       table and loop: `proctest all`, `proctest NAME ...`
 *   check.c      checks and what is counted
 *   run.c        starting programs and waiting for them
 *   as_child.c   what copies of this program do as children: `proctest as-child ROLE [ARGUMENT]`
 *   memory.c     large frames
 *   many.c       many processes, arguments, the same program many times
 *   ends.c       waiting, killing, crashing, orphans
 *   refuse.c     what the servers refuse, asked properly
 *   hostile.c    messages without sense
 *   stall.c      a service that does not answer
 *   short.c      too little memory: limits, and a machine without any
 *
 * Servers keep what they once took (records, rings, page tables, CNodes), and so does this program: free memory is
 * compared from the end of a first round of each test on, and must then be the same to the byte.
 */
#ifndef PROCTEST_H
#define PROCTEST_H

#include <os/caps.h>
#include <os/err.h>
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/vspace.h>

struct test {
    const char *name;
    unsigned wrong;                 /**< checks that failed                                                           */
};

/* --- check.c --- */

/** A check failed: print why. */
void test_wrong(struct test *t, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Check and go on. */
#define CHECK(t, cond, ...)                                                                                            \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            test_wrong((t), __FILE__, __LINE__, __VA_ARGS__);                                                          \
        }                                                                                                              \
    } while (0)

#define CHECK_EQ(t, got, want)                                                                                         \
    do {                                                                                                               \
        const uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                                               \
        CHECK(t, got_ == want_, "%s is %lu, wanted %lu", #got, got_, want_);                                           \
    } while (0)

bool test_err(struct test *t, const char *file, int line, const char *expr, err_t got, enum err_code want);

/** The root of the error. */
#define EXPECT_ERR(t, expr, code) test_err((t), __FILE__, __LINE__, #expr, (expr), (code))
#define EXPECT_OK(t, expr)        EXPECT_ERR(t, expr, E_OK)

/** OK, or the test ends here. */
#define MUST(t, expr)                                                                                                  \
    do {                                                                                                               \
        if (!EXPECT_OK(t, expr)) {                                                                                     \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

/** Free bytes of this core; 0, and the test is marked failed, if they cannot be had. */
uint64_t test_unused(struct test *t);

/** Run @p body once, then twice more: free memory must not change any more. */
void test_same_memory(struct test *t, void (*body)(struct test *t));

/* --- run.c --- */

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** Start the program words[0], with these arguments; errors of process_spawn(). */
err_t run_start(const char *const *words, const struct spawn_options *options, uint64_t *pid);

/** Start a copy of this program in @p role with @p argument.  Errors of process_spawn(). */
err_t run_role(const char *role, uint64_t argument, const struct spawn_options *options, uint64_t *pid);

/** Wait for @p pid; its status must be @p status. */
void run_ends(struct test *t, uint64_t pid, unsigned status);

/** Start, wait, check the status. */
void run(struct test *t, const char *const *words, unsigned status);
void run_as(struct test *t, const char *role, uint64_t argument, unsigned status);

/** Let some time pass, others run. */
void run_sleep(uint64_t microseconds);

/* --- as_child.c --- */

/** @return the exit status: 0, or the number of the check that failed */
int as_child(int argc, char **argv);

/* --- roles elsewhere --- */

int role_refused(uint64_t argument);            /**< refuse.c: asks for what it must not get                          */
int role_stranger(uint64_t pid);                /**< refuse.c: meddles with a process that is not its child           */
int role_hostile(uint64_t seed);                /**< hostile.c                                                        */
int role_clingy(uint64_t microseconds);
int role_stall(uint64_t argument);              /**< stall.c                                                          */
int role_binder(uint64_t argument);             /**< stall.c: waits for it                                            */
int role_greedy(uint64_t limit);                /**< short.c: takes all it may have                                   */
int role_careful(uint64_t argument);            /**< short.c: works until memory runs out, and cleans up              */

#define CAREFUL_SHORT 1                         /* its status if memory ran out, and everything was as it should be  */

/* --- tests --- */

void memory_64m(struct test *t);
void memory_1g(struct test *t);

void many_after_another(struct test *t);
void many_at_once(struct test *t);
void many_of_one(struct test *t);
void many_arguments(struct test *t);

void ends_wait(struct test *t);
void ends_list(struct test *t);
void ends_kill(struct test *t);
void ends_kill_itself(struct test *t);
void ends_kill_any_moment(struct test *t);
void ends_kill_tree(struct test *t);
void ends_crash(struct test *t);
void ends_orphan(struct test *t);

void refuse_everything(struct test *t);
void refuse_draft_is_forgotten(struct test *t);

void hostile_messages(struct test *t);
void hostile_clinging(struct test *t);
void hostile_stall(struct test *t);

void short_limit(struct test *t);
void short_at_every_page(struct test *t);
void short_machine(struct test *t);

#endif
