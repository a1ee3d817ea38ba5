/**
 * @file curve.c  bench fault-curve [mapped]: what a page fault costs with 10 to 100,000 regions.
 *
 * Eight of them are probes of 128 pages, in which the faults happen, scattered; the others, one page each, lie behind the
 * probes in as many parts.  So each size has the same faults and page tables, and only what is looked through differs.
 * mapped: of each other region the page is there, so there are as many mappings, too.
 */
#include "bench.h"
#include <os/fault.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/vspace.h>

#define PROBES      8u
#define PROBE_PAGES 128u
#define PAGES       (PROBES * PROBE_PAGES)
#define PRIME       389u                /* every page has its turn */
#define BEGIN       0x1000000000ull
#define PART        0x40000000ull       /* from probe to probe: each has page tables of its own */
#define OTHERS      0x200000ull         /* from a probe to what lies behind it */
#define RW          (MAP_READ | MAP_WRITE)

static uint64_t probe(unsigned i)
{
    return BEGIN + i * PART;
}

/* The @p i-th of the other regions: one page, and one that is in none. */
static err_t add_other(uint64_t i, bool mapped)
{
    const uint64_t at = probe(i % PROBES) + OTHERS + i / PROBES * 2 * SHOAL_PAGE_SIZE;

    TRY(vspace_lazy_at(os_vspace(), at, SHOAL_PAGE_SIZE, RW, false));
    if (mapped) {
        *(volatile uint64_t *)at = i;
    }
    return OK;
}

static uint64_t touch(void)
{
    const uint64_t begin = clock_now();

    for (unsigned i = 0, page = 0; i < PAGES; i++, page = (page + PRIME) % PAGES) {
        *(volatile uint64_t *)(probe(page % PROBES) + page / PROBES * SHOAL_PAGE_SIZE) = i;
    }
    return clock_now() - begin;
}

/* Per fault, less the same loop where all is there. */
static err_t measure(uint64_t *value)
{
    for (unsigned i = 0; i < PROBES; i++) {
        TRY(vspace_lazy_at(os_vspace(), probe(i), PROBE_PAGES * SHOAL_PAGE_SIZE, RW, false));
    }
    const uint64_t first = touch(), again = touch();
    *value = (first - again) / PAGES;
    for (unsigned i = 0; i < PROBES; i++) {
        TRY(vspace_unreserve(os_vspace(), probe(i), PROBE_PAGES * SHOAL_PAGE_SIZE));
    }
    return OK;
}

err_t fault_curve(bool mapped, const char *unit)
{
    static const unsigned size[] = { 10, 32, 100, 316, 1000, 3162, 10000, 31623, 100000 };
    uint64_t others = 0, value;

    TRY(os_paging_start());
    TRY(measure(&value));                   /* what the first faults of a program find missing is there now */
    for (unsigned i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
        while (PROBES + others < size[i]) {
            TRY(add_other(others++, mapped));
        }
        TRY(measure(&value));
        print("bench fault-of-%u%s %lu %s\n", size[i], mapped ? "-mapped" : "", value, unit);
    }
    return OK;
}
