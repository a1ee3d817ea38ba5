/** @file heap.c  Small blocks, and the choice between small and large.  Contracts in os/heap.h and internal.h. */
#include "internal.h"

#include <os/bug.h>
#include <os/string.h>
#include <os/sync.h>

#define KEEP   (1024u * 1024)           /* bytes of spans without a block in use that are kept, at most */
#define FREED  0xf4ee000000000000ull    /* the second word of a free block, mixed with its address */
#define ALIGN  16u

static struct {
    struct mutex lock;
    bool ready;
    uint64_t arena;
    struct span *table;                 /* a record per slice */
    uint64_t next;                      /* first slice that was never in use */
    struct span *class[CLASSES];        /* spans with a block to give */
    struct span *spare[SPAN_MOST + 1];  /* without memory, by their number of slices */
    uint64_t idle;                      /* bytes of spans that are kept without a block in use */
    uint64_t used, committed;
} heap = { .arena = 1ull << 63 };       /* until there is one, no block lies in it */

/* A free block. */
struct block {
    struct block *next;
    uint64_t mark;
};

#define BUG(text) os_bug(__FILE__, __LINE__, (text))

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static void link_span(struct span **list, struct span *s)
{
    s->next = *list;
    s->link = list;
    if (s->next) {
        s->next->link = &s->next;
    }
    *list = s;
}

static void unlink_span(struct span *s)
{
    *s->link = s->next;
    if (s->next) {
        s->next->link = s->link;
    }
    s->link = NULL;
}

/* ---- spans --------------------------------------------------------------------------------------------------------- */

static uint64_t start_of(const struct span *s)
{
    return heap.arena + (uint64_t)(s - heap.table) * SLICE;
}

static uint64_t end_of(const struct span *s)
{
    const uint64_t bytes = s->slices * SLICE;

    return start_of(s) + bytes - bytes % s->size;
}

static bool commit(uint64_t bytes)
{
    if (!heap_pages_commit(bytes)) {
        return false;
    }
    heap.committed += bytes;
    return true;
}

static void uncommit(uint64_t bytes)
{
    heap.committed -= bytes;
    heap_pages_uncommit(bytes);
}

/* Four blocks at least, so that the end which holds none is no great part. */
static unsigned slices_for(uint32_t size)
{
    return size <= SLICE / 4 ? 1 : (unsigned)((4ull * size + SLICE - 1) / SLICE);
}

/* Slices that were never in use.  Their records take committed memory, too. */
static struct span *new_span(unsigned slices)
{
    const uint64_t records = PAGE / sizeof(struct span), first = heap.next;
    const uint64_t pages = (first + slices + records - 1) / records - (first + records - 1) / records;

    if (slices > SLICES - first || (pages && !commit(pages * PAGE))) {
        return NULL;
    }
    heap.next += slices;
    for (unsigned i = 0; i < slices; i++) {
        heap.table[first + i].back = (uint16_t)i;
    }
    heap.table[first].slices = (uint8_t)slices;
    return &heap.table[first];
}

static struct span *add_span(unsigned class)
{
    const uint32_t size = class_bytes(class);
    const unsigned slices = slices_for(size);
    struct span *s = heap.spare[slices];

    if (s) {
        unlink_span(s);
    } else if (!(s = new_span(slices))) {
        return NULL;
    }
    s->size = size;
    s->class = (uint8_t)class;
    s->home = slices == 1 && !heap.class[class] ? HOME : 0;
    s->free = NULL;
    s->used = 0;
    s->fresh = s->committed = start_of(s);
    link_span(&heap.class[class], s);
    return s;
}

/* Its memory goes, its addresses are spare. */
static void drop_span(struct span *s)
{
    const uint64_t start = start_of(s), bytes = s->committed - start;

    if (s->link) {
        unlink_span(s);
    }
    if (s->idle) {
        s->idle = false;
        heap.idle -= s->slices * SLICE;
    }
    if (bytes) {
        heap_pages_drop(start, s->slices * SLICE);
        uncommit(bytes);
    }
    link_span(&heap.spare[s->slices], s);
}

