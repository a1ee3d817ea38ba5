/** @file short.c  Too little memory: errors, never faults. */
#include "faults.h"

/* All that malloc gives can be written, and all of it can be had again. */
static uint64_t take_all(size_t bytes)
{
    uint64_t **first = NULL, sum = 0;

    for (uint64_t **p; (p = os_malloc(bytes)); first = p, sum += bytes) {
        for (size_t i = 0; i < bytes / 8; i += SHOAL_PAGE_SIZE / 8) {
            p[i] = NULL;
        }
        p[0] = (uint64_t *)first;
    }
    while (first) {
        uint64_t **const next = (uint64_t **)first[0];
        os_free(first);
        first = next;
    }
    return sum;
}

static void limit_of(size_t bytes, uint64_t limit)
{
    const uint64_t got = take_all(bytes);

    CHECK(got > limit / 2, "%lu bytes in all", got);
    for (unsigned i = 0; i < 3; i++) {
        os_heap_trim();
        const uint64_t again = take_all(bytes);
        CHECK(again + again / 8 + 2 * bytes >= got, "%lu bytes the first time, %lu the next", got, again);
    }
    CHECK_EQ(os_heap_status().used, 0);
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
}

static void small(void)
{
    limit_of(64, 4 * MIB);
}

static void medium(void)
{
    limit_of(20000, 4 * MIB);
}

static void large(void)
{
    limit_of(300000, 8 * MIB);
}

static void huge(void)
{
    limit_of(5 * MIB, 32 * MIB);
}

/* Threads until there are no more. */
static uint64_t nothing(void *arg)
{
    return (uint64_t)arg;
}

static void threads(void)
{
    static struct thread *t[4000];
    unsigned n = 0;

    CHECK_OK(os_paging_start());
    thread_set_priority(thread_self(), THREAD_PRIORITY + 1);    /* so that none ends before the last is there */
    while (n < 4000 && err_ok(thread_create(&t[n], nothing, NULL, NULL))) {
        n++;
    }
    CHECK(n > 50 && n < 4000, "%u threads", n);
    for (unsigned i = 0; i < n; i++) {
        CHECK_OK(thread_join(t[i], NULL));
    }
    CHECK_OK(thread_create(&t[0], nothing, NULL, NULL));
    CHECK_OK(thread_join(t[0], NULL));
}

static uint64_t deeper(uint64_t n)
{
    volatile uint64_t room[512];

    room[n % 512] = n;
    return room[n % 512] == n ? deeper(n + 1) + room[n % 512] : 0;
}

/* The one case in which a process ends for want of memory: a stack beyond its promise. */
static uint64_t deep(void *arg)
{
    return deeper((uint64_t)arg);
}

static void stack(void)
{
    struct thread *t;

    CHECK_OK(os_paging_start());
    CHECK_OK(thread_create(&t, deep, NULL, &(struct thread_options){ .stack_bytes = 32 * MIB, .name = "greedy" }));
    finish(t);
}

static uint64_t depth;

/* As deep as it may, until there is no more, or @p arg bytes. */
static uint64_t sink(uint64_t left)
{
    volatile uint64_t room[512];

    room[left % 512] = left;
    depth += sizeof(room);
    return left > 0 ? sink(left - 1) + room[left % 512] : 0;
}

static uint64_t *held;

#define HELD (3 * MIB)

/* While the stack has all that it could get, what malloc gave can be written. */
static enum exception_action give_up(struct exception *e, void *arg)
{
    CHECK_EQ(e->cause, FAULT_WRITE);
    CHECK(says(e->reason, "the stack cannot grow"), "%s", e->reason);
    for (uint64_t i = 0; held && i < HELD / 8; i += SHOAL_PAGE_SIZE / 8) {
        held[i] = i;
    }
    *(bool *)arg = true;
    return EXCEPTION_EXIT;
}

static uint64_t sinks(void *arg)
{
    CHECK_OK(exception_set(give_up, arg));
    return sink(2048) == 0;
}

/* What is promised to the heap is not the stack's, however deep it goes. */
static void spared(void)
{
    struct thread *t;
    bool refused = false;

    for (unsigned round = 0; round < 3; round++) {
        held = os_malloc(HELD);
        CHECK(held, "no block, round %u", round);
        depth = 0;
        CHECK_OK(thread_create(&t, sinks, &refused, &(struct thread_options){ .stack_bytes = 16 * MIB, .name = "deep" }));
        finish(t);
        CHECK(refused && depth > MIB && depth < 3 * MIB, "it went %lu bytes deep", depth);
        os_free(held);
    }
    /* And what the stacks had is there again. */
    CHECK(take_all(300000) > 4 * MIB, "not all is back");
}

const struct test short_tests[] = {
    { "short-small", small, 0, 4 * MIB }, { "short-medium", medium, 0, 4 * MIB }, { "short-large", large, 0, 8 * MIB },
    { "short-huge", huge, 0, 32 * MIB }, { "short-threads", threads, 0, 4 * MIB },
    { "short-stack", stack, 128 + FAULT_WRITE, 4 * MIB }, { "short-stack-spares-heap", spared, 0, 6 * MIB }, { 0 },
};
