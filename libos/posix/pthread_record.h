/** @file pthread_record.h  What belongs to one POSIX thread; private to libos/posix. */
#ifndef POSIX_PTHREAD_RECORD_H
#define POSIX_PTHREAD_RECORD_H

#include "tls.h"

#include <os/thread.h>
#include <pthread.h>

struct pthread_record {
    struct thread *thread;
    void *(*fn)(void *);
    void *arg, *result;
    bool detached, ended;               /* under records_lock of pthread.c */
    bool counts;                        /* the process lives on for it */
    struct __pthread_cleanup *cleanup;
    struct pthread_record *next;        /* of those to be freed */
    const void *value[PTHREAD_KEYS_MAX];
};

/** pthread_create(); @p counts: false for a thread of ours, which keeps no process alive. */
int pthread_make(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *arg, bool counts);

/** Call the destructors of the calling thread's values. */
void pthread_run_destructors(struct pthread_record *self);

#endif
