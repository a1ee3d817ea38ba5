/* libos/heap against a naive model: a list of blocks, none of which may meet another, with contents that stay.  Addresses
 * and promises are the build machine's; memory that was dropped may not be looked at. */
#include "test.h"
#include "../../libos/heap/internal.h"
#include <os/sync.h>
#include <sys/mman.h>

/* ---- what is below the heap ---------------------------------------------------------------------------------------- */

static struct {
    uint64_t committed, limit;
    uint64_t reserved;              /* bytes, without arena and table */
    unsigned fail;                  /* the n-th call of commit or reserve fails; 0: none does */
} below;

static char record;
struct thread_core {
    void *current;
} os_thread_core = { &record };

static bool fails(void)
{
    return below.fail && --below.fail == 0;
}

bool heap_pages_start(void)
{
    return !fails();
}

uint64_t heap_pages_reserve(uint64_t bytes, uint64_t align, bool blocks)
{
    const uint64_t all = bytes + (align > SLICE ? align : SLICE);

    (void)blocks;
    if (fails()) {
        return 0;
    }
    uint8_t *const at = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT(at != MAP_FAILED, "mmap of %" PRIu64, all);
    const uint64_t base = ((uint64_t)at + all - bytes) & ~((align > SLICE ? align : SLICE) - 1);
    below.reserved += bytes;
    return base;
}

void heap_pages_unreserve(uint64_t at, uint64_t bytes)
{
    below.reserved -= bytes;
    EXPECT(mmap((void *)at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) !=
               MAP_FAILED, "munmap");
}

void heap_pages_drop(uint64_t at, uint64_t bytes)
{
    EXPECT(at % SLICE == 0 && bytes % SLICE == 0, "%#" PRIx64 ", %#" PRIx64 " are no slices", at, bytes);
    EXPECT(madvise((void *)at, bytes, MADV_DONTNEED) == 0, "madvise");
}

bool heap_pages_commit(uint64_t bytes)
{
    if (fails() || bytes > below.limit - below.committed) {
        return false;
    }
    below.committed += bytes;
    return true;
}

void heap_pages_uncommit(uint64_t bytes)
{
    EXPECT(bytes <= below.committed, "more is given up than was promised");
    below.committed -= bytes;
}

void mutex_lock(struct mutex *m)
{
    EXPECT_EQ(m->owner, 0);
    m->owner = (uint64_t)&record;
}

void mutex_unlock(struct mutex *m)
{
    EXPECT_EQ(m->owner, (uint64_t)&record);
    m->owner = 0;
}

/* ---- the model ----------------------------------------------------------------------------------------------------- */

#define BLOCKS 600u

static struct block {
    uint8_t *at;
    size_t bytes, align;
    uint8_t mark;
} block[BLOCKS];

static uint64_t sum_of_sizes;

static void fill(struct block *b)
{
    memset(b->at, b->mark, b->bytes);
}

static void intact(const struct block *b)
{
    for (size_t i = 0; i < b->bytes; i += 1 + (b->bytes > 5000 ? 97 : 0)) {
        EXPECT(b->at[i] == b->mark, "byte %zu of %zu is %#x, wanted %#x", i, b->bytes, b->at[i], b->mark);
    }
}

static void meets_none(const struct block *b)
{
    const size_t size = os_usable_size(b->at);

    EXPECT(size >= b->bytes, "%zu of %zu bytes", size, b->bytes);
    EXPECT((uintptr_t)b->at % b->align == 0, "%p is not aligned to %zu", (void *)b->at, b->align);
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct block *const o = &block[i];
        EXPECT(o == b || !o->at || o->at + os_usable_size(o->at) <= b->at || b->at + size <= o->at,
               "%zu bytes at %p meet %zu at %p", b->bytes, (void *)b->at, o->bytes, (void *)o->at);
    }
}

static size_t some_bytes(uint64_t *random)
{
    const uint64_t r = test_random(random);

    switch (r % 8) {
    case 0:
        return r / 8 % 300000;
    case 1:
        return SMALL_MOST - 2 + r / 8 % 4;
    case 2:
    case 3:
        return r / 8 % 20000;
    default:
        return r / 8 % 600;
    }
}

