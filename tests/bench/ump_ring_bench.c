/**
 * @file ump_ring_bench.c  The ring between two threads of the build machine, in proportion to a bare loop over two lines.  Not a test:
 * run it by hand, on a machine with two cores to spare:
 *   clang -O2 -std=gnu17 -pthread -Ilibos/include -Icpudriver/abi tests/bench/ump_ring_bench.c libos/ump/ring.c -o ump_ring_bench
 * The best of BATCHES counts, as in bench --cores.
 */
#include <os/ump_ring.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCHES 15u
#define ROUNDS  200000u
#define SLOTS   16u

static struct ump_line ball, back;
static _Alignas(4096) unsigned char frame[4096];
static struct ump_ring ring[2];
static pthread_barrier_t gate;

static void no_signal(void *arg)
{
    (void)arg;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void take(struct ump_ring *r)
{
    uint64_t word[UMP_WORDS];
    uint32_t head;
    unsigned words;

    while (!(ump_ring_receive(r, &head, word, &words).trail == 0)) {
    }
}

static void put(struct ump_ring *r)
{
    static const uint64_t word[UMP_WORDS];

    while (!(ump_ring_send(r, 0, word, 1).trail == 0)) {
    }
}

static void raw(struct ump_line *mine, struct ump_line *theirs, bool first)
{
    const uint64_t from = __c11_atomic_load(&mine->word[0], __ATOMIC_RELAXED);

    for (uint64_t n = from + 1; n <= from + ROUNDS; n++) {
        while (!first && __c11_atomic_load(&theirs->word[0], __ATOMIC_ACQUIRE) != n) {
        }
        __c11_atomic_store(&mine->word[0], n, __ATOMIC_RELEASE);
        while (first && __c11_atomic_load(&theirs->word[0], __ATOMIC_ACQUIRE) != n) {
        }
    }
}

static void play(unsigned game, unsigned side)
{
    if (game == 0) {
        raw(side ? &back : &ball, side ? &ball : &back, side == 0);
        return;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (side == 0) {
            put(&ring[0]);
        } else {
            take(&ring[1]);
        }
        if (game == 1) {
            if (side == 0) {
                take(&ring[0]);
            } else {
                put(&ring[1]);
            }
        }
    }
    if (game == 2) {
        if (side == 0) {
            take(&ring[0]);
        } else {
            put(&ring[1]);
        }
    }
}

static void *other(void *arg)
{
    for (unsigned i = 0; i < 3 * BATCHES; i++) {
        pthread_barrier_wait(&gate);
        play(i % 3, 1);
    }
    return arg;
}

int main(void)
{
    double best[3] = { 0 };
    pthread_t thread;

    for (unsigned side = 0; side < 2; side++) {
        ump_ring_init(&ring[side], frame, side, SLOTS, no_signal, NULL);
    }
    pthread_barrier_init(&gate, NULL, 2);
    if (pthread_create(&thread, NULL, other, NULL) != 0) {
        return 1;
    }
    for (unsigned i = 0; i < 3 * BATCHES; i++) {
        pthread_barrier_wait(&gate);
        const double begin = now();
        play(i % 3, 0);
        const double each = (now() - begin) / ROUNDS;
        if (best[i % 3] == 0 || each < best[i % 3]) {
            best[i % 3] = each;
        }
    }
    pthread_join(thread, NULL);
    printf("raw round trip %.0f ns; round trip %.0f ns, %.2f x raw; %.2f messages in a raw round trip\n", best[0], best[1],
           best[1] / best[0], best[0] / best[2]);
    return 0;
}
