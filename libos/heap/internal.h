/**
 * @file internal.h  Between the parts of libos/heap.
 *
 * Addresses of small blocks are one lazy region, the *arena*, cut into slices of 64 KiB.  A *span* is one to eight slices
 * that hold blocks of one size; the table has a record per slice, and that of a span's first slice is the span's.
 * H1  A span with a block to give (free, or fresh) is in the list of its class, no other is.
 * H2  Blocks in [span.start, span.fresh) are in use or in span.free; what is behind was never touched.
 * H3  Pages of a span below span.committed are committed, and no others.
 */
#ifndef HEAP_INTERNAL_H
#define HEAP_INTERNAL_H

#include <os/heap.h>
#include <os/sync.h>
#include <stdbool.h>
#include <stdint.h>

#define SLICE       0x10000ull
#define ARENA_BYTES (64ull << 30)
#define SLICES      (ARENA_BYTES / SLICE)
#define SPAN_MOST   8u                          /* slices                                                             */
#define HOME        ~0u
#define PAGE        4096u

struct span {
    void *free;                                 /**< blocks that were in use, each with the address of the next       */
    uint32_t used, size;                        /**< blocks in use; bytes of each                                     */
    struct span *next, **link;                  /**< list of its class, or of spare ones; link NULL: in none          */
    uint64_t fresh;                             /**< address of the first block never given out                       */
    uint64_t committed;                         /**< address                                                          */
    uint32_t home;                              /**< blocks in use at which it may go: 0, or HOME: never           */
    uint16_t back;                              /**< slices before this one in its span                               */
    uint8_t slices, class;
    bool idle;                                  /**< kept without a block in use, and counted as that                 */
};
_Static_assert(sizeof(struct span) == 64, "a table of 64 MiB, lazy");

#define CLASSES    47u
#define SMALL_MOST 114688u                      /* bytes of the largest class                                         */

/** Eight classes in steps of 16 bytes, then four for each doubling: at most a fifth of a block is lost. */
static inline unsigned class_of(size_t bytes)
{
    if (bytes <= 128) {
        return bytes ? (unsigned)(bytes - 1) / 16 : 0;
    }
    const unsigned log2 = 63 - (unsigned)__builtin_clzll(bytes - 1);
    return 8 + (log2 - 7) * 4 + ((unsigned)((bytes - 1) >> (log2 - 2)) & 3);
}

static inline uint32_t class_bytes(unsigned class)
{
    if (class < 8) {
        return (class + 1) * 16;
    }
    const unsigned log2 = 7 + (class - 8) / 4;
    return (1u << log2) + ((class - 8) % 4 + 1) * (1u << (log2 - 2));
}

/* --- pages.c: where addresses and promises come from; the tests have their own --- */

/** Ready for the others: paging is started. */
bool heap_pages_start(void);

/** Lazy addresses at a multiple of @p align (0: of 64 KiB), not committed.  @return 0: none */
uint64_t heap_pages_reserve(uint64_t bytes, uint64_t align, bool blocks);
void heap_pages_unreserve(uint64_t at, uint64_t bytes);

/** Take the memory away; the addresses stay. */
void heap_pages_drop(uint64_t at, uint64_t bytes);

bool heap_pages_commit(uint64_t bytes);
void heap_pages_uncommit(uint64_t bytes);

/* --- large.c --- */

/** A block with a region of its own.  @p align: a power of two, 64 at least. */
void *large_alloc(size_t bytes, size_t align);
void large_free(void *block);
size_t large_size(const void *block);

/** mutex_lock() and mutex_unlock(), in line where nobody else is concerned; debug builds want to see each. */
#ifdef SHOAL_DEBUG
#define mutex_lock_inline   mutex_lock
#define mutex_unlock_inline mutex_unlock
#else
static inline void mutex_lock_inline(struct mutex *m)
{
    if (__builtin_expect(!mutex_take_open(m), 0)) {
        mutex_lock(m);
    }
}

static inline void mutex_unlock_inline(struct mutex *m)
{
    if (__builtin_expect(!mutex_release_unwaited(m), 0)) {
        mutex_unlock(m);
    }
}
#endif

#endif