static void take(struct block *b, uint64_t *random)
{
    const unsigned kind = (unsigned)(test_random(random) % 8);

    b->bytes = some_bytes(random);
    b->align = kind == 0 ? 1ull << test_random(random) % 20 : 16;
    b->mark = (uint8_t)test_random(random);
    b->at = kind == 0 ? os_aligned_alloc(b->align, b->bytes) : kind == 1 ? os_zalloc(b->bytes) : os_malloc(b->bytes);
    if (!b->at) {
        return;
    }
    for (size_t i = 0; kind == 1 && i < b->bytes; i++) {
        EXPECT(b->at[i] == 0, "byte %zu of zeroes", i);
    }
    meets_none(b);
    fill(b);
    sum_of_sizes += os_usable_size(b->at);
}

static void move(struct block *b, uint64_t *random)
{
    const size_t bytes = some_bytes(random), before = os_usable_size(b->at);
    uint8_t *const at = os_realloc(b->at, bytes);

    if (!at) {
        intact(b);
        return;
    }
    b->at = at;
    b->align = 16;
    const size_t all = b->bytes;
    b->bytes = bytes < all ? bytes : all;
    intact(b);
    b->bytes = bytes;
    sum_of_sizes += os_usable_size(at) - before;
    meets_none(b);
    fill(b);
}

static void drop(struct block *b)
{
    intact(b);
    sum_of_sizes -= os_usable_size(b->at);
    os_free(b->at);
    b->at = NULL;
}

static void check_books(void)
{
    const struct heap_status s = os_heap_status();

    EXPECT_EQ(s.used, sum_of_sizes);
    EXPECT(s.committed <= below.committed && sum_of_sizes <= below.committed + BLOCKS * 4096,
           "used %" PRIu64 ", promised %" PRIu64, sum_of_sizes, below.committed);
}

static void drop_all(void)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (block[i].at) {
            drop(&block[i]);
        }
    }
    check_books();
    EXPECT_EQ(sum_of_sizes, 0);
    os_heap_trim();
    check_books();
    /* what is left: records of slices, 64 bytes each */
    EXPECT_EQ(below.committed, os_heap_status().committed);
    EXPECT(below.committed < 0x40000, "%#" PRIx64 " bytes are kept", below.committed);
    EXPECT_EQ(below.reserved, ARENA_BYTES + SLICES * sizeof(struct span));
}

static void steps(uint64_t seed, unsigned count, bool failing)
{
    uint64_t random = seed;

    for (unsigned i = 0; i < count; i++) {
        struct block *const b = &block[test_random(&random) % BLOCKS];
        below.fail = failing && test_random(&random) % 4 == 0 ? 1 + test_random(&random) % 3 : 0;
        if (!b->at) {
            take(b, &random);
        } else if (test_random(&random) % 4 == 0) {
            move(b, &random);
        } else {
            drop(b);
        }
        below.fail = 0;
        if (i % 512 == 0) {
            check_books();
        }
        if (i % 4096 == 0) {
            os_heap_trim();
        }
    }
    drop_all();
}

TEST(heap, classes_cover_all_sizes)
{
    for (size_t bytes = 0; bytes <= SMALL_MOST; bytes++) {
        const unsigned c = class_of(bytes);
        EXPECT(c < CLASSES && class_bytes(c) >= bytes && class_bytes(c) % 16 == 0, "%zu: class %u", bytes, c);
        EXPECT(c == 0 || class_bytes(c - 1) < bytes, "%zu has room in the class below %u", bytes, c);
        EXPECT(bytes <= 128 || class_bytes(c) - bytes <= bytes / 4, "%zu in %u", bytes, class_bytes(c));
    }
    EXPECT_EQ(class_bytes(CLASSES - 1), SMALL_MOST);
}

TEST(heap, refused_from_the_first_call_on)
{
    below.limit = 1ull << 40;
    for (unsigned n = 1; n < 8; n++) {
        below.fail = n;
        void *const p = os_malloc(100);
        EXPECT(!p || below.fail > 0, "the %u-th call failed, and there is a block", n);
        os_free(p);
        below.fail = 0;
    }
    EXPECT(os_malloc(~(size_t)0) == NULL && os_malloc(ARENA_BYTES + 1) == NULL, "too large");
    EXPECT(os_aligned_alloc(24, 8) == NULL && os_aligned_alloc(0, 8) == NULL, "no power of two");
    EXPECT(os_aligned_alloc(64, ~(size_t)0 - 60) == NULL, "wraps");
    os_free(NULL);
}

TEST(heap, random_steps)
{
    below.limit = 1ull << 40;
    steps(test_seed(), 20000, false);
}

TEST(heap, random_failures)
{
    below.limit = 1ull << 40;
    steps(test_seed() + 100, 20000, true);
}

TEST(heap, short_of_memory)
{
    below.limit = below.committed + 3000000;
    steps(test_seed() + 200, 20000, false);
}
