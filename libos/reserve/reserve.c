/** @file reserve.c  Contracts in os/reserve.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <os/reserve.h>

static bool bit(const uint64_t *map, uint64_t i)
{
    return map[i / 64] >> i % 64 & 1;
}

/* The bits of [first, end) in the word that begins at bit @p word. */
static uint64_t mask_of(uint64_t word, uint64_t first, uint64_t end)
{
    const uint64_t low = first > word ? ~0ull << (first - word) : ~0ull;

    return end - word < 64 ? low & ~(~0ull << (end - word)) : low;
}

static void set_bits(uint64_t *map, uint64_t first, uint64_t count, bool value)
{
    for (uint64_t word = first & ~63ull; word < first + count; word += 64) {
        const uint64_t mask = mask_of(word, first, first + count);
        map[word / 64] = value ? map[word / 64] | mask : map[word / 64] & ~mask;
    }
}

static void link_chunk(struct reserve *r, struct reserve_chunk *c)
{
    struct reserve_chunk **const list = &r->partial[c->use];

    c->next = *list;
    c->link = list;
    if (c->next) {
        c->next->link = &c->next;
    }
    *list = c;
}

static void unlink_chunk(struct reserve_chunk *c)
{
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    c->link = NULL;
}

void reserve_init(struct reserve *r)
{
    *r = (struct reserve){ .low = RESERVE_LOW_BYTES / SHOAL_PAGE_SIZE };
}

void reserve_add(struct reserve *r, struct reserve_chunk *record, cptr_t ram, uint64_t ram_base, uint64_t offset,
                 uint64_t bytes)
{
    const uint64_t pages = bytes / SHOAL_PAGE_SIZE;

    OS_ASSERT(pages >= 1 && pages <= RESERVE_PAGES);
    *record = (struct reserve_chunk){
        .ram = ram, .offset = offset, .base = ram_base + offset, .pages = pages, .free = pages,
        .use = RESERVE_DATA,
    };
    set_bits(record->map, 0, pages, true);
    os_low_lock(LOW_RESERVE);
    link_chunk(r, record);
    r->free += pages;
    r->pages += pages;
    os_low_unlock(LOW_RESERVE);
}

static bool idle(const struct reserve_chunk *c)
{
    return c->whole && c->free == c->pages;
}

void reserve_add_whole(struct reserve *r, struct reserve_chunk *record, cptr_t ram, uint64_t ram_base, uint64_t bytes)
{
    reserve_add(r, record, ram, ram_base, 0, bytes);
    os_low_lock(LOW_RESERVE);
    record->whole = true;
    r->idle++;
    os_low_unlock(LOW_RESERVE);
}

struct reserve_chunk *reserve_drop(struct reserve *r, uint64_t most)
{
    os_low_lock(LOW_RESERVE);
    struct reserve_chunk *c = NULL;
    for (unsigned use = RESERVE_USES; use-- > 0 && !c && r->idle;) {
        c = r->partial[use];
        while (c && !(idle(c) && c->pages <= most)) {
            c = c->next;
        }
    }
    if (c) {
        unlink_chunk(c);
        r->idle--;
        r->layers -= c->use == RESERVE_LAYERS ? c->pages : 0;
        r->free -= c->pages;
        r->pages -= c->pages;
    }
    os_low_unlock(LOW_RESERVE);
    return c;
}

/* Free pages from @p at on, up to @p most or a few more. */
static uint64_t run_at(const struct reserve_chunk *c, uint64_t at, uint64_t most)
{
    uint64_t have = 0;

    while (have < most && at + have < c->pages) {
        const uint64_t bits = (at + have) % 64, rest = ~(c->map[(at + have) / 64] >> bits);
        const uint64_t run = rest ? (uint64_t)__builtin_ctzll(rest) : 64;
        have += run;
        if (run < 64 - bits) {
            break;
        }
    }
    return have;
}

/* The first run of @p pages free pages at a multiple of @p align pages of physical address. */
static bool find_run(const struct reserve_chunk *c, uint64_t pages, uint64_t align, uint64_t *first)
{
    const uint64_t skew = c->base / SHOAL_PAGE_SIZE;
    uint64_t at = -skew & (align - 1);

    while (at + pages <= c->pages) {
        const uint64_t bits = c->map[at / 64] >> at % 64;
        const uint64_t used = bits ? (uint64_t)__builtin_ctzll(bits) : 64 - at % 64;
        if (used == 0) {
            const uint64_t run = run_at(c, at, pages);
            if (run >= pages) {
                *first = at;
                return true;
            }
            at += run + 1;                          /* nothing that holds the page behind the run */
        } else {
            at += used;
        }
        at += -(skew + at) & (align - 1);
    }
    return false;
}

static bool take_from(struct reserve *r, struct reserve_chunk *c, uint64_t pages, uint64_t align,
                      struct ram_block *block)
{
    uint64_t first;

    if (c->free < pages || !find_run(c, pages, align, &first)) {
        return false;
    }
    set_bits(c->map, first, pages, false);
    r->idle -= idle(c);
    c->free -= pages;
    r->free -= pages;
    r->layers -= c->use == RESERVE_LAYERS ? pages : 0;
    if (c->free == 0) {
        unlink_chunk(c);
    }
    *block = (struct ram_block){ c, (uint32_t)first, (uint32_t)pages };
    return true;
}

