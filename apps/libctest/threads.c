/** @file threads.c  pthreads: create, join, keys, mutexes, conditions, read-write locks, semaphores, barriers, once, TLS. */
#include "libctest.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS 16

static _Thread_local int own = 5;
static _Thread_local double own_zero;

static void *use_own(void *arg)
{
    const bool fresh = own == 5 && own_zero == 0;

    own = *(int *)arg;
    own_zero = own * 0.5;
    errno = own + 1000;
    sched_yield();
    return fresh && own == *(int *)arg && own_zero == own * 0.5 && errno == own + 1000 ? arg : NULL;
}

static void check_tls(void)
{
    static int number[THREADS];
    pthread_t thread[THREADS];
    void *value;

    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        CHECK(pthread_create(&thread[i], NULL, use_own, &number[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], &value) == 0 && value == &number[i]);
    }
    CHECK(own == 5);
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
    destroyed += *(int *)value;
}

static void *set_value(void *arg)
{
    pthread_setspecific(key, arg);
    pthread_exit(pthread_getspecific(key));
}

static void clean(void *arg)
{
    ++*(int *)arg;
}

static void *leave_early(void *arg)
{
    pthread_cleanup_push(clean, arg);
    pthread_cleanup_push(clean, arg);
    pthread_cleanup_pop(0);
    pthread_exit(NULL);
    pthread_cleanup_pop(0);
    return arg;
}

static void *allocate(void *arg)
{
    bool intact = true;

    for (unsigned i = 0; i < 300; i++) {
        const size_t bytes = 16 + i * 7 % 2000;
        unsigned char *const block = malloc(bytes);
        if (!block) {
            return arg;
        }
        memset(block, (int)(uintptr_t)arg, bytes);
        if (i % 16 == 0) {
            sched_yield();
        }
        for (size_t k = 0; k < bytes; k++) {
            intact &= block[k] == (unsigned char)(uintptr_t)arg;
        }
        free(block);
    }
    return intact ? NULL : arg;
}

static void check_heap(void)
{
    pthread_t thread[THREADS];
    void *value;

    for (uintptr_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, allocate, (void *)(i + 1)) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], &value) == 0 && !value);
    }
}

static void *last(void *arg)
{
    usleep(2000);
    printf("%s\n", (char *)arg);        /* comes out only if the end is that of exit() */
    return NULL;
}

void leave_to_last(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, last, "libctest: the last thread's words") != 0) {
        exit(1);
    }
    pthread_exit(NULL);
}

static sem_t gone;

static void *detached(void *arg)
{
    sem_post(&gone);
    return arg;
}

void test_threads(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    int number = 3, cleaned = 0;
    void *value = NULL;

    check_tls();
    CHECK(pthread_key_create(&key, destroy) == 0);
    CHECK(pthread_create(&thread, NULL, set_value, &number) == 0 && pthread_join(thread, &value) == 0);
    CHECK(value == &number && destroyed == 3 && !pthread_getspecific(key) && pthread_key_delete(key) == 0);
    CHECK(pthread_create(&thread, NULL, leave_early, &cleaned) == 0 && pthread_join(thread, NULL) == 0 && cleaned == 1);
    CHECK(pthread_join(pthread_self(), NULL) == EDEADLK && pthread_equal(pthread_self(), pthread_self()));
    CHECK(sem_init(&gone, 0, 0) == 0);
    CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
    CHECK(pthread_attr_setstacksize(&attr, 256 * 1024) == 0 && pthread_attr_setstacksize(&attr, 1) == EINVAL);
    for (int i = 0; i < 20; i++) {
        CHECK(pthread_create(&thread, &attr, detached, NULL) == 0 && sem_wait(&gone) == 0);
    }
    CHECK(pthread_create(&thread, NULL, detached, NULL) == 0 && pthread_detach(thread) == 0 && sem_wait(&gone) == 0);
    check_heap();
}

