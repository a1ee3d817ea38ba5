/** @file sync.c  Mutex and condition variable. */
#include "threadtest.h"

#include <os/sync_more.h>

#define THREADS 6u
#define ROUNDS  400u

static struct mutex mutex;
static volatile uint64_t total, inside;

static uint64_t contends(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&mutex);
        inside++;
        CHECK_EQ(inside, 1);
        const uint64_t was = total;
        if (i % 50 == (uint64_t)arg) {
            spin(ms(12));               /* longer than a slice: preempted while it has the mutex */
        } else if (i % 7 == 0) {
            thread_yield();
        }
        total = was + 1;
        inside--;
        mutex_unlock(&mutex);
        if (i % 11 == 0) {
            thread_yield();
        }
    }
    return 0;
}

static void mutex_contention(void)
{
    struct thread *t[THREADS];

    for (uint64_t i = 0; i < THREADS; i++) {
        t[i] = start(contends, (void *)i, i < 4 ? 0 : THREAD_PRIORITY + (unsigned)i);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        (void)finish(t[i]);
    }
    CHECK_EQ(total, THREADS * ROUNDS);
    CHECK_EQ(mutex.owner, 0);
}

static uint64_t order[THREADS];
static unsigned arrived;

static uint64_t queues(void *arg)
{
    mutex_lock(&mutex);
    order[arrived++] = (uint64_t)arg;
    mutex_unlock(&mutex);
    return 0;
}

static void check_order(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        CHECK_EQ(order[i], i);
    }
    CHECK_EQ(arrived, THREADS);
}

/* First come, first served, whatever their priorities are. */
static void mutex_order(void)
{
    struct thread *t[THREADS];

    mutex_lock(&mutex);
    for (uint64_t i = 0; i < THREADS; i++) {
        t[i] = start(queues, (void *)i, THREAD_PRIORITY + 1 + (unsigned)i * 7 % 5);
    }
    CHECK(!mutex_try_lock(&mutex), "taken twice");
    mutex_unlock(&mutex);
    for (unsigned i = 0; i < THREADS; i++) {
        (void)finish(t[i]);
    }
    check_order();
    CHECK(mutex_try_lock(&mutex), "still taken");
    mutex_unlock(&mutex);
}

static uint64_t gives_up(void *arg)
{
    const uint64_t until = time_now() + ms((uint64_t)arg);
    const bool got = mutex_lock_until(&mutex, until);

    if (got) {
        mutex_unlock(&mutex);
    } else {
        CHECK(time_now() >= until, "gave up too early");
    }
    return got;
}

static void mutex_deadline(void)
{
    mutex_lock(&mutex);
    struct thread *const a = start(gives_up, (void *)20, 40), *const b = start(gives_up, (void *)30000, 40);
    thread_sleep_until(time_now() + ms(60));
    mutex_unlock(&mutex);
    CHECK_EQ(finish(a), 0);
    CHECK_EQ(finish(b), 1);
    CHECK_EQ(mutex.owner, 0);
    mutex_lock(&mutex);
    CHECK_EQ(finish(start(gives_up, (void *)10, 40)), 0);
    mutex_unlock(&mutex);                       /* nobody waits any more */
    CHECK_EQ(mutex.owner, 0);
}

static struct condition turned[2];
static uint64_t turn;

static uint64_t plays(void *arg)
{
    const uint64_t self = (uint64_t)arg;

    mutex_lock(&mutex);
    for (unsigned i = 0; i < 1000; i++) {
        while (turn % 2 != self) {
            condition_wait(&turned[self], &mutex);
        }
        turn++;
        condition_signal(&turned[!self]);
    }
    mutex_unlock(&mutex);
    return 0;
}

static void condition_ping_pong(void)
{
    struct thread *const a = start(plays, (void *)0, 0), *const b = start(plays, (void *)1, 35);

    (void)finish(a);
    (void)finish(b);
    CHECK_EQ(turn, 2000);
    CHECK_EQ(mutex.owner, 0);
}

static bool open;
static struct condition opened;

