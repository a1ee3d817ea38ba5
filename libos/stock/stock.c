/** @file stock.c  Contracts in os/stock.h. */
#include <os/bug.h>
#include <os/err.h>
#include <os/lowlock.h>
#include <os/stock.h>
#include <os/string.h>

/* What a refill still asks for when the memory server refuses a whole chunk: the process is near its limit. */
#define SMALL_CHUNK_BYTES RESERVE_LOW_BYTES

#define CHUNK_MOST        (RESERVE_PAGES * (uint64_t)SHOAL_PAGE_SIZE)

/* So many records, in a list.  All or none. */
static err_t take_records(struct stock *stock, uint64_t count, struct reserve_chunk **list)
{
    *list = NULL;
    while (count-- > 0) {
        struct reserve_chunk *c = slab_alloc(&stock->chunks);
        if (!c) {
            while ((c = *list)) {
                *list = c->next;
                slab_free(&stock->chunks, c);
            }
            return ERR(E_SLAB_EMPTY);
        }
        c->next = *list;
        *list = c;
    }
    return OK;
}

/* Cut [offset, bytes) of a RAM capability into chunks.  All or nothing. */
static err_t add_chunks(struct stock *stock, cptr_t ram, uint64_t base, uint64_t offset, uint64_t bytes)
{
    struct reserve_chunk *list;

    TRY(take_records(stock, (bytes - offset + CHUNK_MOST - 1) / CHUNK_MOST, &list));
    if (offset == 0 && bytes <= CHUNK_MOST) {
        reserve_add_whole(&stock->reserve, list, ram, base, bytes);
        return OK;
    }
    while (offset < bytes) {
        struct reserve_chunk *const c = list;
        const uint64_t part = bytes - offset < CHUNK_MOST ? bytes - offset : CHUNK_MOST;
        list = c->next;
        reserve_add(&stock->reserve, c, ram, base, offset, part);
        offset += part;
    }
    return OK;
}

err_t stock_add_ram(struct stock *stock, cptr_t ram)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, ram, &info));
    REQUIRE(info.type == CAP_RAM && info.rights & RIGHT_OWN, E_CAP_TYPE);
    return add_chunks(stock, ram, info.base, 0, info.bytes);
}

/* What was given and could not be taken in is kept for the next time: there is no way back. */
static err_t request(struct stock *stock, uint64_t bytes)
{
    OS_ASSERT(os_low_none());
    if (stock->pending == CPTR_NULL) {
        REQUIRE(stock->chunks.free > 0, E_SLAB_EMPTY);
        stock->requests++;
        TRY(ram_request(bytes, &stock->pending));
        stock->obtained += bytes;
    }
    TRY(stock_add_ram(stock, stock->pending));
    stock->pending = CPTR_NULL;
    return OK;
}

/* Where RAM is given back, the layers have chunks of their own.  It is no error if not: then they share. */
static void refill_apart(struct stock *stock)
{
    if (stock->ram_return && stock->reserve.layers < STOCK_LAYERS_PAGES && !reserve_dedicate(&stock->reserve) &&
        err_ok(request(stock, RESERVE_CHUNK_BYTES))) {
        (void)reserve_dedicate(&stock->reserve);
    }
}

static err_t refill_reserve(struct stock *stock)
{
    if (!reserve_low(&stock->reserve)) {
        return OK;
    }
    err_t err = request(stock, stock->chunk);
    if (!err_ok(err) && stock->chunk > RESERVE_CHUNK_BYTES) {
        err = request(stock, RESERVE_CHUNK_BYTES);
    }
    if (!err_ok(err)) {
        err = request(stock, SMALL_CHUNK_BYTES);
    }
    return err_wrap(err, E_REFILL_RESERVE);
}

/* Far ahead, so it is no error if it does not work this time: while an entry is free, nobody needs it. */
static void grow_cspace(struct stock *stock)
{
    cptr_t spare;

    if (!cspace_low(&stock->cspace) || !err_ok(slots_alloc(&stock->slots, &spare))) {
        return;
    }
    err_t err = cspace_grow(&stock->cspace, &stock->reserve, spare);
    if (err_root(err) == E_RESERVE_NONE) {
        const uint64_t bytes = cspace_grow_bytes(&stock->cspace);
        err = request(stock, bytes > RESERVE_CHUNK_BYTES ? bytes : RESERVE_CHUNK_BYTES);
        if (err_ok(err)) {
            err = cspace_grow(&stock->cspace, &stock->reserve, spare);
        }
    }
    slots_free(&stock->slots, spare);
}

