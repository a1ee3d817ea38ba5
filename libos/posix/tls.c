/** @file tls.c  Contracts in tls.h. */
#include "tls.h"

#include <stdint.h>
#include <string.h>

/* of libos/program.ld; the last three are numbers */
extern const char __tls_start[], __tls_data_bytes[], __tls_bytes[], __tls_align[];

static size_t offset(void)
{
    const size_t align = (uintptr_t)__tls_align;

    return align > sizeof(struct tls_head) ? align : sizeof(struct tls_head);
}

size_t tls_bytes(void)
{
    return offset() + (uintptr_t)__tls_bytes;
}

void os_tls_init(void *block, struct pthread_record *self)
{
    const size_t data = (uintptr_t)__tls_data_bytes;
    char *const variables = (char *)block + offset();

    memset(block, 0, offset());
    ((struct tls_head *)block)->self = self;
    memcpy(variables, __tls_start, data);
    memset(variables + data, 0, (uintptr_t)__tls_bytes - data);
}
