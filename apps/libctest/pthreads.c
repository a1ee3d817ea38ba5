/** @file pthreads.c  What threads owe each other: attributes, names, timeouts, rounding, and that who waits, waits alone. */
#include "libctest.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 1000

static struct timespec in_ms(long ms)
{
    struct timespec when;

    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_nsec += ms * 1000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    return when;
}

/* ---- who waits, waits alone ---------------------------------------------------------------------------------------- */

static pid_t spawn(const char *program)
{
    char *const argv[] = { (char *)program, NULL };
    pid_t pid = -1;

    CHECK(posix_spawn(&pid, program, NULL, NULL, argv, NULL) == 0);
    return pid;
}

struct child {
    pid_t pid, ended;
    int status;
};

static void *wait_for(void *arg)
{
    struct child *const c = arg;

    c->ended = waitpid(c->pid, &c->status, 0);
    return NULL;
}

/* Two threads wait for children that end only when a third, which needs the same server, ends them. */
static void check_waitpid(void)
{
    struct child c[2] = { { spawn("spin"), 0, 0 }, { spawn("spin"), 0, 0 } };
    pthread_t thread[2];
    int status;

    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&thread[i], NULL, wait_for, &c[i]) == 0);
    }
    usleep(20000);
    const pid_t other = spawn("true");
    CHECK(waitpid(other, &status, 0) == other && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(getppid() > 0 && sysconf(_SC_AVPHYS_PAGES) > 0);
    for (int i = 1; i >= 0; i--) {
        CHECK(kill(c[i].pid, SIGKILL) == 0);
        CHECK(pthread_join(thread[i], NULL) == 0);
        CHECK(c[i].ended == c[i].pid && WIFSIGNALED(c[i].status) && WTERMSIG(c[i].status) == SIGKILL);
    }
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
}

/* As long as nobody types, which here is for ever. */
static void *read_terminal(void *arg)
{
    return read(STDIN_FILENO, arg, 1) == 1 ? arg : NULL;
}

void print_beside_reader(void)
{
    static char letter;
    pthread_t reader;

    if (pthread_create(&reader, NULL, read_terminal, &letter) == 0) {
        usleep(20000);
        printf("libctest: printed while another thread reads\n");
        fflush(stdout);
        exit(9);
    }
}

static int pipe_ends[2];

static void *read_one(void *arg)
{
    return read(pipe_ends[0], arg, 1) == 1 ? arg : NULL;
}

static void *sleep_long(void *arg)
{
    usleep(30000);
    return arg;
}

static void check_blocking(void)
{
    pthread_t reader, sleeper;
    char letter = 0;
    void *value;

    CHECK(pipe(pipe_ends) == 0);
    CHECK(pthread_create(&reader, NULL, read_one, &letter) == 0);
    CHECK(pthread_create(&sleeper, NULL, sleep_long, NULL) == 0);
    sched_yield();
    CHECK(letter == 0);
    CHECK(write(pipe_ends[1], "x", 1) == 1 && pthread_join(reader, &value) == 0 && value == &letter && letter == 'x');
    CHECK(pthread_join(sleeper, NULL) == 0 && close(pipe_ends[0]) == 0 && close(pipe_ends[1]) == 0);
}

/* ---- a thousand ---------------------------------------------------------------------------------------------------- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static int alive, is_open;

static void *pass(void *arg)
{
    pthread_mutex_lock(&gate);
    alive++;
    while (!is_open) {
        pthread_cond_wait(&opened, &gate);
    }
    pthread_mutex_unlock(&gate);
    return arg;
}

static void check_many(void)
{
    static pthread_t thread[MANY];
    int now = 0;

    for (int i = 0; i < MANY; i++) {
        CHECK(pthread_create(&thread[i], NULL, pass, &thread[i]) == 0);
    }
    while (now < MANY) {
        sched_yield();
        pthread_mutex_lock(&gate);
        now = alive;
        pthread_mutex_unlock(&gate);
    }
    pthread_mutex_lock(&gate);
    is_open = 1;
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < MANY; i++) {
        void *value = NULL;
        CHECK(pthread_join(thread[i], &value) == 0 && value == &thread[i]);
    }
}

/* ---- floating point ------------------------------------------------------------------------------------------------ */

/* Rounding and exception flags are a thread's own, whatever others do when it lets them. */
static void *round_so(void *arg)
{
    const int how = *(int *)arg;
    volatile double one = 1, three = 3, zero = 0, third, infinite;
    bool right = fegetround() == FE_TONEAREST && fetestexcept(FE_ALL_EXCEPT) == 0 && fesetround(how) == 0;

    for (int i = 0; i < 50; i++) {
        feclearexcept(FE_ALL_EXCEPT);
        third = one / three;
        if (how == FE_UPWARD) {
            infinite = one / zero;
            right &= infinite > one;
        }
        sched_yield();
        right &= fetestexcept(FE_INEXACT) && !fetestexcept(FE_DIVBYZERO) == (how != FE_UPWARD);
        right &= fegetround() == how && third == one / three;
        right &= how == FE_TONEAREST || (third * three < 1) == (how == FE_DOWNWARD || how == FE_TOWARDZERO);
    }
    return right ? arg : NULL;
}

static void check_rounding(void)
{
    static int how[] = { FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST };
    pthread_t thread[4];
    void *value;

    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&thread[i], NULL, round_so, &how[i]) == 0);
    }
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(thread[i], &value) == 0 && value == &how[i]);
    }
    CHECK(fegetround() == FE_TONEAREST);
}

/* ---- attributes, times, rounds ------------------------------------------------------------------------------------- */

