/** @file large.c  Blocks that have a region each.  Contracts in internal.h. */
#include "internal.h"

#include <os/bug.h>

#define MAGIC    0x6b636f6c62656772ull
#define BLOCK_2M 0x200000ull
#define BLOCKS   (2 * BLOCK_2M)         /* from this size on memory comes by 2 MiB */

/* Just before the block. */
struct header {
    uint64_t magic, base, bytes;        /* of the region */
    uint64_t committed;
    uint64_t reserved_[4];
};
_Static_assert(sizeof(struct header) == 64, "keeps blocks aligned to lines of the cache");

static struct header *header_of(const void *block)
{
    struct header *const h = (struct header *)((uintptr_t)block - sizeof(struct header));

    if ((uintptr_t)block % 16 != 0 || h->magic != (MAGIC ^ (uintptr_t)block)) {
        os_bug(__FILE__, __LINE__, "free() of what is no block");
    }
    return h;
}

void *large_alloc(size_t bytes, size_t align)
{
    if (bytes > ARENA_BYTES || align > ARENA_BYTES) {
        return NULL;
    }
    const uint64_t region = (align + bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    const bool blocks = bytes >= BLOCKS;
    const uint64_t least = blocks ? BLOCK_2M : SLICE;
    /* Up to the header nothing before the block is touched, so it costs no memory. */
    const uint64_t committed = region - ((align - sizeof(struct header)) & ~(uint64_t)(PAGE - 1));

    if (!heap_pages_commit(committed)) {
        return NULL;
    }
    const uint64_t base = heap_pages_reserve(region, align > least ? align : least, blocks);
    if (!base) {
        heap_pages_uncommit(committed);
        return NULL;
    }
    struct header *const h = (struct header *)(base + align - sizeof(*h));
    *h = (struct header){ MAGIC ^ (base + align), base, region, committed, { 0 } };
    return h + 1;
}

void large_free(void *block)
{
    struct header *const h = header_of(block);
    const uint64_t base = h->base, bytes = h->bytes, committed = h->committed;

    h->magic = 0;
    heap_pages_unreserve(base, bytes);
    heap_pages_uncommit(committed);
}

size_t large_size(const void *block)
{
    const struct header *const h = header_of(block);

    return h->base + h->bytes - (uintptr_t)block;
}
