/** @file short.c  Too little memory: whatever step it is that fails, there is an error and nothing is left behind. */
#include "proctest.h"
#include <stubs/mem.h>

#define MIB   (1ull << 20)
#define CROWD 128u

/* --- a process and its limit --- */

/* Take pages until there are none; then give one back and take it again. */
int role_greedy(uint64_t limit)
{
    struct slots *const slots = &os_stock()->slots;
    uint64_t taken = 0;
    cptr_t slot = CPTR_NULL, ram;
    err_t err;

    do {
        err_ignore(stock_refill(os_stock()));       /* in the end it cannot be refilled */
        if (!err_ok(slots_alloc(slots, &slot))) {
            return 2;
        }
        os_mem()->cap_slot = slot;
        err = mem_alloc(os_mem(), SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &ram);
        taken += err_ok(err) ? SHOAL_PAGE_SIZE : 0;
    } while (err_ok(err));
    if (err_root(err) != E_MEM_LIMIT || taken == 0 || taken > limit) {
        return 3;
    }
    if (!err_ok(mem_free(os_mem(), slot - 1)) || !err_ok(mem_alloc(os_mem(), SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &ram))) {
        return 4;
    }
    return 0;
}

static void limited(struct test *t)
{
    const struct spawn_options options = { .limit = 2 * MIB }, small = { .limit = SHOAL_PAGE_SIZE },
                               crooked = { .limit = 1 };
    uint64_t pid;

    MUST(t, run_role("greedy", options.limit, &options, &pid));
    run_ends(t, pid, 0);
    EXPECT_ERR(t, run_start(WORDS("true"), &small, &pid), E_MEM_LIMIT);
    EXPECT_ERR(t, run_start(WORDS("true"), &crooked, &pid), E_MEM_LIMIT);
    run(t, WORDS("true"), 0);
}

void short_limit(struct test *t)
{
    test_same_memory(t, limited);
}

/* --- a process that has one page more each time --- */

/* Map, use and unmap what it has, in pieces that need page tables and records of their own.  @return 0; CAREFUL_SHORT:
 * out of memory; else what is wrong */
static int map_pieces(cptr_t frame, uint64_t bytes)
{
    const uint64_t page = SHOAL_PAGE_SIZE;
    struct vspace *const vs = os_vspace();
    uint64_t at[48], count = 0, where = 0x200000000;
    err_t err = OK;

    for (; count < 48 && err_ok(err); count++, where += 1ull << 30) {
        at[count] = where;
        err = vspace_map_at(vs, where, frame, count % (bytes / page) * page, page, MAP_READ | MAP_WRITE);
        if (!err_ok(err)) {
            struct vspace_info info;
            if (vspace_lookup(vs, where, &info)) {
                return 10;
            }
            break;
        }
        *(volatile uint64_t *)where = where;
        if (vspace_check(vs)) {
            return 11;
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!err_ok(vspace_unmap(vs, at[i], page))) {
            return 12;              /* giving back never lacks anything */
        }
    }
    return vspace_check(vs) ? 13 : err_ok(err) ? 0 : err_root(err) == E_MEM_LIMIT ? CAREFUL_SHORT : 14;
}

int role_careful(uint64_t argument)
{
    struct slots *slots;
    cptr_t slot, frame, ram;

    (void)argument;
    slots = &os_stock()->slots;
    if (!err_ok(slots_alloc(slots, &slot)) || !err_ok(slots_alloc(slots, &frame))) {
        return CAREFUL_SHORT;
    }
    os_mem()->cap_slot = slot;
    const err_t err = mem_alloc(os_mem(), 4 * SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &ram);
    if (!err_ok(err)) {
        return err_root(err) == E_MEM_LIMIT ? CAREFUL_SHORT : 2;
    }
    if (!err_ok(cap_retype(ram, CAP_FRAME, 0, 4 * SHOAL_PAGE_SIZE, 1, CPTR_NULL, frame))) {
        return 3;
    }
    for (unsigned round = 0; round < 2; round++) {
        const int status = map_pieces(frame, 4 * SHOAL_PAGE_SIZE);
        if (status) {
            return status;
        }
    }
    if (!err_ok(slots_delete(slots, frame)) || !err_ok(mem_free(os_mem(), ram))) {
        return 4;
    }
    return 0;
}

