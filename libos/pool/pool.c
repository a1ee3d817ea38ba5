/** @file pool.c  Contracts in os/pool.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <os/pool.h>

#define PAIR_TABLE 124u     /* first pair of slots for a page table */
#define GIB        0x40000000ull

static cptr_t pair_slot(const struct pool *pool, unsigned cnode, unsigned pair)
{
    return CPTR(pool->l1[cnode], 2 * pair);
}

/* The VNode of a block; the Mapping that links it lies in the slot behind. */
static cptr_t block_table(const struct pool *pool, unsigned block)
{
    return block < 2 ? pair_slot(pool, 0, PAIR_TABLE + 2 + block) : pair_slot(pool, block - 1, PAIR_TABLE);
}

static cptr_t page_slot(const struct pool *pool, unsigned page)
{
    return pair_slot(pool, page / POOL_CNODE_PAGES, page % POOL_CNODE_PAGES);
}

/* Pages below this one have page table and slots. */
static unsigned ready_end(const struct pool *pool)
{
    const unsigned tables = pool->blocks * POOL_BLOCK_PAGES, slots = pool->cnodes * POOL_CNODE_PAGES;
    return tables < slots ? tables : slots < POOL_PAGES ? slots : POOL_PAGES;
}

static err_t make_cnode(struct pool *pool)
{
    struct ram_block ram;
    unsigned l1;

    REQUIRE(cspace_take(pool->cspace, &l1), E_POOL_CSPACE);
    const err_t err = reserve_make(pool->reserve, CAP_L2CNODE, 0, CPTR_NULL, CPTR_L1(l1), &ram);
    if (!err_ok(err)) {
        cspace_give(pool->cspace, l1);
        return err;
    }
    pool->l1[pool->cnodes++] = (uint16_t)l1;
    return OK;
}

/* A page table of @p level in @p slot, linked at @p index of @p parent by a Mapping in the next slot. */
static err_t make_table(struct pool *pool, unsigned level, cptr_t parent, uint64_t index, cptr_t slot,
                        struct ram_block *ram)
{
    TRY(reserve_make(pool->reserve, (enum cap_type)(CAP_VNODE_L0 + level), 0, CPTR_NULL, slot, ram));
    const err_t err = vnode_map(parent, slot, index, 1, 0, 0, CPTR_NULL, slot + 1);
    if (!err_ok(err)) {
        (void)reserve_unmake(pool->reserve, ram);
    }
    return err;
}

static err_t make_block(struct pool *pool)
{
    const uint64_t address = pool->base + (uint64_t)pool->blocks * POOL_BLOCK_PAGES * SHOAL_PAGE_SIZE;
    struct ram_block ram;

    TRY(make_table(pool, 3, pair_slot(pool, 0, PAIR_TABLE + 1), address >> 21 & 511, block_table(pool, pool->blocks),
                   &ram));
    pool->blocks++;
    return OK;
}

/* CNode 0, the tables of level 1 and 2, and the first block. */
static err_t start(struct pool *pool)
{
    struct ram_block ram[3];
    unsigned l1;

    REQUIRE(cspace_take(pool->cspace, &l1), E_POOL_CSPACE);
    pool->l1[0] = (uint16_t)l1;
    const cptr_t level1 = pair_slot(pool, 0, PAIR_TABLE), level2 = pair_slot(pool, 0, PAIR_TABLE + 1);

    err_t err = reserve_make(pool->reserve, CAP_L2CNODE, 0, CPTR_NULL, CPTR_L1(l1), &ram[0]);
    if (!err_ok(err)) {
        goto give_l1;
    }
    err = make_table(pool, 1, pool->root, pool->base >> 39 & 511, level1, &ram[1]);
    if (!err_ok(err)) {
        goto unmake_cnode;
    }
    err = make_table(pool, 2, level1, pool->base >> 30 & 511, level2, &ram[2]);
    if (!err_ok(err)) {
        goto unmake_level1;
    }
    err = make_block(pool);
    if (!err_ok(err)) {
        goto unmake_level2;
    }
    pool->cnodes = 1;
    return OK;
unmake_level2:
    (void)reserve_unmake(pool->reserve, &ram[2]);
unmake_level1:
    (void)reserve_unmake(pool->reserve, &ram[1]);
unmake_cnode:
    (void)reserve_unmake(pool->reserve, &ram[0]);
give_l1:
    cspace_give(pool->cspace, l1);
    return err;
}

