/* host.c  What the target brings to bindings, on the build machine: threads, heap, capabilities. */
#include "host.h"

#include <os/bug.h>
#include <os/heap.h>
#include <os/loopback.h>
#include <os/rpc.h>
#include <os/waiting.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* --- os/waiting.h --- */

struct waiter {
    pthread_cond_t wake;
    bool woken;
    struct waiter *next;
};

static pthread_mutex_t events = PTHREAD_MUTEX_INITIALIZER;

void events_enter(void)
{
    pthread_mutex_lock(&events);
}

void events_leave(void)
{
    pthread_mutex_unlock(&events);
}

/* In the queues a waiter stands for a thread. */
static struct waiter *of_thread(struct thread *t)
{
    return (struct waiter *)t;
}

static struct thread *as_thread(struct waiter *w)
{
    return (struct thread *)w;
}

static void take_out(struct thread_queue *q, struct waiter *w)
{
    struct waiter *previous = NULL;

    for (struct waiter *at = of_thread(q->first); at; previous = at, at = at->next) {
        if (at == w) {
            if (previous) {
                previous->next = w->next;
            } else {
                q->first = as_thread(w->next);
            }
            q->last = of_thread(q->last) == w ? as_thread(previous) : q->last;
            return;
        }
    }
}

bool events_wait(struct thread_queue *q, uint64_t deadline)
{
    struct waiter w = { .next = NULL };
    pthread_condattr_t clock;
    int late = 0;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w.wake, &clock);
    if (q->last) {
        of_thread(q->last)->next = &w;
    } else {
        q->first = as_thread(&w);
    }
    q->last = as_thread(&w);
    while (!w.woken && !late) {
        if (deadline == EVENTS_FOREVER) {
            pthread_cond_wait(&w.wake, &events);
        } else {
            const struct timespec at = { (time_t)(deadline / 1000000000), (long)(deadline % 1000000000) };
            late = pthread_cond_timedwait(&w.wake, &events, &at);
        }
    }
    if (!w.woken) {
        take_out(q, &w);
    }
    pthread_cond_destroy(&w.wake);
    return w.woken;
}

void events_wake(struct thread_queue *q, bool all)
{
    do {
        struct waiter *w = of_thread(q->first);
        if (!w) {
            return;
        }
        q->first = as_thread(w->next);
        q->last = q->first ? q->last : NULL;
        w->woken = true;
        pthread_cond_signal(&w->wake);
    } while (all);
}

uint64_t events_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- os/heap.h --- */

static atomic_long blocks, fail_after = -1;

void *heap_take(size_t bytes)
{
    if (bytes == 0 || (atomic_load(&fail_after) >= 0 && atomic_fetch_sub(&fail_after, 1) <= 0)) {
        return NULL;
    }
    atomic_fetch_add(&blocks, 1);
    return memset(malloc(bytes), 0xa5, bytes);
}

void *heap_alloc(size_t bytes)
{
    void *const block = heap_take(bytes);

    return block ? memset(block, 0, bytes) : NULL;
}

void heap_free(void *block)
{
    if (block) {
        atomic_fetch_sub(&blocks, 1);
        free(block);
    }
}

long host_blocks(void)
{
    return atomic_load(&blocks);
}

void host_fail_after(long count)
{
    atomic_store(&fail_after, count);
}

/* --- capabilities are numbers; the low half says of what they are copies --- */

#define CAPS 4096u
static atomic_long caps;
static atomic_bool there[CAPS];
static atomic_uint next_cap = 1;

static cptr_t new_cap(unsigned what)
{
    for (unsigned tries = 0; tries < CAPS; tries++) {
        const unsigned slot = atomic_fetch_add(&next_cap, 1) % (CAPS - 1) + 1;
        bool free_slot = false;
        if (atomic_compare_exchange_strong(&there[slot], &free_slot, true)) {
            atomic_fetch_add(&caps, 1);
            return (cptr_t)slot << 32 | what;
        }
    }
    fprintf(stderr, "no slots left\n");
    abort();
}

cptr_t host_cap(unsigned what)
{
    return new_cap(what);
}

unsigned host_cap_what(cptr_t cap)
{
    return (unsigned)cap;
}

long host_caps(void)
{
    return atomic_load(&caps);
}

err_t binding_copy_cap(cptr_t cap, cptr_t *copy)
{
    *copy = new_cap((unsigned)cap);
    return OK;
}

void rpc_drop_cap(cptr_t cap)
{
    if (cap == CPTR_NULL || cap >> 32 >= CAPS || !atomic_exchange(&there[cap >> 32], false)) {
        fprintf(stderr, "dropped a capability that is not there: %#llx\n", (unsigned long long)cap);
        abort();
    }
    atomic_fetch_sub(&caps, 1);
}

void binding_drop_cap(cptr_t cap)
{
    rpc_drop_cap(cap);
}

_Noreturn void os_bug(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    abort();
}
