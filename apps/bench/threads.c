/** @file threads.c  Benches of threads, in a program that pages: their stacks are lazy. */
#include "bench.h"
#include <os/fault.h>
#include <os/sync.h>

#define HIGH 40u                /* of two threads that have the core to themselves */

static uint64_t sample[ROUNDS];
static volatile bool stop;
static struct mutex mutex;
static struct condition condition;
static unsigned turn;

/* Two equal threads, of which the second takes the samples, and what they are divided by. */
static err_t two(struct line *line, thread_fn other, thread_fn measures, unsigned flags, unsigned divisor)
{
    const struct thread_options o = { .flags = flags, .priority = HIGH };
    struct thread *t[2];

    TRY(os_paging_start());
    stop = false;
    turn = 0;
    thread_set_priority(thread_self(), HIGH + 1);
    TRY(thread_create(&t[0], other, NULL, &o));
    TRY(thread_create(&t[1], measures, NULL, &o));
    TRY(thread_join(t[1], NULL));
    TRY(thread_join(t[0], NULL));
    thread_set_priority(thread_self(), THREAD_PRIORITY);
    line->value = (median(sample, ROUNDS) - overhead()) / divisor;
    return OK;
}

static uint64_t yields(void *arg)
{
    (void)arg;
    while (!stop) {
        thread_yield();
    }
    return 0;
}

static uint64_t measures_yield(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        thread_yield();                     /* to the other and back */
        sample[i] = clock_now() - begin;
    }
    stop = true;
    return 0;
}

err_t thread_switch(struct line *line)
{
    return two(line, yields, measures_yield, 0, 2);
}

err_t thread_switch_no_fp(struct line *line)
{
    return two(line, yields, measures_yield, THREAD_NO_FP, 2);
}

/* Both want the mutex all the time: who has it finds the other in the queue whenever it releases it. */
static uint64_t measures_handoff(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        mutex_unlock(&mutex);               /* the other has it now, */
        mutex_lock(&mutex);                 /* runs, releases it and waits */
        sample[i] = clock_now() - begin;
    }
    stop = true;
    mutex_unlock(&mutex);
    return 0;
}

static uint64_t relocks(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    thread_yield();                         /* the other waits from now on */
    while (!stop) {
        mutex_unlock(&mutex);
        mutex_lock(&mutex);
    }
    mutex_unlock(&mutex);
    return 0;
}

err_t mutex_handoff(struct line *line)
{
    return two(line, relocks, measures_handoff, 0, 1);
}

/* @p me's turn comes, passes, and comes again. */
static void pass(unsigned me)
{
    turn = !me;
    condition_signal(&condition);
    while (turn != me && !stop) {
        condition_wait(&condition, &mutex);
    }
}

static uint64_t passes(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    while (turn != 1) {
        condition_wait(&condition, &mutex);
    }
    while (!stop) {
        pass(1);
    }
    mutex_unlock(&mutex);
    return 0;
}

static uint64_t measures_pass(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        pass(0);
        sample[i] = clock_now() - begin;
    }
    stop = true;
    condition_signal(&condition);
    mutex_unlock(&mutex);
    return 0;
}

err_t condition_round_trip(struct line *line)
{
    return two(line, passes, measures_pass, 0, 1);
}

err_t mutex_uncontended(struct line *line)
{
    TRY(os_paging_start());
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        mutex_lock(&mutex);
        mutex_unlock(&mutex);
        sample[i] = clock_now() - begin;
    }
    line->value = median(sample, ROUNDS) - overhead();
    return OK;
}

static uint64_t nothing(void *arg)
{
    return (uint64_t)arg;
}

err_t thread_create_join(struct line *line)
{
    TRY(os_paging_start());
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct thread *t;
        const uint64_t begin = clock_now();
        err_t err = thread_create(&t, nothing, NULL, NULL);
        if (err_ok(err)) {
            err = thread_join(t, NULL);
        }
        sample[i] = clock_now() - begin;
        TRY(err);
    }
    line->value = median(sample, ROUNDS) - overhead();
    return OK;
}
