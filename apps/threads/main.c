/**
 * @file main.c  threads [N [SECONDS]]: N threads (64) that allocate and free blocks of 16 bytes to 64 MiB, half of the
 * free memory together, for so many seconds (3).
 *
 * Sizes are as likely in each doubling.  What a thread has allocated goes to a place among the others', and whoever comes
 * by there frees it: so blocks are freed in any order, and mostly by another thread.  Each page of a block, its first and
 * its last word are marked, and looked at before it is freed.  One line says what was done; status 0: no content has
 * changed, and no block was refused while half of the memory was free.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MOST 4000
#define PLACES       1024               /* blocks alive at once, at most */
#define LOG2_LEAST   4
#define LOG2_MOST    26
#define PAGE         4096

struct block {
    uint8_t *bytes;
    size_t size;
    uint64_t mark;
};

static struct {
    pthread_mutex_t lock;
    struct block place[PLACES];
    size_t used, most_used, budget;
} heap = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Of one thread, and in the end of all. */
struct count {
    unsigned long blocks, pages, wrong, refused;
    size_t largest;
};

static struct timespec end;

static bool time_is_up(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec);
}

/* xorshift64 */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static size_t some_size(uint64_t *random)
{
    const unsigned log2 = LOG2_LEAST + (unsigned)(random_next(random) % (LOG2_MOST - LOG2_LEAST));

    return ((size_t)1 << log2) + random_next(random) % (((size_t)1 << log2) + 1);
}

/* ---- a block ------------------------------------------------------------------------------------------------------- */

static void mark(const struct block *b, size_t at)
{
    const uint64_t word = b->mark ^ at;

    memcpy(b->bytes + at, &word, sizeof(word));
}

static bool marked(const struct block *b, size_t at)
{
    uint64_t word;

    memcpy(&word, b->bytes + at, sizeof(word));
    return word == (b->mark ^ at);
}

static void mark_all(const struct block *b)
{
    for (size_t at = 0; at < b->size - 8; at += PAGE) {
        mark(b, at);
    }
    mark(b, b->size - 8);
}

/* The one that has two marks that overlap is too small for the first. */
static bool all_marked(const struct block *b)
{
    for (size_t at = 0; at + 16 <= b->size; at += PAGE) {
        if (!marked(b, at)) {
            return false;
        }
    }
    return marked(b, b->size - 8);
}

/* ---- a thread ------------------------------------------------------------------------------------------------------ */

/* Room for so many bytes in the budget? */
static bool claim(size_t bytes)
{
    pthread_mutex_lock(&heap.lock);
    const bool room = bytes <= heap.budget - heap.used;
    heap.used += room ? bytes : 0;
    heap.most_used = heap.used > heap.most_used ? heap.used : heap.most_used;
    pthread_mutex_unlock(&heap.lock);
    return room;
}

/* Put @p b into a place, and take out what is there. */
static struct block swap(unsigned place, struct block b)
{
    pthread_mutex_lock(&heap.lock);
    const struct block before = heap.place[place];
    heap.place[place] = b;
    pthread_mutex_unlock(&heap.lock);
    return before;
}

static void drop(struct block b, struct count *c)
{
    if (b.bytes) {
        c->wrong += !all_marked(&b);
        free(b.bytes);
        pthread_mutex_lock(&heap.lock);
        heap.used -= b.size;
        pthread_mutex_unlock(&heap.lock);
    }
}

static struct block take(uint64_t *random, struct count *c)
{
    struct block b = { NULL, some_size(random), random_next(random) };

    if (!claim(b.size)) {
        return (struct block){ NULL, 0, 0 };
    }
    b.bytes = malloc(b.size);
    if (!b.bytes) {
        c->refused++;
        pthread_mutex_lock(&heap.lock);
        heap.used -= b.size;
        pthread_mutex_unlock(&heap.lock);
        return b;
    }
    mark_all(&b);
    c->blocks++;
    c->pages += b.size / PAGE;
    c->largest = b.size > c->largest ? b.size : c->largest;
    return b;
}

/* Floating-point registers are each thread's own, too: the same sum each time, whoever comes in between. */
static bool sum_is_right(unsigned seed)
{
    volatile double sum = 0;

    for (unsigned i = 1; i <= 64; i++) {
        sum += (double)(seed + i) * 0.5;
    }
    return sum == (double)seed * 32 + 1040;
}

static void *churn(void *arg)
{
    struct count *const c = arg;
    uint64_t random = (uintptr_t)pthread_self() * 0x9e3779b97f4a7c15ull | 1;

    while (!time_is_up()) {
        for (unsigned i = 0; i < 20; i++) {
            const unsigned place = (unsigned)(random_next(&random) % PLACES);
            drop(swap(place, take(&random, c)), c);
        }
        c->wrong += !sum_is_right((unsigned)(random % 1000));
    }
    return NULL;
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static void add(struct count *sum, const struct count *c)
{
    sum->blocks += c->blocks;
    sum->pages += c->pages;
    sum->wrong += c->wrong;
    sum->refused += c->refused;
    sum->largest = c->largest > sum->largest ? c->largest : sum->largest;
}

/* @return how many were started */
static unsigned run_all(unsigned threads, struct count *sum)
{
    static pthread_t thread[THREADS_MOST];
    static struct count count[THREADS_MOST];
    unsigned started = 0;

    while (started < threads && pthread_create(&thread[started], NULL, churn, &count[started]) == 0) {
        started++;
    }
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
        add(sum, &count[i]);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        drop(heap.place[i], sum);
    }
    return started;
}

static unsigned number(const char *text, unsigned most)
{
    char *rest;
    const unsigned long n = strtoul(text, &rest, 10);

    if (*rest || n < 1 || n > most) {
        fprintf(stderr, "threads: wants threads [1 to %d [seconds]]\n", THREADS_MOST);
        exit(2);
    }
    return (unsigned)n;
}

int main(int argc, char **argv)
{
    const unsigned threads = argc > 1 ? number(argv[1], THREADS_MOST) : 64;
    const unsigned seconds = argc > 2 ? number(argv[2], 86400) : 3;
    struct count sum = { .blocks = 0 };

    heap.budget = (size_t)sysconf(_SC_AVPHYS_PAGES) / 2 * PAGE;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    const unsigned started = run_all(threads, &sum);
    const bool well = started == threads && !sum.wrong && !sum.refused && !heap.used && sum.blocks;
    printf("threads: %u threads, %u s: %lu blocks, %lu MiB, the largest %zu KiB, %zu of %zu MiB at once; %lu wrong, "
           "%lu refused\n", started, seconds, sum.blocks, sum.pages / 256, sum.largest >> 10, heap.most_used >> 20,
           heap.budget >> 20, sum.wrong, sum.refused);
    return well ? 0 : 1;
}
