/** @file lock.c  Contracts in lock.h, and the functions that picolibc's sys/lock.h wants. */
#include "lock.h"

#include <stdlib.h>
#include <sys/lock.h>

struct __lock __lock___libc_recursive_mutex;

void lock_take(struct __lock *lock)
{
    struct thread *const self = thread_self();

    if (lock->owner != self) {          /* nobody else writes our address there */
        mutex_lock(&lock->mutex);
        lock->owner = self;
    }
    lock->depth++;
}

bool lock_try(struct __lock *lock)
{
    struct thread *const self = thread_self();

    if (lock->owner != self) {
        if (!mutex_try_lock(&lock->mutex)) {
            return false;
        }
        lock->owner = self;
    }
    lock->depth++;
    return true;
}

void lock_release(struct __lock *lock)
{
    if (--lock->depth == 0) {
        lock->owner = NULL;
        mutex_unlock(&lock->mutex);
    }
}

void lock_libc(void)
{
    lock_take(&__lock___libc_recursive_mutex);
}

void unlock_libc(void)
{
    lock_release(&__lock___libc_recursive_mutex);
}

/* stdio asks for a lock per file and goes on without one if there is none: NULL is a lock that is always open. */
void __retarget_lock_init(_LOCK_T *lock)
{
    *lock = calloc(1, sizeof(struct __lock));
}

void __retarget_lock_close(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
    if (lock) {
        lock_take(lock);
    }
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
    return !lock || lock_try(lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
    if (lock) {
        lock_release(lock);
    }
}

/* All of ours are recursive. */
void __retarget_lock_init_recursive(_LOCK_T *lock)
{
    __retarget_lock_init(lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
    __retarget_lock_close(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    __retarget_lock_acquire(lock);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    return __retarget_lock_try_acquire(lock);
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    __retarget_lock_release(lock);
}