/* Keep the first error.  If a layer found the reserve empty, what kept the reserve empty is the cause. */
static void note(err_t *first, err_t reserve, err_t err, enum err_code name)
{
    if (err_ok(err)) {
        return;
    }
    if (err_root(err) == E_RESERVE_NONE && !err_ok(reserve)) {
        *first = err_wrap(ERR(err_root(reserve)), name);
    } else if (err_ok(*first)) {
        *first = err_wrap(err, name);
    }
}

/* What is made of the reserve.  @p reserve: why it could not be refilled, if so. */
static err_t refill_layers(struct stock *stock, err_t reserve)
{
    err_t first = reserve;

    if (pool_low(&stock->pool)) {
        note(&first, reserve, pool_refill(&stock->pool), E_REFILL_POOL);
    }
    for (unsigned i = 0; i < stock->slabs; i++) {
        if (slab_low(stock->slab[i].slab)) {
            note(&first, reserve, slab_refill(stock->slab[i].slab), stock->slab[i].name);
        }
    }
    grow_cspace(stock);
    if (slots_low(&stock->slots)) {
        note(&first, reserve, slots_refill(&stock->slots), E_REFILL_SLOTS);
    }
    return first;
}

static err_t refill(struct stock *stock)
{
    refill_apart(stock);
    err_t reserve = refill_reserve(stock);
    err_t err = refill_layers(stock, reserve);

    if (err_root(err) == E_RESERVE_NONE && err_ok(reserve)) {
        /* There are pages enough, but no run of them that holds a CNode. */
        reserve = err_wrap(request(stock, RESERVE_CHUNK_BYTES), E_REFILL_RESERVE);
        err = refill_layers(stock, reserve);
    }
    if (err_ok(err)) {
        /* What was just taken from it.  There is no more, but enough for one step: the next call reports it. */
        reserve = refill_reserve(stock);
        err = stock->reserve.free >= STOCK_STEP_PAGES ? OK : reserve;
    }
    return err;
}

static bool anything_low(const struct stock *stock)
{
    if (reserve_low(&stock->reserve) || pool_low(&stock->pool) || slots_low(&stock->slots)) {
        return true;
    }
    for (unsigned i = 0; i < stock->slabs; i++) {
        if (slab_low(stock->slab[i].slab)) {
            return true;
        }
    }
    return false;
}

err_t stock_refill(struct stock *stock)
{
    if (stock->elsewhere) {
        return anything_low(stock) ? stock->elsewhere(stock, STOCK_REFILL, 0) : OK;
    }
    return stock_refill_here(stock);
}

err_t stock_obtain(struct stock *stock, uint64_t bytes)
{
    if (stock->elsewhere) {
        return stock->elsewhere(stock, STOCK_OBTAIN, bytes);
    }
    REQUIRE(!stock->refilling, E_RESERVE_NONE);
    stock->refilling = true;
    const err_t err = request(stock, bytes);
    stock->refilling = false;
    return err;
}

err_t stock_obtain_here(struct stock *stock, uint64_t bytes)
{
    TRY(stock_refill_here(stock));
    return request(stock, bytes);
}

err_t stock_refill_here(struct stock *stock)
{
    /* Called again from ram_request(): its program is its own memory server, and lives on what is kept.  No other thread
     * comes here meanwhile: see stock.elsewhere. */
    if (stock->refilling || !anything_low(stock)) {
        return OK;
    }
    stock->refilling = true;
    const err_t err = refill(stock);
    stock->refilling = false;
    return err;
}

static bool anything_fat(const struct stock *stock)
{
    for (unsigned i = 0; i < stock->slabs; i++) {
        if (slab_fat(stock->slab[i].slab)) {
            return true;
        }
    }
    return slots_fat(&stock->slots) ||
           (stock->ram_return && stock->reserve.idle > 0 && stock->reserve.free > STOCK_KEEP_PAGES);
}

