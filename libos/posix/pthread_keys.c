/** @file pthread_keys.c  Thread-specific values, clean-up handlers and once; contracts in include/pthread.h. */
#include "pthread_record.h"
#include "thread_local.h"

#include <errno.h>
#include <os/sync_more.h>

static struct {
    pthread_mutex_t lock;
    bool used[PTHREAD_KEYS_MAX];
    void (*destructor[PTHREAD_KEYS_MAX])(void *);
} keys;

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    int result = EAGAIN;

    pthread_mutex_lock(&keys.lock);
    for (unsigned k = 0; k < PTHREAD_KEYS_MAX; k++) {
        if (!keys.used[k]) {
            keys.used[k] = true;
            keys.destructor[k] = destructor;
            *key = k;
            result = 0;
            break;
        }
    }
    pthread_mutex_unlock(&keys.lock);
    return result;
}

/* Values that threads still have under it are the program's to free, and to take out, before the key is used again. */
int pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX || !keys.used[key]) {
        return EINVAL;
    }
    pthread_mutex_lock(&keys.lock);
    keys.used[key] = false;
    keys.destructor[key] = NULL;
    pthread_mutex_unlock(&keys.lock);
    return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
    return key < PTHREAD_KEYS_MAX ? (void *)(uintptr_t)pthread_self()->value[key] : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= PTHREAD_KEYS_MAX || !keys.used[key]) {
        return EINVAL;
    }
    pthread_self()->value[key] = value;
    return 0;
}

/* @return was there a value with a destructor? */
static bool destroy_values(struct pthread_record *self)
{
    bool any = false;

    for (unsigned k = 0; k < PTHREAD_KEYS_MAX; k++) {
        const void *const value = self->value[k];
        self->value[k] = NULL;
        if (value && keys.destructor[k]) {
            keys.destructor[k]((void *)(uintptr_t)value);
            any = true;
        }
    }
    return any;
}

void pthread_run_destructors(struct pthread_record *self)
{
    for (unsigned i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS && destroy_values(self); i++) {
    }
}

void __pthread_cleanup_enter(struct __pthread_cleanup *frame)
{
    struct pthread_record *const self = pthread_self();

    frame->below = self->cleanup;
    self->cleanup = frame;
}

void __pthread_cleanup_leave(struct __pthread_cleanup *frame, int execute)
{
    pthread_self()->cleanup = frame->below;
    if (execute) {
        frame->fn(frame->arg);
    }
}

_Static_assert(sizeof(pthread_once_t) == sizeof(struct once), "");

int pthread_once(pthread_once_t *once, void (*fn)(void))
{
    once_run((struct once *)once, fn);
    return 0;
}
