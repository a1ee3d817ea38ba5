/** @file features.h  picolibc's, and which parts of POSIX this system has beyond what picolibc knows of it. */
#ifndef SHOAL_SYS_FEATURES_H
#define SHOAL_SYS_FEATURES_H

#include_next <sys/features.h>

#define _POSIX_TIMERS            200809L
#define _POSIX_MONOTONIC_CLOCK   200809L
#define _POSIX_CPUTIME           200809L
#define _POSIX_THREAD_CPUTIME    200809L
#define _POSIX_CLOCK_SELECTION   200809L
#define _POSIX_THREADS           200809L
#define _POSIX_TIMEOUTS          200809L
#define _POSIX_SEMAPHORES        200809L
#define _POSIX_READER_WRITER_LOCKS 200809L
#define _POSIX_SPAWN             200809L

#endif
