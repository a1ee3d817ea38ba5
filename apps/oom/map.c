/** @file map.c  Frames that are mapped, split, protected, unmapped; new memory; slots. */
#include "oom.h"

#define RW          (MAP_READ | MAP_WRITE)
#define FRAME_BYTES (16 * (uint64_t)SHOAL_PAGE_SIZE)
#define SINGLES     300u                /* slots: more than a CNode */
#define RUNS        10u
#define FAR         0x200000000ull
#define GIB         0x40000000ull

static err_t frame_new(uint64_t bytes, cptr_t *ram, cptr_t *frame)
{
    TRY(stock_refill(os_stock()));
    TRY(slots_alloc(&os_stock()->slots, frame));
    err_t err = ram_request(bytes, ram);
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, *frame);
        return err;
    }
    CHECK_OK(cap_retype(*ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, *frame));
    return OK;
}

static void frame_drop(cptr_t ram, cptr_t frame)
{
    GIVE(slots_delete(&os_stock()->slots, frame));
    GIVE(ram_give_back(ram));
}

/* A page in the middle goes, one becomes read-only: the Mapping is split twice. */
static err_t split(cptr_t frame)
{
    const uint64_t page = SHOAL_PAGE_SIZE;
    struct vspace *const vs = os_vspace();
    uint64_t at;

    TRY(vspace_map(vs, frame, 0, FRAME_BYTES, RW, &at));
    for (uint64_t i = 0; i < FRAME_BYTES; i += page) {
        *(volatile uint64_t *)(at + i) = i;
    }
    const uint64_t middle = at + FRAME_BYTES / 2;
    const err_t unmapped = vspace_unmap(vs, middle, page);
    const err_t protected = vspace_protect(vs, at + page, page, MAP_READ);
    const bool hole = err_ok(unmapped);
    for (uint64_t i = 0; i < FRAME_BYTES; i += page) {
        CHECK((hole && at + i == middle) || *(volatile uint64_t *)(at + i) == i, "page %lu has changed", i / page);
    }
    GIVE(vspace_unmap(vs, at, (hole ? middle : at + FRAME_BYTES) - at));
    if (hole) {
        GIVE(vspace_unmap(vs, middle + page, at + FRAME_BYTES - middle - page));
    }
    return hole ? protected : unmapped;
}

/* One page each, for each of which new tables are made. */
static err_t far_apart(cptr_t frame)
{
    struct vspace *const vs = os_vspace();
    unsigned count = 0;
    err_t err = OK;

    while (count < 6 && err_ok(err)) {
        err = vspace_map_at(vs, FAR + count * GIB, frame, 0, SHOAL_PAGE_SIZE, RW);
        count += err_ok(err);
    }
    for (; count > 0; count--) {
        GIVE(vspace_unmap(vs, FAR + (count - 1) * GIB, SHOAL_PAGE_SIZE));
    }
    return err;
}

/* New memory in a reservation. */
static err_t backed(void)
{
    struct vspace *const vs = os_vspace();
    uint64_t at;

    TRY(vspace_reserve(vs, 8 * FRAME_BYTES, 0x200000, &at));
    err_t err = OK;
    for (uint64_t i = 0; i < 8 && err_ok(err); i++) {
        err = stock_refill(os_stock());
        if (err_ok(err)) {
            err = vspace_back(vs, at + i * FRAME_BYTES, FRAME_BYTES, RW);
        }
        if (err_ok(err)) {
            *(volatile uint64_t *)(at + i * FRAME_BYTES) = i;
        }
    }
    GIVE(vspace_unreserve(vs, at, 8 * FRAME_BYTES));
    return err;
}

static err_t map(void)
{
    cptr_t ram, frame;

    TRY(frame_new(FRAME_BYTES, &ram, &frame));
    err_t err = split(frame);
    if (err_ok(err)) {
        err = far_apart(frame);
    }
    if (err_ok(err)) {
        err = backed();
    }
    frame_drop(ram, frame);
    GIVE(vspace_trim(os_vspace()));
    GIVE(stock_trim(os_stock()));
    return err;
}

