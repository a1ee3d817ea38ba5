/** @file slab.c  Contracts in os/slab.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <os/slab.h>

/* At the beginning of each page.  A page with a free object is in one list; a full one is in none (link NULL). */
struct slab_page {
    struct slab_page *next, **link;
    void *free;                     /* free objects, each holding the address of the next */
    uint32_t used, capacity;
    struct pool_page pool;          /* address NULL: of slab_seed(), never given back */
};

#define HEADER_BYTES 64u
_Static_assert(sizeof(struct slab_page) <= HEADER_BYTES, "objects begin behind the header");

static void link_page(struct slab_page **list, struct slab_page *page)
{
    page->next = *list;
    page->link = list;
    if (page->next) {
        page->next->link = &page->next;
    }
    *list = page;
}

static void unlink_page(struct slab_page *page)
{
    *page->link = page->next;
    if (page->next) {
        page->next->link = page->link;
    }
    page->link = NULL;
}

static bool can_return(const struct slab_page *page)
{
    return page->used == 0 && page->pool.address;
}

/* Into the list it belongs to now. */
static void file_page(struct slab *slab, struct slab_page *page)
{
    if (can_return(page)) {
        slab->empty_pages++;
        link_page(&slab->empty, page);
    } else if (page->free) {
        link_page(&slab->partial, page);
    }
}

static void take_out_page(struct slab *slab, struct slab_page *page)
{
    if (page->link) {
        unlink_page(page);
        slab->empty_pages -= can_return(page);
    }
}

static uint32_t capacity(const struct slab *slab)
{
    return (uint32_t)((SHOAL_PAGE_SIZE - HEADER_BYTES) / slab->object_bytes);
}

void slab_init(struct slab *slab, size_t object_bytes, struct pool *pool, uint64_t keep)
{
    *slab = (struct slab){ .object_bytes = (object_bytes + 15) & ~(size_t)15, .pool = pool, .keep = keep };
    OS_ASSERT(object_bytes > 0 && capacity(slab) >= 2);
}

static void add_page(struct slab *slab, void *memory, const struct pool_page *pool)
{
    struct slab_page *const page = memory;

    *page = (struct slab_page){ .capacity = capacity(slab) };
    if (pool) {
        page->pool = *pool;
    }
    for (uint32_t i = page->capacity; i-- > 0;) {
        void **const object = (void **)((char *)memory + HEADER_BYTES + i * slab->object_bytes);
        *object = page->free;
        page->free = object;
    }
    os_low_lock(LOW_SLAB);
    slab->free += page->capacity;
    slab->pages++;
    file_page(slab, page);
    os_low_unlock(LOW_SLAB);
}

void *slab_alloc(struct slab *slab)
{
    os_low_lock(LOW_SLAB);
    struct slab_page *const page = slab->partial ? slab->partial : slab->empty;
    void **object = NULL;

    if (page) {
        object = page->free;
        if (page->used == 0 || !*object) {
            take_out_page(slab, page);      /* it will be in the other list, or in none */
            page->free = *object;
            page->used++;
            file_page(slab, page);
        } else {
            page->free = *object;
            page->used++;
        }
        slab->used++;
        slab->free--;
    }
    os_low_unlock(LOW_SLAB);
    return object;
}

void slab_free(struct slab *slab, void *object)
{
    struct slab_page *const page = (struct slab_page *)((uintptr_t)object & ~(uintptr_t)(SHOAL_PAGE_SIZE - 1));

    os_low_lock(LOW_SLAB);
    OS_ASSERT(page->used > 0 && page->capacity == capacity(slab));
    const bool refile = page->used == 1 || !page->free;
    if (refile) {
        take_out_page(slab, page);
    }
    *(void **)object = page->free;
    page->free = object;
    page->used--;
    if (refile) {
        file_page(slab, page);
    }
    slab->used--;
    slab->free++;
    os_low_unlock(LOW_SLAB);
}

bool slab_low(const struct slab *slab)
{
    return slab->free < slab->keep;
}

err_t slab_refill(struct slab *slab)
{
    while (slab_low(slab)) {
        struct pool_page page;
        REQUIRE(slab->pool, E_SLAB_EMPTY);
        TRY(pool_take(slab->pool, &page));
        add_page(slab, page.address, &page);
    }
    return OK;
}

bool slab_fat(const struct slab *slab)
{
    return slab->empty_pages >= 2 && slab->free >= slab->keep + capacity(slab);
}

err_t slab_trim(struct slab *slab)
{
    while (slab_fat(slab)) {
        os_low_lock(LOW_SLAB);
        struct slab_page *const page = slab->empty;
        take_out_page(slab, page);
        slab->free -= page->capacity;
        slab->pages--;
        os_low_unlock(LOW_SLAB);

        const struct pool_page pool = page->pool;   /* with the page goes its header */
        const err_t err = pool_give(slab->pool, &pool);
        if (!err_ok(err)) {
            os_low_lock(LOW_SLAB);
            slab->free += page->capacity;
            slab->pages++;
            file_page(slab, page);
            os_low_unlock(LOW_SLAB);
            return err;
        }
    }
    return OK;
}

void slab_seed(struct slab *slab, void *memory, size_t bytes)
{
    for (size_t at = 0; at + SHOAL_PAGE_SIZE <= bytes; at += SHOAL_PAGE_SIZE) {
        add_page(slab, (char *)memory + at, NULL);
    }
}
