/** @file semaphore.h  Semaphores of the threads of one process; no named ones. */
#ifndef SHOAL_SEMAPHORE_H
#define SHOAL_SEMAPHORE_H

#include <pthread.h>

#define SEM_VALUE_MAX 0x7fffffff

typedef struct {
    unsigned long __semaphore[6];   /* struct semaphore of os/sync_more.h */
} sem_t;

#ifdef __cplusplus
extern "C" {
#endif

/** -1 and errno, as all of these; ENOTSUP for one that processes share. */
int sem_init(sem_t *sem, int shared, unsigned value);
int sem_destroy(sem_t *sem);
int sem_wait(sem_t *sem);
int sem_trywait(sem_t *sem);
int sem_timedwait(sem_t *__restrict sem, const struct timespec *__restrict when);
int sem_post(sem_t *sem);
int sem_getvalue(sem_t *__restrict sem, int *__restrict value);

#ifdef __cplusplus
}
#endif
#endif