/* ---- mutexes and the rest ------------------------------------------------------------------------------------------ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int counter, turn;

static void *count(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        const int before = counter;
        if (i % 50 == 0) {
            sched_yield();
        }
        counter = before + 1;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *ping(void *arg)
{
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&lock);
        while (turn != 1) {
            pthread_cond_wait(&change, &lock);
        }
        turn = 0;
        pthread_cond_signal(&change);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *try_it(void *arg)
{
    return pthread_mutex_trylock(arg) == EBUSY && pthread_mutex_unlock(arg) == EPERM ? arg : NULL;
}

static void check_types(void)
{
    pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP, m;
    pthread_mutexattr_t attr;
    pthread_t thread;
    void *value;

    CHECK(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0);
    CHECK(pthread_mutex_trylock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
    CHECK(pthread_mutex_unlock(&recursive) == 0);
    CHECK(pthread_create(&thread, NULL, try_it, &recursive) == 0 && pthread_join(thread, &value) == 0 && value);
    CHECK(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == EPERM);
    pthread_mutexattr_init(&attr);
    CHECK(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK) == 0 && pthread_mutex_init(&m, &attr) == 0);
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK && pthread_mutex_destroy(&m) == EBUSY);
    CHECK(pthread_mutex_unlock(&m) == 0 && pthread_mutex_destroy(&m) == 0);
}

static void check_conditions(void)
{
    struct timespec when;
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, ping, NULL) == 0);
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&lock);
        turn = 1;
        pthread_cond_signal(&change);
        while (turn != 0) {
            pthread_cond_wait(&change, &lock);
        }
        pthread_mutex_unlock(&lock);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_nsec += 10000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    CHECK(pthread_cond_timedwait(&change, &lock, &when) == ETIMEDOUT);
    pthread_condattr_t attr;                                /* deadlines of the other clock, which is decades behind */
    pthread_cond_t other;
    struct timespec since = { 0 };
    CHECK(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&other, &attr) == 0 && clock_gettime(CLOCK_MONOTONIC, &since) == 0);
    when = since;
    when.tv_sec += 1;
    CHECK(pthread_cond_timedwait(&other, &lock, &when) == ETIMEDOUT);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &when) == 0 && when.tv_sec > since.tv_sec);
    pthread_mutex_unlock(&lock);
}

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static int readers, most_readers, written;

static void *read_it(void *arg)
{
    pthread_rwlock_rdlock(&rw);
    readers++;
    most_readers = readers > most_readers ? readers : most_readers;
    sched_yield();
    readers--;
    pthread_rwlock_unlock(&rw);
    return arg;
}

static void *write_it(void *arg)
{
    pthread_rwlock_wrlock(&rw);
    written += readers == 0;
    sched_yield();
    pthread_rwlock_unlock(&rw);
    return arg;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static int once_runs, serial;

static void run_once(void)
{
    once_runs++;
    sched_yield();
}

static void *meet(void *arg)
{
    pthread_once(&once, run_once);
    serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    return arg;
}

static void together(void *(*a)(void *), void *(*b)(void *))
{
    pthread_t thread[THREADS];

    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, i % 2 ? a : b, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(thread[i], NULL) == 0);
    }
}

void test_sync(void)
{
    sem_t sem;
    int value;

    together(count, count);
    CHECK(counter == THREADS * 1000);
    check_types();
    check_conditions();
    together(read_it, write_it);
    CHECK(written == THREADS / 2 && most_readers >= 1 && pthread_rwlock_destroy(&rw) == 0);
    CHECK(pthread_rwlock_wrlock(&rw) == 0 && pthread_rwlock_tryrdlock(&rw) == EBUSY && pthread_rwlock_unlock(&rw) == 0);
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    together(meet, meet);
    CHECK(once_runs == 1 && serial == 1);
    CHECK(sem_init(&sem, 0, 2) == 0 && sem_trywait(&sem) == 0 && sem_wait(&sem) == 0);
    CHECK(sem_trywait(&sem) == -1 && errno == EAGAIN && sem_post(&sem) == 0 && sem_getvalue(&sem, &value) == 0 && value == 1);
}