static uint64_t waits(void *arg)
{
    mutex_lock(&mutex);
    while (!open) {
        condition_wait(&opened, &mutex);
    }
    order[arrived++] = (uint64_t)arg;
    mutex_unlock(&mutex);
    return 0;
}

static void condition_broadcast_order(void)
{
    struct thread *t[THREADS];

    condition_broadcast(&opened);               /* nobody there yet: no effect */
    for (uint64_t i = 0; i < THREADS; i++) {
        t[i] = start(waits, (void *)i, THREAD_PRIORITY + 1 + (unsigned)i * 7 % 5);
    }
    mutex_lock(&mutex);
    open = true;
    condition_broadcast(&opened);
    CHECK_EQ(arrived, 0);                       /* they wait for the mutex now */
    mutex_unlock(&mutex);
    for (unsigned i = 0; i < THREADS; i++) {
        (void)finish(t[i]);
    }
    check_order();
}

static uint64_t waits_until(void *arg)
{
    const uint64_t until = time_now() + ms((uint64_t)arg);

    mutex_lock(&mutex);
    const bool signalled = condition_wait_until(&opened, &mutex, until);
    inside++;
    CHECK_EQ(inside, 1);
    CHECK(signalled || time_now() >= until, "gave up too early");
    inside--;
    mutex_unlock(&mutex);
    return signalled;
}

static void condition_deadline(void)
{
    struct thread *const a = start(waits_until, (void *)20, 40), *const b = start(waits_until, (void *)30000, 40);

    CHECK_EQ(finish(a), 0);
    condition_signal(&opened);                  /* a does not stand in the way any more */
    CHECK_EQ(finish(b), 1);
    /* signalled in time, though the mutex comes later than the deadline */
    struct thread *const c = start(waits_until, (void *)500, 40);
    mutex_lock(&mutex);
    condition_signal(&opened);
    thread_sleep_until(time_now() + ms(600));
    mutex_unlock(&mutex);
    CHECK_EQ(finish(c), 1);
    /* the deadline comes while somebody has the mutex */
    struct thread *const d = start(waits_until, (void *)10, 40);
    mutex_lock(&mutex);
    thread_sleep_until(time_now() + ms(40));
    mutex_unlock(&mutex);
    CHECK_EQ(finish(d), 0);
    CHECK_EQ(mutex.owner, 0);
}

static struct mutex left, right;

/* Has one, waits for the other; it may give up, so this is no deadlock. */
static uint64_t crosses(void *arg)
{
    (void)arg;
    mutex_lock(&left);
    const bool got = mutex_lock_until(&right, time_now() + ms(30));
    CHECK(!got, "a mutex that somebody has");
    mutex_unlock(&left);
    return got;
}

static void circle_that_opens(void)
{
    mutex_lock(&right);
    struct thread *const t = start(crosses, NULL, THREAD_PRIORITY + 1);
    mutex_lock(&left);                          /* t has it, and waits for ours */
    mutex_unlock(&left);
    mutex_unlock(&right);
    CHECK_EQ(finish(t), 0);
    mutex_destroy(&left);
    mutex_destroy(&right);
    condition_destroy(&opened);
}

/* ---- os/sync_more.h ------------------------------------------------------------------------------------------------ */

static struct recursive_mutex nested;
static struct semaphore tokens, space = { .value = 3 };
static struct once first_time;
static struct rw_lock rw;
static volatile uint64_t runs, writers_in, readers_in, most_readers, written;

static uint64_t try_nested(void *arg)
{
    (void)arg;
    if (!recursive_try_lock(&nested) && !recursive_lock_until(&nested, time_now() + ms(2))) {
        return 0;
    }
    recursive_unlock(&nested);
    return 1;
}

static void recursive(void)
{
    CHECK(recursive_lock_until(&nested, THREAD_NO_DEADLINE) && recursive_try_lock(&nested), "it was open");
    CHECK(recursive_lock_until(&nested, time_now()), "a third time");
    recursive_unlock(&nested);
    recursive_unlock(&nested);
    CHECK_EQ(finish(start(try_nested, NULL, 0)), 0);
    recursive_unlock(&nested);
    CHECK_EQ(finish(start(try_nested, NULL, 0)), 1);
}