err_t pool_init(struct pool *pool, cptr_t root, struct reserve *reserve, struct cspace *cspace, uint64_t base)
{
    REQUIRE(base % GIB == 0 && base != 0, E_ARG);
    *pool = (struct pool){ .root = root, .reserve = reserve, .cspace = cspace, .base = base };
    os_low_lock(LOW_POOL);
    const err_t err = start(pool);
    os_low_unlock(LOW_POOL);
    return err;
}

static bool find_page(struct pool *pool, unsigned *page)
{
    const unsigned end = ready_end(pool);

    for (unsigned w = pool->first_free / 64; w * 64 < end; w++) {
        if (~pool->map[w]) {
            *page = w * 64 + (unsigned)__builtin_ctzll(~pool->map[w]);
            pool->first_free = *page;
            return *page < end;
        }
    }
    return false;
}

static err_t take(struct pool *pool, struct pool_page *page)
{
    unsigned i;

    REQUIRE(find_page(pool, &i), E_POOL_FULL);
    const cptr_t slot = page_slot(pool, i), table = block_table(pool, i / POOL_BLOCK_PAGES);
    TRY(reserve_make(pool->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, slot, &page->ram));
    const err_t err = vnode_map(table, slot, i % POOL_BLOCK_PAGES, 1, 0, MAP_READ | MAP_WRITE, CPTR_NULL, slot + 1);
    if (!err_ok(err)) {
        (void)reserve_unmake(pool->reserve, &page->ram);
        return err;
    }
    pool->map[i / 64] |= 1ull << i % 64;
    pool->used++;
    page->address = (void *)(uintptr_t)(pool->base + (uint64_t)i * SHOAL_PAGE_SIZE);
    return OK;
}

err_t pool_take(struct pool *pool, struct pool_page *page)
{
    os_low_lock(LOW_POOL);
    const err_t err = take(pool, page);
    os_low_unlock(LOW_POOL);
    return err;
}

err_t pool_give(struct pool *pool, const struct pool_page *page)
{
    const unsigned i = (unsigned)(((uintptr_t)page->address - pool->base) / SHOAL_PAGE_SIZE);

    os_low_lock(LOW_POOL);
    OS_ASSERT(i < POOL_PAGES && pool->map[i / 64] >> i % 64 & 1);
    const err_t err = reserve_unmake(pool->reserve, &page->ram);    /* Frame and Mapping both */
    if (err_ok(err)) {
        pool->map[i / 64] &= ~(1ull << i % 64);
        pool->used--;
        pool->first_free = i < pool->first_free ? i : pool->first_free;
    }
    os_low_unlock(LOW_POOL);
    return err;
}

bool pool_low(const struct pool *pool)
{
    return ready_end(pool) < pool->used + POOL_AHEAD && ready_end(pool) < POOL_PAGES;
}

err_t pool_refill(struct pool *pool)
{
    err_t err = OK;

    os_low_lock(LOW_POOL);
    while (err_ok(err) && pool_low(pool)) {
        /* A block's table may lie in the CNode that is made first. */
        const bool cnode = pool->cnodes * POOL_CNODE_PAGES <= pool->blocks * POOL_BLOCK_PAGES;
        err = cnode ? make_cnode(pool) : make_block(pool);
    }
    os_low_unlock(LOW_POOL);
    return err;
}
