/**
 * @file pthread.h  POSIX threads on the user-level threads of libos (docs/threads.md); picolibc has none.
 *
 * Left out: cancellation, robust and process-shared mutexes, priority protocols, pthread_kill(), pthread_atfork().  Mutexes
 * and conditions hand over in the order of arrival.  Memory that is all zero is an open mutex, a condition, an open
 * read-write lock; destroying one frees nothing.
 */
#ifndef SHOAL_PTHREAD_H
#define SHOAL_PTHREAD_H

#include <sched.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#define PTHREAD_KEYS_MAX              64
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define PTHREAD_STACK_MIN             4096

typedef struct pthread_record *pthread_t;
typedef unsigned pthread_key_t;

typedef struct {
    size_t __stack_bytes;
    void *__stack;
    int __detached, __priority;
} pthread_attr_t;

typedef struct {
    unsigned long __mutex[3];       /* struct mutex of os/sync.h */
    int __type;
    unsigned __depth;
} pthread_mutex_t;

typedef struct {
    int __type;
} pthread_mutexattr_t;

typedef struct {
    unsigned long __condition[2];   /* struct condition of os/sync.h */
    int __monotonic;                /* deadlines are of that clock, not of CLOCK_REALTIME */
} pthread_cond_t;

typedef struct {
    clockid_t __clock;
} pthread_condattr_t;

typedef struct {
    int __state;                    /* struct once of os/sync_more.h */
} pthread_once_t;

typedef struct {
    unsigned long __lock[9];        /* struct rw_lock of os/sync_more.h */
} pthread_rwlock_t;

typedef struct {
    int __none;
} pthread_rwlockattr_t, pthread_barrierattr_t;

typedef struct {
    pthread_mutex_t __mutex;
    pthread_cond_t __all;
    unsigned __wanted, __here, __round;
} pthread_barrier_t;

enum { PTHREAD_CREATE_JOINABLE = 0, PTHREAD_CREATE_DETACHED = 1 };
enum { PTHREAD_MUTEX_NORMAL = 0, PTHREAD_MUTEX_RECURSIVE = 1, PTHREAD_MUTEX_ERRORCHECK = 2, PTHREAD_MUTEX_DEFAULT = 0 };
enum { PTHREAD_PROCESS_PRIVATE = 0, PTHREAD_PROCESS_SHARED = 1 };
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)

#define PTHREAD_MUTEX_INITIALIZER                  { { 0 }, PTHREAD_MUTEX_NORMAL, 0 }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP     { { 0 }, PTHREAD_MUTEX_RECURSIVE, 0 }
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP    { { 0 }, PTHREAD_MUTEX_ERRORCHECK, 0 }
#define PTHREAD_COND_INITIALIZER                   { { 0 }, 0 }
#define PTHREAD_ONCE_INIT                          { 0 }
#define PTHREAD_RWLOCK_INITIALIZER                 { { 0 } }

#ifdef __cplusplus
extern "C" {
#endif

int pthread_create(pthread_t *__restrict thread, const pthread_attr_t *__restrict attr, void *(*fn)(void *),
                   void *__restrict arg);
int pthread_join(pthread_t thread, void **value);
int pthread_detach(pthread_t thread);
void pthread_exit(void *value) __attribute__((__noreturn__));
pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);

/* At most 15 characters (ERANGE); reports say it. */
int pthread_setname_np(pthread_t thread, const char *name);
int pthread_getname_np(pthread_t thread, char *name, size_t bytes);

int pthread_attr_init(pthread_attr_t *attr);
int pthread_attr_destroy(pthread_attr_t *attr);
int pthread_attr_setdetachstate(pthread_attr_t *attr, int state);
int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state);
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t bytes);
int pthread_attr_getstacksize(const pthread_attr_t *__restrict attr, size_t *__restrict bytes);
int pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t bytes);
int pthread_attr_setschedparam(pthread_attr_t *__restrict attr, const struct sched_param *__restrict param);
int pthread_attr_getschedparam(const pthread_attr_t *__restrict attr, struct sched_param *__restrict param);

int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param);
int pthread_getschedparam(pthread_t thread, int *__restrict policy, struct sched_param *__restrict param);

int pthread_mutex_init(pthread_mutex_t *__restrict m, const pthread_mutexattr_t *__restrict attr);
int pthread_mutex_destroy(pthread_mutex_t *m);
int pthread_mutex_lock(pthread_mutex_t *m);
int pthread_mutex_trylock(pthread_mutex_t *m);
int pthread_mutex_timedlock(pthread_mutex_t *__restrict m, const struct timespec *__restrict when);
int pthread_mutex_unlock(pthread_mutex_t *m);
int pthread_mutexattr_init(pthread_mutexattr_t *attr);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attr);
int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *__restrict attr, int *__restrict type);

int pthread_cond_init(pthread_cond_t *__restrict c, const pthread_condattr_t *__restrict attr);
int pthread_cond_destroy(pthread_cond_t *c);
int pthread_cond_wait(pthread_cond_t *__restrict c, pthread_mutex_t *__restrict m);
int pthread_cond_timedwait(pthread_cond_t *__restrict c, pthread_mutex_t *__restrict m,
                           const struct timespec *__restrict when);
int pthread_cond_signal(pthread_cond_t *c);
int pthread_cond_broadcast(pthread_cond_t *c);
int pthread_condattr_init(pthread_condattr_t *attr);
int pthread_condattr_destroy(pthread_condattr_t *attr);
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock);

int pthread_once(pthread_once_t *once, void (*fn)(void));

int pthread_rwlock_init(pthread_rwlock_t *__restrict rw, const pthread_rwlockattr_t *__restrict attr);
int pthread_rwlock_destroy(pthread_rwlock_t *rw);
int pthread_rwlock_rdlock(pthread_rwlock_t *rw);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *rw);
int pthread_rwlock_wrlock(pthread_rwlock_t *rw);
int pthread_rwlock_trywrlock(pthread_rwlock_t *rw);
int pthread_rwlock_unlock(pthread_rwlock_t *rw);

int pthread_barrier_init(pthread_barrier_t *__restrict b, const pthread_barrierattr_t *__restrict attr, unsigned count);
int pthread_barrier_destroy(pthread_barrier_t *b);
int pthread_barrier_wait(pthread_barrier_t *b);

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);
void *pthread_getspecific(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);

/* A frame of the thread's stack that pthread_cleanup_push() links in. */
struct __pthread_cleanup {
    void (*fn)(void *);
    void *arg;
    struct __pthread_cleanup *below;
};
void __pthread_cleanup_enter(struct __pthread_cleanup *frame);
void __pthread_cleanup_leave(struct __pthread_cleanup *frame, int execute);
#define pthread_cleanup_push(fn_, arg_)                                                                                \
    do {                                                                                                               \
        struct __pthread_cleanup __frame = { (fn_), (arg_), 0 };                                                       \
        __pthread_cleanup_enter(&__frame)
#define pthread_cleanup_pop(execute_)                                                                                  \
        __pthread_cleanup_leave(&__frame, (execute_));                                                                 \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
