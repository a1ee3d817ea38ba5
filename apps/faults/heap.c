/** @file heap.c  malloc and free: sizes, order, contents, threads, memory back. */
#include "faults.h"
#include <os/process.h>

struct held {
    uint8_t *block;
    uint64_t bytes;
    uint8_t mark;
};

/* First and last byte, and one in each page. */
static void fill(const struct held *h)
{
    for (uint64_t i = 0; i < h->bytes; i += SHOAL_PAGE_SIZE) {
        h->block[i] = h->mark;
    }
    if (h->bytes) {
        h->block[h->bytes - 1] = h->mark;
    }
}

static bool intact(const struct held *h)
{
    for (uint64_t i = 0; i < h->bytes; i += SHOAL_PAGE_SIZE) {
        if (h->block[i] != h->mark) {
            return false;
        }
    }
    return !h->bytes || h->block[h->bytes - 1] == h->mark;
}

/* Mostly small, sometimes up to @p most. */
static uint64_t some_bytes(uint64_t *random, uint64_t most)
{
    const uint64_t r = random_next(random), log2 = r % 64;
    const unsigned top = 63 - (unsigned)__builtin_clzll(most);

    return r / 64 % ((1ull << (log2 < 40 ? 5 + log2 % 7 : 4 + log2 % (top - 3))) + 1);
}

static void churn(uint64_t seed, struct held *held, unsigned count, unsigned rounds, uint64_t most)
{
    uint64_t random = seed * 0x9e3779b97f4a7c15ull + 1;

    for (unsigned i = 0; i < rounds; i++) {
        struct held *const h = &held[random_next(&random) % count];
        if (h->block) {
            CHECK(intact(h), "a block of %lu bytes has changed", h->bytes);
            os_free(h->block);
        }
        h->bytes = some_bytes(&random, most);
        h->mark = (uint8_t)(1 + random_next(&random) % 255);
        h->block = os_malloc(h->bytes);
        CHECK(h->block && (uintptr_t)h->block % 16 == 0, "no block of %lu bytes: %p", h->bytes, (void *)h->block);
        if (!h->block) {
            return;
        }
        CHECK(os_usable_size(h->block) >= h->bytes, "a block is too small");
        fill(h);
    }
    for (unsigned i = 0; i < count; i++) {
        if (held[i].block) {
            CHECK(intact(&held[i]), "a block of %lu bytes has changed", held[i].bytes);
            os_free(held[i].block);
            held[i].block = NULL;
        }
    }
}

static void sizes(void)
{
    static struct held held[400];

    churn(1, held, 400, 20000, 4 * MIB);
    CHECK_EQ(os_heap_status().used, 0);
    os_heap_trim();
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
    CHECK(os_stock()->obtained < 4 * MIB, "%lu bytes are kept", os_stock()->obtained);
}

/* 32 MiB, from 16 bytes to 64 MiB each, then half of what the machine has, freed in another order. */
static void large(uint64_t sum_wanted)
{
    static struct held held[4096];
    uint64_t random = sum_wanted + 1, sum = 0;
    unsigned count = 0;

    while (sum < sum_wanted && count < 4096) {
        struct held *const h = &held[count];
        const uint64_t left = sum_wanted - sum;
        h->bytes = some_bytes(&random, 64 * MIB);
        h->bytes = count % 16 == 0 || count > 4000 ? 64 * MIB / (1 + random_next(&random) % 64) : h->bytes;
        h->bytes = h->bytes < left ? h->bytes : left;
        h->mark = (uint8_t)(1 + count % 255);
        h->block = os_malloc(h->bytes);
        CHECK(h->block, "no block of %lu bytes after %lu", h->bytes, sum);
        if (!h->block) {
            break;
        }
        fill(h);
        sum += h->bytes;
        count++;
    }
    CHECK_EQ(sum, sum_wanted);
    for (unsigned i = 0; i < count; i++) {
        const unsigned k = i + (unsigned)(random_next(&random) % (count - i));
        CHECK(intact(&held[k]), "a block of %lu bytes has changed", held[k].bytes);
        os_free(held[k].block);
        held[k] = held[i];
    }
    CHECK_EQ(os_heap_status().used, 0);
}

static void large_32m(void)
{
    large(32 * MIB);
}

static void large_half(void)
{
    uint64_t total, unused, before, after;

    os_free(os_malloc(1));
    CHECK_OK(process_memory(&total, &before));
    large(before / 2);
    os_heap_trim();
    CHECK_OK(process_memory(&total, &after));
    CHECK(after + 8 * MIB > before, "%lu bytes were free, and %lu are", before, after);
    CHECK_OK(process_memory(&total, &unused));
}

