/** @file paging.c  Benches of page faults and of the heap: memory server and zeroing included. */
#include "bench.h"
#include <os/fault.h>
#include <os/heap.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/vspace.h>

#define BYTES  0x1000000ull             /* of a region: 4096 pages */
#define PAGES  (BYTES / SHOAL_PAGE_SIZE)
#define TIMES  5u
#define PRIME  1657u                    /* the page after next, but for that: odd, so every page has its turn */

static uint64_t touch(uint64_t at, uint64_t step)
{
    const uint64_t begin = clock_now();

    for (uint64_t i = 0, page = 0; i < PAGES; i++, page = (page + step) % PAGES) {
        *(volatile uint64_t *)(at + page * SHOAL_PAGE_SIZE) = i;
    }
    return clock_now() - begin;
}

/* What the loop costs where all is there. */
static err_t measure(struct line *line, uint64_t step, bool blocks, bool unmapping)
{
    uint64_t fault[TIMES], unmap[TIMES], at;

    TRY(os_paging_start());
    for (unsigned i = 0; i < TIMES; i++) {
        TRY(vspace_lazy(os_vspace(), BYTES, 0x200000, MAP_READ | MAP_WRITE, blocks, &at));
        const uint64_t first = touch(at, step), again = touch(at, step);
        const uint64_t begin = clock_now();
        const err_t err = vspace_unreserve(os_vspace(), at, BYTES);
        unmap[i] = (clock_now() - begin) / PAGES;
        fault[i] = (first - again) / PAGES;
        TRY(err);
    }
    const uint64_t faulting = median(fault, TIMES), removing = median(unmap, TIMES);
    line->value = unmapping ? removing : faulting;
    (void)format_text(line->remark, sizeof(line->remark), "per page of 16 MiB; %s %lu", unmapping ? "fault" : "unmap",
                      unmapping ? faulting : removing);
    return OK;
}

err_t page_fault_seq(struct line *line)
{
    return measure(line, 1, false, false);
}

err_t page_fault_random(struct line *line)
{
    return measure(line, PRIME, false, false);
}

err_t page_fault_huge(struct line *line)
{
    return measure(line, PRIME, true, false);
}

err_t unmap_page(struct line *line)
{
    return measure(line, 1, false, true);
}

err_t unmap_huge(struct line *line)
{
    return measure(line, 1, true, true);
}

err_t malloc_free(struct line *line)
{
    uint64_t sample[ROUNDS];

    os_free(os_malloc(64));
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        void *volatile p = os_malloc(64);
        os_free(p);
        sample[i] = clock_now() - begin;
    }
    line->value = median(sample, ROUNDS) - overhead();
    return OK;
}

err_t malloc_1000(struct line *line)
{
    static void *block[1000];
    uint64_t sample[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        for (unsigned k = 0; k < 1000; k++) {
            block[k] = os_malloc(64);
        }
        for (unsigned k = 0; k < 1000; k++) {
            os_free(block[k]);
        }
        sample[i] = (clock_now() - begin) / 1000;
    }
    const uint64_t first = sample[0];
    line->value = median(sample, ROUNDS);
    (void)format_text(line->remark, sizeof(line->remark), "per pair; the first time, page faults included, %lu", first);
    return OK;
}
