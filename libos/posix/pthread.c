/**
 * @file pthread.c  Beginning and end of POSIX threads; contract in include/pthread.h.
 *
 * A record and the thread's TLS block are one piece of the heap.  It is freed by whoever joins, or, when nobody will, by
 * the next creation: the thread itself cannot.  After finish() has let go of the record the thread runs libos code only, which
 * uses neither errno nor the rest of the block, so it may be freed before the thread has quite ended.
 */
#include "lock.h"
#include "pthread_record.h"
#include "thread_local.h"
#include "file.h"

#include <errno.h>
#include <os/rpc_lmp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(PTHREAD_STACK_MIN == THREAD_STACK_MIN, "");

/* Lazy, so this is addresses; programs that never heard of Shoal need more than THREAD_STACK_BYTES. */
#define STACK_BYTES (256u * 1024)

static struct pthread_record main_record;       /* of main(), which exists before the heap */
static struct mutex records_lock;
static struct pthread_record *dead;             /* ended, detached, to be freed */
static unsigned others;                         /* living threads that are the program's, main() not counted */
static bool main_ended;

pthread_t pthread_self(void)
{
    struct pthread_record *const self = tls_head()->self;

    if (self) {
        return self;
    }
    main_record.thread = thread_self();
    return &main_record;
}

int pthread_equal(pthread_t a, pthread_t b)
{
    return a == b;
}

static void free_dead(void)
{
    mutex_lock(&records_lock);
    struct pthread_record *r = dead;
    dead = NULL;
    mutex_unlock(&records_lock);
    while (r) {
        struct pthread_record *const next = r->next;
        free(r);
        r = next;
    }
}

/* Nothing of the record is touched behind the lock, unless somebody will join. */
static _Noreturn void finish(struct pthread_record *self)
{
    mutex_lock(&records_lock);
    if (self == &main_record) {
        main_ended = true;
    } else if (self->counts) {
        others--;
    }
    const bool last = main_ended && others == 0;
    self->ended = true;
    if (self->detached && self != &main_record && !last) {
        self->next = dead;
        dead = self;
    }
    mutex_unlock(&records_lock);
    if (last) {
        exit(0);                        /* of the process, with all that belongs to it */
    }
    thread_exit(0);
}

void pthread_exit(void *value)
{
    struct pthread_record *const self = pthread_self();

    while (self->cleanup) {
        __pthread_cleanup_leave(self->cleanup, 1);
    }
    pthread_run_destructors(self);
    self->result = value;
    finish(self);
}

static uint64_t begin(void *arg)
{
    struct pthread_record *const self = arg;

    self->thread = thread_self();       /* it may run before its creator knows it */
    pthread_exit(self->fn(self->arg));
}

static size_t round_up(size_t n)
{
    return (n + TLS_ALIGN - 1) & ~(size_t)(TLS_ALIGN - 1);
}

static err_t start(struct pthread_record *r, const pthread_attr_t *attr)
{
    const struct thread_options options = {
        .priority = (unsigned)attr->__priority, .flags = attr->__detached ? THREAD_DETACHED : 0,
        .stack_bytes = attr->__stack_bytes ? attr->__stack_bytes : STACK_BYTES, .stack = attr->__stack, .tls = (uint64_t)r + round_up(sizeof(*r)),
    };

    TRY(threads_need());
    lock_libc();                        /* a stack takes RAM */
    const err_t err = thread_create(&r->thread, begin, r, &options);
    unlock_libc();
    return err;
}

