/** @file sweep.c  Contracts in oom.h. */
#include "inject.h"
#include "oom.h"

#define ROUNDS 2u
#define MOST   5000u

bool is_short(err_t err)
{
    static const enum err_code code[] = { E_MEM_LIMIT, E_MEM_PROMISED, E_RESERVE_NONE, E_SLOTS_NONE, E_SLAB_EMPTY,
                                          E_HEAP };

    for (unsigned i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
        if (err_root(err) == code[i]) {
            return true;
        }
    }
    return false;
}

/* RAM and slots in hand are no more in use than what the memory server has.  Each chunk of RAM has a record and a slot. */
static bool is_in_hand(const struct slab *slab)
{
    return slab == &os_stock()->chunks || slab == &os_stock()->cnodes;
}

static uint64_t tables_of(const struct vspace *vs)
{
    return vs->tables[1].count + vs->tables[2].count + vs->tables[3].count;
}

/* Pages that are in use for something: not those that records, slots and page tables are in, which have their own line. */
static uint64_t pages_in_use(const struct stock *stock, const struct vspace *vs)
{
    const uint64_t cnodes = stock->slots.cnodes + stock->pool.cnodes, tables = tables_of(vs);
    uint64_t slabs = 0;

    for (unsigned i = 0; i < stock->slabs; i++) {
        slabs += stock->slab[i].slab->pages;
    }
    return stock->reserve.pages - stock->reserve.free - slabs - stock->pool.blocks - tables -
           cnodes * (L2_SLOTS * SLOT_BYTES / SHOAL_PAGE_SIZE);
}

void books_take(struct books *b)
{
    const struct stock *const stock = os_stock();
    const struct vspace *const vs = os_vspace();

    /* A page table that is kept for the next mapping though it is empty, its record and its two slots, are in hand, too. */
    for (unsigned i = 0; i < stock->slabs; i++) {
        const struct slab *const slab = stock->slab[i].slab;
        b->slab[i] = is_in_hand(slab) ? 0 : slab->used - (slab == vs->table_slab ? vs->empty : 0);
    }
    b->slots = stock->slots.used - stock->chunks.used - ram_spare_slots() - 2 * vs->empty;
    b->regions = vs->regions.count;
    b->mappings = vs->mappings.count;
    b->tables = tables_of(vs) - vs->empty;
    b->heap = os_heap_status().used;
    b->committed = os_committed();
    b->ram = pages_in_use(stock, vs);
}

static void compare_one(const char *what, uint64_t before, uint64_t after)
{
    CHECK(after <= before, "%s: %lu in use before it, %lu afterwards", what, before, after);
}

void books_compare(const struct books *before, const struct books *after)
{
    const struct stock *const stock = os_stock();

    for (unsigned i = 0; i < stock->slabs; i++) {
        compare_one(err_name(stock->slab[i].name), before->slab[i], after->slab[i]);
    }
    compare_one("slots", before->slots, after->slots);
    compare_one("regions", before->regions, after->regions);
    compare_one("mappings", before->mappings, after->mappings);
    compare_one("page tables", before->tables, after->tables);
    compare_one("heap", before->heap, after->heap);
    compare_one("bytes committed", before->committed, after->committed);
    compare_one("pages of RAM", before->ram, after->ram);
}

static void consistent(void)
{
    const char *const bad = vspace_check(os_vspace());

    CHECK(!bad, "%s", bad);
}

/* @return false: it came to its end without needing an nth allocation, or something is wrong */
static bool one(const struct scenario *s, uint64_t nth, unsigned *errors)
{
    inject_arm(nth);
    const err_t err = s->run();
    inject_disarm();
    const char *const failed = inject_failed();

    *errors += !err_ok(err);
    CHECK(err_ok(err) || (failed && is_short(err)), "the error is %s (%lx)", err_name(err_root(err)), err.trail);
    consistent();
    CHECK_OK(s->run());                     /* and now it works */
    consistent();
    if (went_wrong()) {
        print("  allocation %lu failed: %s, called from 0x%lx\n", nth, failed ? failed : "none", inject_caller());
        return false;
    }
    return failed;
}

static void round(const struct scenario *s)
{
    unsigned errors = 0;
    uint64_t nth = 1;

    while (nth < MOST && one(s, nth, &errors)) {
        nth++;
    }
    CHECK(nth > 5 && nth < MOST, "%lu allocations", nth - 1);
    CHECK(errors > 0, "no allocation was needed");
    if (!went_wrong()) {
        print("  %s: %lu allocations, %u errors\n", s->name, nth - 1, errors);
    }
}

int sweep(const struct scenario *s)
{
    struct books before = { .slots = 0 }, after = { .slots = 0 };

    if (s->set_up) {
        CHECK_OK(s->set_up());
    }
    CHECK_OK(s->run());                     /* what stays for good is there now */
    for (unsigned i = 0; i < ROUNDS && !went_wrong(); i++) {
        round(s);
        books_take(&after);
        if (i > 0) {
            books_compare(&before, &after);
        }
        before = after;
    }
    if (s->tear_down) {
        s->tear_down();
    }
    return went_wrong();
}
