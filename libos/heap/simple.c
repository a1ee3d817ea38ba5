/**
 * @file simple.c  A heap of blocks of powers of two; contracts in os/heap.h.
 *
 * Blocks up to half a chunk are cut from chunks of CHUNK bytes and go to the list of their size when they are freed; a
 * larger one is a mapping of its own, which is kept for the next of that size.  Memory does not go back to the memory
 * server before the process ends.
 */
#include <os/bug.h>
#include <os/err.h>
#include <os/heap.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/sync.h>
#include <os/vspace.h>

#define CHUNK     (128u * 1024)
#define LOG2_MIN  5u
#define LOG2_MOST 26u
#define IN_USE    0x6b636f6c62ull           /* header.mark of a block that was given out, mixed with its address */

struct header {
    uint64_t log2;
    uint64_t mark;
};

struct free_block {
    struct header header;
    struct free_block *next;
};

static struct {
    struct mutex lock;
    struct free_block *list[LOG2_MOST + 1];
    uint64_t chunk, left;                   /* what was not cut off yet */
} heap;

/* From the stock, which the pager alone fills in a program that has one. */
static err_t map_memory(uint64_t bytes, uint64_t *address)
{
    struct vspace *const vs = os_vspace();
    uint64_t at;

    bytes = (bytes + SHOAL_PAGE_SIZE - 1) & ~(uint64_t)(SHOAL_PAGE_SIZE - 1);
    TRY(vspace_reserve(vs, bytes, 0, &at));
    const err_t err = vspace_back_all(vs, at, bytes, MAP_READ | MAP_WRITE);
    if (!err_ok(err)) {
        err_ignore(vspace_unreserve(vs, at, bytes));    /* refused, the addresses stay in use, and no more */
        return err;
    }
    *address = at;
    return OK;
}

/* With the lock held. */
static struct header *cut(unsigned log2)
{
    const uint64_t bytes = 1ull << log2;
    uint64_t address;

    if (bytes > CHUNK / 2) {
        return err_ok(map_memory(bytes, &address)) ? (struct header *)address : NULL;
    }
    if (heap.left < bytes) {                /* the rest of the last chunk is lost: less than the block that did not fit */
        if (!err_ok(map_memory(CHUNK, &heap.chunk))) {
            return NULL;
        }
        heap.left = CHUNK;
    }
    heap.left -= bytes;
    heap.chunk += bytes;
    return (struct header *)(heap.chunk - bytes);
}

static struct header *take(unsigned log2)
{
    struct free_block *const b = heap.list[log2];

    if (!b) {
        return cut(log2);
    }
    heap.list[log2] = b->next;
    return &b->header;
}

void *heap_take(size_t bytes)
{
    if (bytes == 0 || bytes > (1ull << LOG2_MOST) - sizeof(struct header)) {
        return NULL;
    }
    unsigned log2 = 64 - (unsigned)__builtin_clzll(bytes + sizeof(struct header) - 1);
    log2 = log2 < LOG2_MIN ? LOG2_MIN : log2;
    mutex_lock(&heap.lock);
    struct header *const h = take(log2);
    mutex_unlock(&heap.lock);
    if (!h) {
        return NULL;
    }
    *h = (struct header){ log2, IN_USE ^ (uintptr_t)h };
    return h + 1;
}

void *heap_alloc(size_t bytes)
{
    void *const block = heap_take(bytes);

    return block ? memset(block, 0, bytes) : NULL;
}

void heap_free(void *block)
{
    if (!block) {
        return;
    }
    struct free_block *const b = (struct free_block *)((struct header *)block - 1);
    OS_ASSERT(b->header.mark == (IN_USE ^ (uintptr_t)b));
    b->header.mark = 0;
    mutex_lock(&heap.lock);
    b->next = heap.list[b->header.log2];
    heap.list[b->header.log2] = b;
    mutex_unlock(&heap.lock);
}