int pthread_make(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *arg, bool counts)
{
    static const pthread_attr_t defaults;
    struct pthread_record *const r = aligned_alloc(TLS_ALIGN, round_up(sizeof(*r)) + round_up(tls_bytes()));

    free_dead();
    if (!r) {
        return EAGAIN;
    }
    attr = attr ? attr : &defaults;
    *r = (struct pthread_record){ .fn = fn, .arg = arg, .detached = attr->__detached != 0, .counts = counts };
    os_tls_init((char *)r + round_up(sizeof(*r)), r);
    mutex_lock(&records_lock);
    others += counts;
    mutex_unlock(&records_lock);
    if (thread) {
        *thread = r;                    /* it may look there itself, and may be gone when start() returns */
    }
    const err_t err = start(r, attr);
    if (!err_ok(err)) {
        mutex_lock(&records_lock);
        others -= counts;
        mutex_unlock(&records_lock);
        free(r);
        return errno_of(err_root(err)) == ENOMEM ? EAGAIN : errno_of(err_root(err));
    }
    return 0;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*fn)(void *), void *restrict arg)
{
    return pthread_make(thread, attr, fn, arg, true);
}

int pthread_join(pthread_t r, void **value)
{
    if (r == pthread_self()) {
        return EDEADLK;
    }
    const err_t err = thread_join(r->thread, NULL);
    if (!err_ok(err)) {
        return EINVAL;
    }
    if (value) {
        *value = r->result;
    }
    if (r != &main_record) {
        free(r);
    }
    return 0;
}

int pthread_detach(pthread_t r)
{
    mutex_lock(&records_lock);
    const bool before = r->detached, ended = r->ended;
    r->detached = true;
    mutex_unlock(&records_lock);
    if (before || !err_ok(thread_detach(r->thread))) {
        return EINVAL;
    }
    if (ended && r != &main_record) {
        free(r);
    }
    return 0;
}

int pthread_setname_np(pthread_t r, const char *name)
{
    if (strlen(name) >= THREAD_NAME_BYTES) {
        return ERANGE;
    }
    thread_set_name(r->thread, name);
    return 0;
}

int pthread_getname_np(pthread_t r, char *name, size_t bytes)
{
    if (bytes <= strlen(thread_name(r->thread))) {
        return ERANGE;
    }
    strcpy(name, thread_name(r->thread));
    return 0;
}

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

int pthread_attr_init(pthread_attr_t *attr)
{
    *attr = (pthread_attr_t){ .__stack_bytes = 0 };
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
    if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED) {
        return EINVAL;
    }
    attr->__detached = state;
    return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
    *state = attr->__detached;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t bytes)
{
    if (bytes < PTHREAD_STACK_MIN || bytes > THREAD_STACK_MAX) {
        return EINVAL;
    }
    attr->__stack_bytes = bytes;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *restrict attr, size_t *restrict bytes)
{
    *bytes = attr->__stack_bytes ? attr->__stack_bytes : STACK_BYTES;
    return 0;
}

int pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t bytes)
{
    if (((uintptr_t)stack | bytes) % 16) {
        return EINVAL;
    }
    attr->__stack = stack;
    return pthread_attr_setstacksize(attr, bytes);
}

/* The numbers are those of os/thread.h; 0: the ordinary one. */
int pthread_attr_setschedparam(pthread_attr_t *restrict attr, const struct sched_param *restrict param)
{
    if (param->sched_priority < 0 || param->sched_priority >= (int)THREAD_PRIORITIES) {
        return EINVAL;
    }
    attr->__priority = param->sched_priority;
    return 0;
}

int pthread_attr_getschedparam(const pthread_attr_t *restrict attr, struct sched_param *restrict param)
{
    param->sched_priority = attr->__priority;
    return 0;
}

int pthread_setschedparam(pthread_t r, int policy, const struct sched_param *param)
{
    if (policy != SCHED_RR || param->sched_priority <= 0 || param->sched_priority >= (int)THREAD_PRIORITIES) {
        return EINVAL;
    }
    if (!err_ok(threads_need())) {
        return EAGAIN;
    }
    thread_set_priority(r->thread, (unsigned)param->sched_priority);
    return 0;
}

int pthread_getschedparam(pthread_t r, int *restrict policy, struct sched_param *restrict param)
{
    *policy = SCHED_RR;
    param->sched_priority = (int)thread_priority(r->thread);
    return 0;
}

int sched_yield(void)
{
    if (os_rpc_threads_started) {
        thread_yield();
    }
    return 0;
}
