/** @file heap.c  malloc and its like: NULL, or a block that can be written. */
#include "oom.h"

#define BLOCKS 28u

struct held {
    uint8_t *block;
    size_t bytes;
};

/* First and last byte, and one in each page; of the largest two are enough. */
static size_t step(const struct held *h)
{
    return h->bytes > MIB ? h->bytes / 2 : SHOAL_PAGE_SIZE;
}

static void fill(const struct held *h, uint8_t mark)
{
    for (size_t i = 0; i < h->bytes; i += step(h)) {
        h->block[i] = mark;
    }
    h->block[h->bytes - 1] = mark;
}

static bool intact(const struct held *h, uint8_t mark)
{
    for (size_t i = 0; i < h->bytes; i += step(h)) {
        if (h->block[i] != mark) {
            return false;
        }
    }
    return h->block[h->bytes - 1] == mark;
}

static err_t keep(struct held *h, uint8_t *block, size_t bytes, uint8_t mark)
{
    REQUIRE(block, E_HEAP);
    *h = (struct held){ block, bytes };
    fill(h, mark);
    return OK;
}

/* From 16 bytes to 36 KiB, every seventh aligned; one with a region, and one that comes by 2 MiB. */
static err_t take(struct held *held, unsigned *count)
{
    size_t bytes = 16;

    for (unsigned i = 0; i < BLOCKS - 2; i++, bytes += bytes / 3) {
        TRY(keep(&held[i], i % 7 == 3 ? os_aligned_alloc(4096, bytes) : os_malloc(bytes), bytes, (uint8_t)i));
        ++*count;
    }
    TRY(keep(&held[BLOCKS - 2], os_malloc(200 * KIB), 200 * KIB, BLOCKS - 2));
    ++*count;
    TRY(keep(&held[BLOCKS - 1], os_malloc(4 * MIB), 4 * MIB, BLOCKS - 1));
    ++*count;
    return OK;
}

/* Refused, the block is as before. */
static err_t enlarge(struct held *held, unsigned count)
{
    err_t err = OK;

    for (unsigned i = 0; i < count && i < BLOCKS - 8 && err_ok(err); i += 3) {
        const size_t bytes = held[i].bytes * 3;
        uint8_t *const block = os_realloc(held[i].block, bytes);
        CHECK(intact(block ? &(struct held){ block, 1 } : &held[i], (uint8_t)i), "realloc: block %u has changed", i);
        err = keep(&held[i], block, bytes, (uint8_t)i);
    }
    return err;
}

static err_t heap(void)
{
    static struct held held[BLOCKS];
    unsigned count = 0;
    err_t err = take(held, &count);

    if (err_ok(err)) {
        err = enlarge(held, count);
    }
    for (unsigned i = 0; i < count; i++) {
        const unsigned k = i * 17 % count;              /* in another order, most of them */
        if (held[k].block) {
            CHECK(intact(&held[k], (uint8_t)k), "block %u has changed", k);
            os_free(held[k].block);
            held[k].block = NULL;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        os_free(held[i].block);
        held[i].block = NULL;
    }
    CHECK(os_heap_status().used == 0, "%lu bytes of the heap are in use", os_heap_status().used);
    os_heap_trim();
    GIVE(vspace_trim(os_vspace()));
    GIVE(stock_trim(os_stock()));
    return err;
}

const struct scenario heap_scenario = { "heap", os_paging_start, heap, NULL };