/* Refused, it is in hand as before. */
static err_t return_ram(struct stock *stock)
{
    struct reserve *const r = &stock->reserve;
    struct reserve_chunk *c;

    while (r->idle > 0 && r->free > STOCK_KEEP_PAGES && (c = reserve_drop(r, r->free - STOCK_KEEP_PAGES))) {
        const err_t err = stock->ram_return(c->ram);
        const struct reserve_chunk was = *c;
        if (!err_ok(err)) {
            reserve_add_whole(r, c, was.ram, was.base, was.pages * SHOAL_PAGE_SIZE);
            memset(c->dirty, 0xff, sizeof(c->dirty));
            return err;
        }
        stock->obtained -= was.pages * SHOAL_PAGE_SIZE;
        slab_free(&stock->chunks, c);
    }
    return OK;
}

err_t stock_trim(struct stock *stock)
{
    if (stock->elsewhere) {
        return anything_fat(stock) ? stock->elsewhere(stock, STOCK_TRIM, 0) : OK;
    }
    return stock_trim_here(stock);
}

err_t stock_trim_here(struct stock *stock)
{
    if (!anything_fat(stock)) {
        return OK;
    }
    TRY(slots_trim(&stock->slots));         /* first: it frees records */
    for (unsigned i = 0; i < stock->slabs; i++) {
        TRY(slab_trim(stock->slab[i].slab));
    }
    if (stock->ram_return && !stock->refilling) {
        TRY(return_ram(stock));
    }
    return OK;
}

err_t stock_work_here(struct stock *stock, enum stock_work work, uint64_t bytes)
{
    switch (work) {
    case STOCK_REFILL:
        return stock_refill_here(stock);
    case STOCK_TRIM:
        return stock_trim_here(stock);
    default:
        return stock_obtain_here(stock, bytes);
    }
}

err_t stock_add_slab(struct stock *stock, struct slab *slab, enum err_code name)
{
    for (unsigned i = 0; i < stock->slabs; i++) {
        if (stock->slab[i].slab == slab) {
            return OK;
        }
    }
    REQUIRE(stock->slabs < STOCK_SLABS, E_STOCK_SLABS);
    const err_t err = slab_refill(slab);
    if (!err_ok(err)) {
        return err_wrap(err, name);
    }
    stock->slab[stock->slabs].slab = slab;
    stock->slab[stock->slabs++].name = name;
    return OK;
}

err_t stock_init(struct stock *stock, const struct stock_config *config)
{
    const uint64_t first = config->ram_bytes < CHUNK_MOST ? config->ram_bytes : CHUNK_MOST;

    REQUIRE(config->ram_bytes >= STOCK_RAM_MIN && config->ram_bytes % SHOAL_PAGE_SIZE == 0, E_ARG);
    /* Each layer clears what is its own; the pool alone has some 5 KiB. */
    stock->slabs = 0;
    stock->refilling = false;
    stock->pending = CPTR_NULL;
    stock->requests = 0;
    stock->obtained = 0;
    stock->chunk = RESERVE_CHUNK_BYTES;
    stock->elsewhere = NULL;
    stock->ram_return = NULL;
    cspace_init(&stock->cspace, config->l1, config->dispatcher, config->l1_log2, config->l1_used);
    reserve_init(&stock->reserve);
    reserve_add(&stock->reserve, &stock->first_chunk, config->ram, config->ram_base, 0, first);
    TRY(pool_init(&stock->pool, config->root, &stock->reserve, &stock->cspace, config->pool_base));
    slab_init(&stock->chunks, sizeof(struct reserve_chunk), &stock->pool, SLAB_KEEP);
    slab_init(&stock->cnodes, sizeof(struct slots_cnode), &stock->pool, SLAB_KEEP);
    slots_init(&stock->slots, &stock->cnodes, &stock->cspace, &stock->reserve);
    TRY(stock_add_slab(stock, &stock->chunks, E_REFILL_CHUNKS));
    TRY(stock_add_slab(stock, &stock->cnodes, E_REFILL_CNODES));
    TRY(slots_adopt(&stock->slots, 0, config->first_slot));
    stock->chunks.keep += config->ram_bytes / CHUNK_MOST;
    const err_t err = slab_refill(&stock->chunks);
    stock->chunks.keep = SLAB_KEEP;
    TRY(err);
    TRY(add_chunks(stock, config->ram, config->ram_base, first, config->ram_bytes));
    return stock_refill(stock);
}