static void *name_it(void *arg)
{
    char name[16];

    return pthread_setname_np(pthread_self(), "fifteen letters") == 0 && pthread_getname_np(pthread_self(), name, 16) == 0 &&
                   strcmp(name, "fifteen letters") == 0 && pthread_getname_np(pthread_self(), name, 15) == ERANGE &&
                   pthread_setname_np(pthread_self(), "sixteen letters!") == ERANGE
               ? arg : NULL;
}

static void check_attributes(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    const struct sched_param high = { .sched_priority = 40 };
    struct sched_param got;
    pthread_attr_t attr;
    pthread_t thread;
    size_t bytes = 0;
    int state = -1, policy;
    void *value = NULL;

    CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_getstacksize(&attr, &bytes) == 0 && bytes >= PTHREAD_STACK_MIN);
    CHECK(pthread_attr_setstack(&attr, stack, sizeof(stack)) == 0 && pthread_attr_getstacksize(&attr, &bytes) == 0);
    CHECK(bytes == sizeof(stack) && pthread_attr_getdetachstate(&attr, &state) == 0 && state == PTHREAD_CREATE_JOINABLE);
    CHECK(pthread_attr_setschedparam(&attr, &high) == 0 && pthread_attr_getschedparam(&attr, &got) == 0);
    CHECK(got.sched_priority == 40 && pthread_attr_setdetachstate(&attr, 7) == EINVAL);
    CHECK(pthread_create(&thread, &attr, name_it, stack) == 0 && pthread_join(thread, &value) == 0 && value == stack);
    CHECK(pthread_getschedparam(pthread_self(), &policy, &got) == 0 && policy == SCHED_RR && got.sched_priority == 32);
    CHECK(pthread_attr_destroy(&attr) == 0);
}

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static sem_t none;

static void *give_up(void *arg)
{
    struct timespec when = in_ms(5), bad = { 0, -1 };
    const bool late = pthread_mutex_timedlock(&held, &when) == ETIMEDOUT && pthread_mutex_timedlock(&held, &bad) == EINVAL;

    when = in_ms(5);
    return late && sem_timedwait(&none, &when) == -1 && errno == ETIMEDOUT ? arg : NULL;
}

static void *post_later(void *arg)
{
    usleep(5000);
    sem_post(arg);
    return NULL;
}

static void check_times(void)
{
    struct timespec when;
    pthread_t thread;
    void *value = NULL;

    CHECK(sem_init(&none, 0, 0) == 0 && pthread_mutex_lock(&held) == 0);
    CHECK(pthread_create(&thread, NULL, give_up, &held) == 0 && pthread_join(thread, &value) == 0 && value == &held);
    CHECK(pthread_mutex_unlock(&held) == 0 && pthread_mutex_trylock(&held) == 0 && pthread_mutex_unlock(&held) == 0);
    when = in_ms(10000);
    CHECK(pthread_create(&thread, NULL, post_later, &none) == 0 && sem_timedwait(&none, &when) == 0);
    CHECK(pthread_join(thread, NULL) == 0 && sem_destroy(&none) == 0 && pthread_mutex_destroy(&held) == 0);
}

#define ROUNDS  20
#define MEETING 5

static pthread_barrier_t meeting;
static int arrivals[ROUNDS], serials;
static pthread_key_t again;
static int destructions;

/* A destructor that sets the value again is called again, but not for ever. */
static void set_again(void *value)
{
    destructions++;
    pthread_setspecific(again, value);
}

static void *meet_often(void *arg)
{
    bool right = pthread_setspecific(again, arg) == 0;

    for (int i = 0; i < ROUNDS; i++) {
        __atomic_fetch_add(&arrivals[i], 1, __ATOMIC_RELAXED);
        const int result = pthread_barrier_wait(&meeting);
        right &= arrivals[i] == MEETING && (result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        if (result) {
            __atomic_fetch_add(&serials, 1, __ATOMIC_RELAXED);
        }
    }
    return right ? arg : NULL;
}

static void check_rounds(void)
{
    pthread_t thread[MEETING];
    void *value;

    CHECK(pthread_barrier_init(&meeting, NULL, 0) == EINVAL && pthread_barrier_init(&meeting, NULL, MEETING) == 0);
    CHECK(pthread_key_create(&again, set_again) == 0);
    for (int i = 0; i < MEETING; i++) {
        CHECK(pthread_create(&thread[i], NULL, meet_often, &thread[i]) == 0);
    }
    for (int i = 0; i < MEETING; i++) {
        CHECK(pthread_join(thread[i], &value) == 0 && value == &thread[i]);
    }
    CHECK(serials == ROUNDS && pthread_barrier_destroy(&meeting) == 0);
    CHECK(destructions == MEETING * PTHREAD_DESTRUCTOR_ITERATIONS && pthread_key_delete(again) == 0);
}

/* ---- what ends the process ----------------------------------------------------------------------------------------- */

static uint64_t deeper(uint64_t n)
{
    volatile uint64_t room[32];

    room[n % 32] = n;
    return room[n % 32] == n ? deeper(n + 1) + room[n % 32] : 0;
}

static void *overflow(void *arg)
{
    pthread_setname_np(pthread_self(), "deep");
    return (void *)(uintptr_t)deeper((uintptr_t)arg);
}

void overflow_in_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, overflow, NULL) == 0) {
        pthread_join(thread, NULL);
    }
}

static int status_of(const char *role)
{
    char *const argv[] = { "libctest", (char *)role, NULL };
    int status = 0;
    pid_t pid = -1;

    fflush(stdout);
    CHECK(posix_spawn(&pid, "/libctest", NULL, NULL, argv, NULL) == 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

void test_pthreads(void)
{
    check_waitpid();
    check_blocking();
    check_many();
    check_rounding();
    check_attributes();
    check_times();
    check_rounds();
    int status = status_of("=overflow");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    status = status_of("=reader");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}