static bool dedicate(struct reserve *r)
{
    struct reserve_chunk *c = r->partial[RESERVE_DATA];

    while (c && c->free < c->pages) {
        c = c->next;
    }
    if (c) {
        unlink_chunk(c);
        c->use = RESERVE_LAYERS;
        /* Last: as long as the others have pages, this one stays as free as it is. */
        struct reserve_chunk **end = &r->partial[RESERVE_LAYERS];
        while (*end) {
            end = &(*end)->next;
        }
        c->next = NULL;
        c->link = end;
        *end = c;
        r->layers += c->free;
    }
    return c != NULL;
}

bool reserve_dedicate(struct reserve *r)
{
    os_low_lock(LOW_RESERVE);
    const bool done = dedicate(r);
    os_low_unlock(LOW_RESERVE);
    return done;
}

static bool take_in(struct reserve *r, enum reserve_use use, uint64_t pages, uint64_t align, struct ram_block *block)
{
    for (struct reserve_chunk *c = r->partial[use]; c; c = c->next) {
        if (take_from(r, c, pages, align, block)) {
            return true;
        }
    }
    return false;
}

/* The layers take over a whole chunk rather than a page in one that the program has. */
static err_t take(struct reserve *r, uint64_t pages, uint64_t align, enum reserve_use use, struct ram_block *block)
{
    if (take_in(r, use, pages, align, block)) {
        return OK;
    }
    if (use == RESERVE_LAYERS && dedicate(r) && take_in(r, use, pages, align, block)) {
        return OK;
    }
    /* What the program gets from the layers' chunks would keep those: a page at a time only, when there is no other. */
    const bool may = use == RESERVE_LAYERS || !r->apart || pages == 1;
    return may && take_in(r, use == RESERVE_DATA ? RESERVE_LAYERS : RESERVE_DATA, pages, align, block)
               ? OK
               : ERR(E_RESERVE_NONE);
}

static err_t take_locked(struct reserve *r, uint64_t pages, uint64_t align, enum reserve_use use,
                         struct ram_block *block)
{
    REQUIRE(pages >= 1 && pages <= RESERVE_PAGES, E_RESERVE_NONE);
    os_low_lock(LOW_RESERVE);
    const err_t err = take(r, pages, align / SHOAL_PAGE_SIZE, use, block);
    os_low_unlock(LOW_RESERVE);
    return err;
}

err_t reserve_take(struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *block)
{
    return take_locked(r, pages, align, RESERVE_LAYERS, block);
}

err_t reserve_take_data(struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *block)
{
    return take_locked(r, pages, align, RESERVE_DATA, block);
}

static void give(struct reserve *r, const struct ram_block *block)
{
    struct reserve_chunk *const c = block->chunk;

    OS_ASSERT(!bit(c->map, block->first));
    set_bits(c->map, block->first, block->pages, true);
    set_bits(c->dirty, block->first, block->pages, true);
    if (c->free == 0) {
        link_chunk(r, c);
    }
    c->free += block->pages;
    r->free += block->pages;
    r->layers += c->use == RESERVE_LAYERS ? block->pages : 0;
    r->idle += idle(c);
}

void reserve_give(struct reserve *r, const struct ram_block *block)
{
    os_low_lock(LOW_RESERVE);
    give(r, block);
    os_low_unlock(LOW_RESERVE);
}

bool reserve_dirty(const struct ram_block *block)
{
    const uint64_t first = block->first, end = first + block->pages;

    for (uint64_t word = first & ~63ull; word < end; word += 64) {
        if (block->chunk->dirty[word / 64] & mask_of(word, first, end)) {
            return true;
        }
    }
    return false;
}

static uint64_t object_bytes(enum cap_type type, uint64_t size)
{
    static const uint16_t fixed[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space, bytes, parent) [number] = bytes,
#include <shoal/captypes.def>
#undef CAPTYPE
    };

    return type == CAP_L1CNODE ? SLOT_BYTES << size : fixed[type] ? fixed[type] : size;
}

static uint64_t block_offset(const struct ram_block *block)
{
    return block->chunk->offset + (uint64_t)block->first * SHOAL_PAGE_SIZE;
}

static err_t make(struct reserve *r, enum reserve_use use, enum cap_type type, uint64_t size, cptr_t dst_root,
                  cptr_t dst, struct ram_block *block)
{
    const uint64_t pages = (object_bytes(type, size) + SHOAL_PAGE_SIZE - 1) / SHOAL_PAGE_SIZE;
    struct ram_block b;

    /* A Frame may lie at any page; one that a block maps is made by reserve_take() with its own alignment. */
    TRY(take_locked(r, pages, SHOAL_PAGE_SIZE, use, &b));
    const err_t err = cap_retype(b.chunk->ram, type, block_offset(&b), size, 1, dst_root, dst);
    if (!err_ok(err)) {
        reserve_give(r, &b);
        return err;
    }
    *block = b;
    return OK;
}

err_t reserve_make(struct reserve *r, enum cap_type type, uint64_t size, cptr_t dst_root, cptr_t dst,
                   struct ram_block *block)
{
    return make(r, RESERVE_LAYERS, type, size, dst_root, dst, block);
}

err_t reserve_make_frame(struct reserve *r, uint64_t bytes, cptr_t dst, struct ram_block *block)
{
    return make(r, RESERVE_DATA, CAP_FRAME, bytes, CPTR_NULL, dst, block);
}

err_t reserve_unmake(struct reserve *r, const struct ram_block *block)
{
    TRY(cap_revoke(CPTR_NULL, block->chunk->ram, block_offset(block), (uint64_t)block->pages * SHOAL_PAGE_SIZE));
    reserve_give(r, block);
    return OK;
}