/* Blocks that were never given out, a page of them or one, become free ones.  @return false: no memory, or none left */
static bool carve(struct span *s)
{
    const uint64_t end = end_of(s);
    uint64_t to = s->fresh + (s->size < PAGE ? PAGE / s->size * s->size : s->size);

    to = to < end ? to : end;
    const uint64_t committed = (to + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (s->fresh == end || (committed > s->committed && !commit(committed - s->committed))) {
        return false;
    }
    s->committed = committed > s->committed ? committed : s->committed;
    struct block *first = NULL, **last = &first;
    for (uint64_t at = s->fresh; at < to; at += s->size) {
        struct block *const b = (struct block *)at;
        *last = b;
        last = &b->next;
    }
    *last = s->free;
    s->free = first;
    s->fresh = to;
    return true;
}

/* A span of @p class with a free block.  Those that have none any more leave the list. */
__attribute__((noinline)) static struct span *find_span(unsigned class)
{
    struct span *s;

    while ((s = heap.class[class])) {
        if (s->free || carve(s)) {
            return s;
        }
        if (s->fresh != end_of(s)) {
            return NULL;                /* no memory */
        }
        unlink_span(s);
    }
    s = add_span(class);
    if (!s) {
        return NULL;
    }
    if (!carve(s)) {
        drop_span(s);
        return NULL;
    }
    return s;
}

/* ---- small blocks -------------------------------------------------------------------------------------------------- */

/* Addresses for arena and table.  Both or none. */
static bool reserve_addresses(void)
{
    const uint64_t arena = heap_pages_reserve(ARENA_BYTES, 0, false);
    const uint64_t table = arena ? heap_pages_reserve(SLICES * sizeof(struct span), 0, false) : 0;

    if (arena && !table) {
        heap_pages_unreserve(arena, ARENA_BYTES);
    }
    if (table) {
        heap.table = (struct span *)table;
        heap.arena = arena;
        heap.ready = true;
    }
    return heap.ready;
}

/* @return false: no memory, no addresses, or a process that cannot page */
static bool start(void)
{
    if (heap.ready) {
        return true;
    }
    if (!heap_pages_start()) {
        return false;
    }
    mutex_lock(&heap.lock);
    const bool ready = heap.ready || reserve_addresses();
    mutex_unlock(&heap.lock);
    return ready;
}

static void *small_alloc(unsigned class)
{
    mutex_lock_inline(&heap.lock);
    struct span *s = heap.class[class];
    if (__builtin_expect(!s || !s->free, 0)) {
        s = heap.ready ? find_span(class) : NULL;
        if (!s) {
            mutex_unlock_inline(&heap.lock);
            return heap.ready || !start() ? NULL : small_alloc(class);
        }
    }
    struct block *const b = s->free;
    s->free = b->next;
    if (s->used++ == 0 && s->idle) {
        s->idle = false;
        heap.idle -= s->slices * SLICE;
    }
    b->mark = 0;
    mutex_unlock_inline(&heap.lock);
    return b;
}

/* The last block of @p s was freed, or the first since it was full. */
__attribute__((noinline)) static void refile(struct span *s)
{
    if (!s->link) {
        link_span(&heap.class[s->class], s);
    }
    if (s->used == 0 && s->home == 0) {
        s->idle = true;
        heap.idle += s->slices * SLICE;
        if (heap.idle > KEEP) {
            drop_span(s);
        }
    }
}

static struct span *span_of(const void *block)
{
    const uint64_t slice = ((uintptr_t)block - heap.arena) / SLICE;
    struct span *const s = &heap.table[slice];

    return s - s->back;
}

static void small_free(struct block *b)
{
    struct span *const s = span_of(b);

    mutex_lock_inline(&heap.lock);
    if (__builtin_expect(b->mark == (FREED ^ (uintptr_t)b), 0)) {
        BUG("free() of a block that is free");
    }
#ifdef SHOAL_DEBUG
    if ((uintptr_t)b >= s->fresh || ((uintptr_t)b - start_of(s)) % s->size != 0) {
        BUG("free() of what is no block");
    }
#endif
    b->next = s->free;
    b->mark = FREED ^ (uintptr_t)b;
    s->free = b;
    /* The first span of its class is kept, of the others what does not come to much. */
    if (__builtin_expect(--s->used == s->home || !s->link, 0)) {
        refile(s);
    }
    mutex_unlock_inline(&heap.lock);
}

static bool is_small(const void *block)
{
    return (uintptr_t)block - heap.arena < ARENA_BYTES;
}

/* ---- both ---------------------------------------------------------------------------------------------------------- */

static void *large(size_t bytes, size_t align)
{
    void *const block = large_alloc(bytes, align);

    if (block) {
        mutex_lock(&heap.lock);
        heap.used += large_size(block);
        mutex_unlock(&heap.lock);
    }
    return block;
}

void *os_malloc(size_t bytes)
{
    if (__builtin_expect(bytes <= SMALL_MOST, 1)) {
        return small_alloc(class_of(bytes));
    }
    return start() ? large(bytes, 64) : NULL;
}

void os_free(void *block)
{
    if (is_small(block)) {
        small_free(block);
    } else if (block) {
        const size_t bytes = large_size(block);
        mutex_lock(&heap.lock);
        heap.used -= bytes;
        mutex_unlock(&heap.lock);
        large_free(block);
    }
}

size_t os_usable_size(const void *block)
{
    return is_small(block) ? span_of(block)->size : large_size(block);
}

void *os_realloc(void *block, size_t bytes)
{
    if (!block) {
        return os_malloc(bytes);
    }
    const size_t have = os_usable_size(block);
    if (bytes <= have && bytes >= have / 2) {
        return block;
    }
    void *const moved = os_malloc(bytes);
    if (moved) {
        memcpy(moved, block, bytes < have ? bytes : have);
        os_free(block);
    }
    return moved;
}

void *os_aligned_alloc(size_t align, size_t bytes)
{
    if (align == 0 || (align & (align - 1))) {
        return NULL;
    }
    if (align <= ALIGN) {
        return os_malloc(bytes);
    }
    if (!start()) {
        return NULL;
    }
    if (bytes <= SMALL_MOST && align <= SLICE / 2) {
        /* A span begins at a multiple of 64 KiB, so all its blocks are aligned to what their size is. */
        for (unsigned class = class_of(bytes); class < CLASSES; class++) {
            if (class_bytes(class) % align == 0) {
                return small_alloc(class);
            }
        }
    }
    return large(bytes, align < 64 ? 64 : align);
}

void os_heap_trim(void)
{
    if (!heap.ready) {
        return;
    }
    mutex_lock(&heap.lock);
    for (unsigned class = 0; class < CLASSES; class++) {
        for (struct span *s = heap.class[class], *next; s; s = next) {
            next = s->next;
            if (s->used == 0) {
                drop_span(s);
            }
        }
    }
    mutex_unlock(&heap.lock);
}

struct heap_status os_heap_status(void)
{
    struct heap_status status = { 0, 0 };

    if (heap.ready) {
        mutex_lock(&heap.lock);
        status = (struct heap_status){ heap.used, heap.committed };
        for (uint64_t i = 0; i < heap.next; i += heap.table[i].slices) {
            status.used += (size_t)heap.table[i].used * heap.table[i].size;
        }
        mutex_unlock(&heap.lock);
    }
    return status;
}

void *os_zalloc(size_t bytes)
{
    void *const block = os_malloc(bytes);

    if (block && is_small(block)) {
        memset(block, 0, bytes);        /* a large one is zero: its region is new */
    }
    return block;
}