/* Each page, in order or not. */
static err_t touch(uint64_t at, uint64_t bytes, uint64_t step)
{
    const uint64_t pages = bytes / SHOAL_PAGE_SIZE;

    for (uint64_t i = 0, page = 0; i < pages; i++, page = (page + step) % pages) {
        volatile uint64_t *const p = (uint64_t *)(at + page * SHOAL_PAGE_SIZE);
        CHECK(*p == 0 || *p == page + 1, "page %lu holds %lu", page, *p);
        *p = page + 1;
    }
    return OK;
}

static err_t lazy_region(uint64_t bytes, uint64_t step, bool blocks)
{
    uint64_t at;

    TRY(os_commit((int64_t)bytes));
    err_t err = vspace_lazy(os_vspace(), bytes, 0x200000, RW, blocks, &at);
    if (err_ok(err)) {
        (void)touch(at, bytes, step);
        (void)touch(at, bytes, 1);
        if (!blocks) {
            GIVE(vspace_unmap(os_vspace(), at, bytes / 2));
            (void)touch(at, bytes, 1);
        }
        GIVE(vspace_unreserve(os_vspace(), at, bytes));
    }
    GIVE(os_commit(-(int64_t)bytes));
    return err;
}

static err_t lazy_stack(void)
{
    const uint64_t bytes = 64 * KIB;
    uint64_t stack;

    TRY(os_commit((int64_t)bytes));
    const err_t err = vspace_lazy_stack(os_vspace(), bytes, SHOAL_PAGE_SIZE, bytes, &stack);
    if (err_ok(err)) {
        for (uint64_t at = stack + bytes; at > stack; at -= SHOAL_PAGE_SIZE) {
            *(volatile uint64_t *)(at - 8) = at;
        }
        GIVE(vspace_unreserve(os_vspace(), stack - SHOAL_PAGE_SIZE, bytes + SHOAL_PAGE_SIZE));
    }
    GIVE(os_commit(-(int64_t)bytes));
    return err;
}

static err_t lazy(void)
{
    TRY(lazy_region(256 * KIB, 1, false));
    TRY(lazy_region(256 * KIB, 37, false));
    TRY(lazy_region(2 * MIB, 1, true));
    TRY(lazy_stack());
    GIVE(vspace_trim(os_vspace()));
    GIVE(stock_trim(os_stock()));
    return OK;
}

/* More than the CNodes at hand have, one at a time and in runs. */
static err_t slots(void)
{
    static cptr_t slot[SINGLES], run[RUNS];
    struct slots *const s = &os_stock()->slots;
    unsigned singles = 0, runs = 0;
    err_t err = OK;

    while (singles < SINGLES && err_ok(err)) {
        /* Refilled where half a CNode is gone, as who takes so many does. */
        err = singles % 64 == 0 ? stock_refill(os_stock()) : OK;
        err = err_ok(err) ? slots_alloc(s, &slot[singles]) : err;
        singles += err_ok(err);
        if (err_ok(err) && singles % (SINGLES / RUNS) == 0) {
            err = stock_refill(os_stock());
            err = err_ok(err) ? slots_alloc_run(s, 16, &run[runs]) : err;
            runs += err_ok(err);
        }
    }
    while (runs > 0) {
        slots_free_run(s, run[--runs], 16);
    }
    while (singles > 0) {
        slots_free(s, slot[--singles]);
    }
    GIVE(stock_trim(os_stock()));
    return err;
}

const struct scenario map_scenario = { "map", NULL, map, NULL };
const struct scenario lazy_scenario = { "lazy", os_paging_start, lazy, NULL };
const struct scenario slots_scenario = { "slots", NULL, slots, NULL };