static uint64_t consumes(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        CHECK(semaphore_down_until(&tokens, THREAD_NO_DEADLINE), "for ever has no end");
        CHECK(semaphore_up(&space, 3), "more room than there is");
    }
    return (uint64_t)arg;
}

static void semaphore(void)
{
    struct thread *t[3];

    for (unsigned i = 0; i < 3; i++) {
        t[i] = start(consumes, NULL, i ? 0 : THREAD_PRIORITY + 1);
    }
    for (unsigned i = 0; i < 3 * ROUNDS; i++) {
        CHECK(semaphore_down_until(&space, THREAD_NO_DEADLINE), "for ever has no end");
        CHECK(semaphore_up(&tokens, 3), "more tokens than room");
    }
    for (unsigned i = 0; i < 3; i++) {
        (void)finish(t[i]);
    }
    CHECK(!semaphore_try_down(&tokens) && !semaphore_down_until(&tokens, time_now() + ms(2)), "there is none");
    CHECK_EQ(space.value, 3);
    CHECK(!semaphore_up(&space, 3) && semaphore_try_down(&space), "it was full");
}

static void slowly(void)
{
    runs++;
    thread_sleep_until(time_now() + ms(3));
    runs += 10;
}

static uint64_t runs_once(void *arg)
{
    (void)arg;
    once_run(&first_time, slowly);
    return runs;                                /* 1: it has not waited */
}

static void once(void)
{
    struct thread *t[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        t[i] = start(runs_once, NULL, 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        CHECK_EQ(finish(t[i]), 11);
    }
}

static uint64_t reads_and_writes(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        const bool writes = (i + (uint64_t)arg) % 5 == 0;
        CHECK(writes ? rw_lock_write_until(&rw, THREAD_NO_DEADLINE) : rw_lock_read_until(&rw, THREAD_NO_DEADLINE), "no");
        writers_in += writes;
        readers_in += !writes;
        most_readers = readers_in > most_readers ? readers_in : most_readers;
        CHECK(writers_in == 0 || (writers_in == 1 && readers_in == 0), "%lu write, %lu read", writers_in, readers_in);
        thread_yield();
        written += writes;
        writers_in -= writes;
        readers_in -= !writes;
        CHECK(rw_unlock(&rw), "nobody had it");
    }
    return 0;
}

static uint64_t waits_to_read(void *arg)
{
    (void)arg;
    return rw_lock_read_until(&rw, THREAD_NO_DEADLINE) && rw_unlock(&rw);
}

static void read_write(void)
{
    struct thread *t[5];

    for (uint64_t i = 0; i < 5; i++) {
        t[i] = start(reads_and_writes, (void *)i, 0);
    }
    for (unsigned i = 0; i < 5; i++) {
        (void)finish(t[i]);
    }
    CHECK_EQ(written, 5 * ROUNDS / 5);
    CHECK(most_readers > 1, "readers came one by one");
    CHECK(!rw_unlock(&rw), "it was open");
    CHECK(rw_lock_read_until(&rw, 0) && rw_lock_read_until(&rw, 0) && !rw_lock_write_until(&rw, 0), "two read");
    CHECK(rw_unlock(&rw) && rw_unlock(&rw) && rw_lock_write_until(&rw, 0) && !rw_lock_read_until(&rw, 0), "one writes");
    CHECK(rw_unlock(&rw) && rw_lock_read_until(&rw, 0), "it was free");
    CHECK(!rw_lock_write_until(&rw, time_now() + ms(2)), "one reads");
    CHECK_EQ(finish(start(waits_to_read, NULL, 0)), 1);         /* the writer that gave up keeps nobody out */
    CHECK(rw_unlock(&rw), "ours");
}

const struct test sync_tests[] = {
    { "mutex_contention", mutex_contention }, { "mutex_order", mutex_order }, { "mutex_deadline", mutex_deadline },
    { "condition_ping_pong", condition_ping_pong }, { "condition_broadcast_order", condition_broadcast_order },
    { "condition_deadline", condition_deadline }, { "circle_that_opens", circle_that_opens },
    { "recursive", recursive }, { "semaphore", semaphore }, { "once", once }, { "read_write", read_write }, { 0 },
};