/* The least with which @p pages is built; it is made of one capability of RAM, so below that nothing is. */
static uint64_t least_pages(struct test *t)
{
    uint64_t low = 1, high = 1024, pid;

    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        const struct spawn_options options = { .limit = middle * SHOAL_PAGE_SIZE };
        const err_t err = run_role("linger", 0, &options, &pid);
        if (err_ok(err)) {
            high = middle;
            run_ends(t, pid, 0);
        } else {
            CHECK(t, err_root(err) == E_MEM_LIMIT, "%lu pages: %s", middle, err_name(err_root(err)));
            low = middle + 1;
        }
    }
    return low;
}

static void every_page(struct test *t)
{
    const uint64_t least = least_pages(t);
    unsigned status = CAREFUL_SHORT, too_small = 0;
    uint64_t pid, ended;

    for (uint64_t pages = least; status == CAREFUL_SHORT && pages < least + 1024; pages++) {
        const struct spawn_options options = { .limit = pages * SHOAL_PAGE_SIZE };
        MUST(t, run_role("careful", 0, &options, &pid));
        MUST(t, process_wait(pid, &ended, &status));
        CHECK(t, status <= CAREFUL_SHORT, "with %lu pages it ended with status %u", pages, status);
        too_small += status == CAREFUL_SHORT;
    }
    CHECK_EQ(t, status, 0);
    CHECK(t, too_small > 8, "only %u limits were too small", too_small);
}

void short_at_every_page(struct test *t)
{
    test_same_memory(t, every_page);
}

/* --- a machine without any --- */

/* All free memory but @p pages is promised to us: nobody else gets more. */
static bool leave(struct test *t, uint64_t pages)
{
    struct process_info info;

    return EXPECT_OK(t, process_next(os_startup()->pid - 1, &info)) &&
           EXPECT_OK(t, mem_commit(os_mem(), info.granted + test_unused(t) - pages * SHOAL_PAGE_SIZE));
}

/* One process, with one page more each time. */
static void starved(struct test *t)
{
    uint64_t pid, failures = 0;
    err_t err = ERR(E_MEM_PROMISED);

    for (uint64_t pages = 0; !err_ok(err) && pages < 1024 && t->wrong == 0; pages++) {
        const uint64_t before = test_unused(t);
        if (!leave(t, pages)) {
            break;
        }
        err = run_start(WORDS("hello"), NULL, &pid);
        if (err_ok(err)) {
            run_ends(t, pid, 0);
        } else {
            failures++;
            CHECK(t, err_root(err) == E_MEM_PROMISED, "%lu pages: %s", pages, err_name(err_root(err)));
        }
        EXPECT_OK(t, mem_commit(os_mem(), 0));
        CHECK_EQ(t, test_unused(t), before);
    }
    EXPECT_OK(t, err);
    CHECK(t, failures > 0, "it worked without memory");
}

/* As many as there is memory for: more than ever before, so that the servers' own records run short, too. */
static void crowded(struct test *t, uint64_t pages)
{
    static uint64_t pid[CROWD];
    unsigned started = 0;
    err_t err = OK;

    if (!leave(t, pages)) {
        return;
    }
    while (started < CROWD && err_ok(err)) {
        err = run_role("linger", 1000000, NULL, &pid[started]);
        started += err_ok(err);
    }
    CHECK(t, err_root(err) == E_MEM_PROMISED, "with %lu pages %u processes, then %s", pages, started,
          err_name(err_root(err)));
    EXPECT_OK(t, mem_commit(os_mem(), 0));
    for (unsigned i = 0; i < started; i++) {
        EXPECT_OK(t, process_kill(pid[i]));
        run_ends(t, pid[i], STATUS_KILLED);
    }
    run(t, WORDS("hello"), 0);
}

static void starved_and_crowded(struct test *t)
{
    starved(t);
    for (uint64_t pages = 100; pages < CROWD * 64 && t->wrong == 0; pages += 499) {
        crowded(t, pages);
    }
}

void short_machine(struct test *t)
{
    test_same_memory(t, starved_and_crowded);
}
