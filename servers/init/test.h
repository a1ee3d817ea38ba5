/**
 * @file test.h  Self-tests on the target.  Each test gets memory, slots and a window of addresses of its own; when it
 * returns, all of it is revoked, and the number of capabilities must be what it was before.
 */
#ifndef INIT_TEST_H
#define INIT_TEST_H

#include "state.h"
#include <os/err.h>

struct test {
    const char *group, *name;
    unsigned wrong;             /**< checks that failed                                                               */
    struct supply pool;         /**< scratch                                                                          */
    uint64_t window_used;       /**< bytes of the window                                                              */
    unsigned next_badge;        /**< of a child's fault endpoint                                                      */
};

struct test_case {
    const char *name;
    void (*run)(struct test *t);
};

struct test_group {
    const char *name;
    const struct test_case *cases;      /**< ends with an empty one                                                   */
};

/** One entry of a group's list. */
#define CASE(name) { #name, name }

/** Define a group from the cases of its file. */
#define TEST_GROUP(group, ...)                                                                                         \
    static const struct test_case group##_cases[] = { __VA_ARGS__, { 0 } };                                            \
    const struct test_group group##_tests = { #group, group##_cases }

extern const struct test_group *const test_groups[];
extern const unsigned test_group_count;
extern const unsigned test_group_apart;    /**< the last ones, which only run by name                                 */

/** Run every test of the group; prints a line for each.  @return how many failed */
unsigned test_run_group(const struct test_group *group);

/** Memory, slots and counts for @p t; the reverse checks that nothing is left.  Used by the bench and the fuzzer too.
 *  test_begin prints why, if it fails. */
bool test_begin(struct test *t, const char *group, const char *name);
void test_end(struct test *t);

void test_wrong(struct test *t, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Check and go on. */
#define CHECK(t, cond, ...)                                                                                            \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            test_wrong((t), __FILE__, __LINE__, __VA_ARGS__);                                                          \
        }                                                                                                              \
    } while (0)

bool test_err(struct test *t, const char *file, int line, const char *expr, err_t got, enum err_code want);

/** The exact error. */
#define EXPECT_ERR(t, expr, code) ((void)test_err((t), __FILE__, __LINE__, #expr, (expr), (code)))
#define EXPECT_OK(t, expr)        EXPECT_ERR(t, expr, E_OK)

/** OK, or the test ends here. */
#define MUST(t, expr)                                                                                                  \
    do {                                                                                                               \
        if (!test_err((t), __FILE__, __LINE__, #expr, (expr), E_OK)) {                                                 \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

#define CHECK_EQ(t, got, want)                                                                                         \
    do {                                                                                                               \
        const uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);                                               \
        CHECK(t, got_ == want_, "%s is %#lx, wanted %#lx", #got, got_, want_);                                         \
    } while (0)

/** A slot of the scratch pool; CPTR_NULL, and the test is marked failed, if there is none. */
cptr_t test_slot(struct test *t);

/** Objects of the scratch pool, in consecutive slots; CPTR_NULL as above. */
cptr_t test_make(struct test *t, enum cap_type type, uint64_t size, uint64_t count);

/** A part of scratch memory as RAM capability; @p align: of its physical address, a power of two. */
cptr_t test_ram(struct test *t, uint64_t bytes, uint64_t align);

/** Addresses in init's VSpace; page tables are there. */
uint64_t test_window(struct test *t, uint64_t bytes);

/** Map part of a frame into the window; @p mapping may be NULL.  NULL, and the test is marked failed, on an error. */
void *test_map(struct test *t, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags, cptr_t *mapping);

/** The Mapping of init's window, its VNode_L3 and the entry for an address there. */
cptr_t window_vnode(uint64_t va);

/** What lies in the slot, CAP_NULL if it is empty. */
enum cap_type slot_type(cptr_t root, cptr_t slot);

/** How many capabilities the kernel's database has. */
uint64_t cap_count(void);

/** Seconds that a wait may last before it counts as a hang. */
#define HANG_SECONDS 30
uint64_t hang_deadline(void);

#endif
