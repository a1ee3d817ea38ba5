/**
 * @file lock.h  The C library's locks; private to libos/posix.
 *
 * lock_libc() is that of picolibc itself (malloc, atexit, environment).  We take it, too, around every call that may take in
 * a capability, because bindings to monitor, memory server and process server share a receive slot (docs/threads.md): so
 * what malloc needs never meets what a spawn or an open needs.
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
