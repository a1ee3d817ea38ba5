/**
 * @file slab.h  Objects of one size, in pages of the pool.
 *
 * slab_alloc() and slab_free() never leave the process and never grow anything: growing is slab_refill(), which its
 * caller runs before the slab is empty and outside critical sections (stock_refill() does).  A page that is empty goes
 * back to the pool by slab_trim().
 */
#ifndef OS_SLAB_H
#define OS_SLAB_H

#include <os/pool.h>
#include <stddef.h>

#define SLAB_KEEP 8u                /* objects a slab keeps free, unless its owner says otherwise                     */

struct slab_page;                   /* lies at the beginning of each page                                             */

struct slab {
    struct slab_page *partial;      /**< pages with a free object and one in use                                      */
    struct slab_page *empty;        /**< pages that can be given back                                                 */
    size_t object_bytes;            /**< rounded up to 16                                                             */
    struct pool *pool;              /**< NULL: grows by slab_seed() only                                              */
    uint64_t keep;
    uint64_t used, free;            /**< objects                                                                      */
    uint64_t pages, empty_pages;
};

/** @p object_bytes: 1 to 2016.  @p pool is borrowed, and may be NULL. */
void slab_init(struct slab *slab, size_t object_bytes, struct pool *pool, uint64_t keep);

/** An object with undefined content, or NULL if none is free.  Cost: O(1). */
void *slab_alloc(struct slab *slab);

/** Give @p object back.  Cost: O(1). */
void slab_free(struct slab *slab, void *object);

/** Fewer than `keep` are free. */
bool slab_low(const struct slab *slab);

/** Take pages until `keep` are free.  @return E_SLAB_EMPTY it has no pool; the errors of pool_take() */
err_t slab_refill(struct slab *slab);

/** Two pages or more are empty, and one of them is not needed for `keep`: slab_trim() would do something. */
bool slab_fat(const struct slab *slab);

/** Give empty pages back to the pool until the slab is not fat.  @return the error of the pool_give() that did not work;
 *  that page is still the slab's */
err_t slab_trim(struct slab *slab);

/** Grow by memory of the caller's that is never given back: @p bytes from @p memory on, both multiples of a page. */
void slab_seed(struct slab *slab, void *memory, size_t bytes);

#endif
