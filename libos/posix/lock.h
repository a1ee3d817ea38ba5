/**
 * @file lock.h  The C library's locks; private to libos/posix.
 *
 * lock_libc() is that of picolibc itself (atexit, environment).  We take it, too, around what is set up when it is first
 * used, and around spawn and the creation of threads, which begin and end what is shared.
 */
#ifndef POSIX_LOCK_H
#define POSIX_LOCK_H

#include <os/sync.h>

/** Of sys/lock.h, where it is opaque.  Recursive.  All zero: open. */
struct __lock {
    struct mutex mutex;
    struct thread *owner;
    unsigned depth;
};

void lock_take(struct __lock *lock);
bool lock_try(struct __lock *lock);
void lock_release(struct __lock *lock);

void lock_libc(void);
void unlock_libc(void);

#endif