/* What ps shows. */
static uint64_t granted(void)
{
    struct process_info info = { 0 };

    CHECK_OK(process_next(os_startup()->pid - 1, &info));
    return info.pid == os_startup()->pid ? info.granted : 0;
}

/* A large block shows in the free memory of the machine and in the list of processes, when it comes and when it goes. */
static void shows(void)
{
    uint64_t total, before, during, after;

    os_free(os_malloc(16 * MIB));
    CHECK_OK(process_memory(&total, &before));
    uint8_t *const block = os_malloc(64 * MIB);
    CHECK(block, "no block");
    const struct held h = { block, 64 * MIB, 1 };
    if (block) {
        fill(&h);
    }
    CHECK_OK(process_memory(&total, &during));
    const uint64_t of_ours = granted();
    os_free(block);
    CHECK_OK(process_memory(&total, &after));
    CHECK(of_ours >= 64 * MIB && of_ours < 68 * MIB && granted() < 4 * MIB, "ps: %lu bytes, %lu later", of_ours,
          granted());
    CHECK(during + 62 * MIB <= before, "%lu bytes before, %lu with the block", before, during);
    CHECK(after + 2 * MIB >= before, "%lu bytes before, %lu after it", before, after);
}

static void aligned(void)
{
    for (size_t align = 1; align <= MIB; align *= 2) {
        for (size_t bytes = 1; bytes <= 300000; bytes = bytes * 3 + 1) {
            uint8_t *const p = os_aligned_alloc(align, bytes);
            CHECK(p && (uintptr_t)p % align == 0, "align %lu, %lu bytes: %p", align, bytes, (void *)p);
            if (p) {
                p[0] = p[bytes - 1] = 1;
                os_free(p);
            }
        }
    }
    CHECK(!os_aligned_alloc(3, 16) && !os_aligned_alloc(0, 16), "an alignment that is none");
    CHECK(!os_malloc(~0ull) && !os_malloc(1ull << 40) && !os_aligned_alloc(64, ~0ull - 4096), "too large");
    CHECK_EQ(os_heap_status().used, 0);
}

static void reallocs(void)
{
    uint64_t random = 5;
    uint8_t *p = NULL;
    uint64_t bytes = 0;

    for (unsigned i = 0; i < 2000; i++) {
        const uint64_t wanted = some_bytes(&random, 2 * MIB) + 1;
        uint8_t *const q = os_realloc(p, wanted);
        CHECK(q, "no %lu bytes", wanted);
        if (!q) {
            break;
        }
        const uint64_t keep = bytes < wanted ? bytes : wanted;
        CHECK(!keep || (q[0] == (uint8_t)bytes && (keep < bytes || q[keep - 1] == (uint8_t)(bytes ^ (keep > 1) * 0x5a))),
              "content lost: %lu to %lu", bytes, wanted);
        p = q;
        bytes = wanted;
        p[bytes - 1] = (uint8_t)(bytes ^ 0x5a);
        p[0] = (uint8_t)bytes;
    }
    os_free(p);
    const uint64_t *const zero = os_zalloc(5000);
    CHECK(zero && zero[0] == 0 && zero[624] == 0, "not zero");
    os_free((void *)zero);
    CHECK_EQ(os_heap_status().used, 0);
}

static uint64_t churns(void *arg)
{
    struct held *const held = os_zalloc(50 * sizeof(*held));

    CHECK(held, "no room for a list");
    if (held) {
        churn((uint64_t)arg, held, 50, 3000, MIB / 4);
        os_free(held);
    }
    return 0;
}

static void by_threads(void)
{
    static struct thread *t[64];

    CHECK_OK(os_paging_start());
    for (uint64_t i = 0; i < 64; i++) {
        t[i] = start("churn", churns, (void *)(i + 1));
    }
    for (unsigned i = 0; i < 64; i++) {
        finish(t[i]);
    }
    CHECK_EQ(os_heap_status().used, 0);
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
}

const struct test heap_tests[] = {
    { "heap-sizes", sizes, 0, 0 }, { "heap-32m", large_32m, 0, 0 }, { "heap-half-of-all", large_half, 0, 0 },
    { "heap-shows-in-free", shows, 0, 0 }, { "heap-aligned", aligned, 0, 0 }, { "heap-realloc", reallocs, 0, 0 },
    { "heap-64-threads", by_threads, 0, 0 }, { 0 },
};
