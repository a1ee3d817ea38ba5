/** @file malloc.c  malloc and its family on the heap of libos (os/heap.h), in the place of picolibc's. */
#include <errno.h>
#include <malloc.h>
#include <os/heap.h>
#include <shoal/cap.h>
#include <stdlib.h>

static void *given(void *block)
{
    if (!block) {
        errno = ENOMEM;
    }
    return block;
}

void *malloc(size_t bytes)
{
    return given(os_malloc(bytes));
}

void free(void *block)
{
    os_free(block);
}

/* Large ones are lazy, and so zero without being touched. */
void *calloc(size_t count, size_t bytes)
{
    size_t all;

    return given(__builtin_mul_overflow(count, bytes, &all) ? NULL : os_zalloc(all));
}

void *realloc(void *block, size_t bytes)
{
    return given(os_realloc(block, bytes));
}

void *memalign(size_t align, size_t bytes)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return given(os_aligned_alloc(align, bytes));
}

void *aligned_alloc(size_t align, size_t bytes)
{
    return memalign(align, bytes);
}

void *valloc(size_t bytes)
{
    return memalign(SHOAL_PAGE_SIZE, bytes);
}

void *pvalloc(size_t bytes)
{
    return memalign(SHOAL_PAGE_SIZE, (bytes + SHOAL_PAGE_SIZE - 1) & ~(size_t)(SHOAL_PAGE_SIZE - 1));
}

int posix_memalign(void **block, size_t align, size_t bytes)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    void *const got = os_aligned_alloc(align, bytes);
    if (!got) {
        return ENOMEM;
    }
    *block = got;
    return 0;
}

size_t malloc_usable_size(void *block)
{
    return block ? os_usable_size(block) : 0;
}

struct mallinfo mallinfo(void)
{
    const struct heap_status now = os_heap_status();

    return (struct mallinfo){ .arena = now.committed, .uordblks = now.used, .fordblks = now.committed - now.used };
}
