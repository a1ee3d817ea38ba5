/**
 * @file tls.h  Thread-local storage of programs with a C library; private to libos/posix.
 *
 * Variant 1 of the AArch64 ABI (ELF for the Arm 64-bit Architecture, "Thread Local Storage"): TPIDR_EL0 points to two
 * words of the runtime's own, and the thread's copy of .tdata and .tbss follows, 16 bytes on or at the next multiple of its
 * alignment.  libos/program.ld says where the initial content lies.  The first of the two words is ours:
 */
#ifndef POSIX_TLS_H
#define POSIX_TLS_H

#include <stddef.h>

struct pthread_record;

struct tls_head {
    struct pthread_record *self;        /* NULL: main(), and threads that pthread_create() did not make */
    void *reserved_;
};

#define TLS_ALIGN 64u

/** Bytes of a block, which begins at a multiple of TLS_ALIGN. */
size_t tls_bytes(void);

/** Fill in a block.  @p block is then a value for TPIDR_EL0. */
void os_tls_init(void *block, struct pthread_record *self);

static inline struct tls_head *tls_head(void)
{
    struct tls_head *head;
    __asm__("mrs %0, tpidr_el0" : "=r"(head));
    return head;
}

#endif
