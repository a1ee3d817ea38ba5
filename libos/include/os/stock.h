/**
 * @file stock.h  All that the layers below the heap draw on, and the one place where it is refilled.
 *
 * An operation that may take something calls stock_refill() first, with no low lock held, and then finds enough for one
 * step in its critical section; the largest step (one piece of a mapping) takes at most 3 page tables, 4 records and 8
 * slots.  Refilling takes from what is left, from the bottom upwards, and never calls itself: the
 * reserve's low mark covers all other refills together (a page table, two CNodes, a page per slab: 56 KiB).
 */
#ifndef OS_STOCK_H
#define OS_STOCK_H

#include <os/pool.h>
#include <os/reserve.h>
#include <os/slab.h>
#include <os/slots.h>

#define STOCK_SLABS      24u
#define STOCK_STEP_PAGES 4u                 /* that one step may take from the reserve */
#define STOCK_LAYERS_PAGES 16u              /* free pages in chunks of the layers, where they have chunks of their own */
#define STOCK_KEEP_PAGES 128u               /* that a trim leaves in the reserve, at least */

enum stock_work { STOCK_REFILL, STOCK_TRIM, STOCK_OBTAIN };

struct stock;
typedef err_t stock_elsewhere_fn(struct stock *stock, enum stock_work work, uint64_t bytes);

struct stock {
    struct reserve reserve;
    struct cspace cspace;
    struct pool pool;
    struct slab chunks;                     /**< struct reserve_chunk                                                 */
    struct slab cnodes;                     /**< struct slots_cnode                                                   */
    struct slots slots;
    struct {
        struct slab *slab;
        enum err_code name;                 /**< "refill … slab"                                                      */
    } slab[STOCK_SLABS];                    /**< all that stock_refill() fills                                        */
    unsigned slabs;
    bool refilling;                         /**< this same thread is in refill(), and has come back by ram_request()  */
    struct reserve_chunk first_chunk;
    cptr_t pending;                         /**< RAM that was given but could not be taken in yet, or CPTR_NULL       */
    uint64_t requests;                      /**< calls of ram_request()                                               */
    uint64_t chunk;                         /**< bytes that a refill of the reserve asks for: RESERVE_CHUNK_BYTES or more */
    uint64_t obtained;                      /**< bytes of RAM that came by ram_request(), less those given back       */
    /** For a program with threads: who refills, trims and obtains instead of the caller, who waits for it, or when it is the
     *  caller's turn to; NULL: the caller, at once. */
    stock_elsewhere_fn *elsewhere;
    /** Give a RAM capability that ram_request() got back to where it came from; NULL: all of it is kept.  Like ram_request() it
     *  may be an RPC.  @return an error: it is still the stock's */
    err_t (*ram_return)(cptr_t ram);
};

struct stock_config {
    cptr_t l1, dispatcher, root;            /**< own L1 CNode, Dispatcher, VNode_L0                                   */
    unsigned l1_log2, l1_used;              /**< entries of the L1 CNode; the first l1_used are taken                 */
    unsigned first_slot;                    /**< first free slot of the CNode in L1 entry 0                           */
    cptr_t ram;                             /**< untouched RAM with own, STOCK_RAM_MIN or more; used up to 2 MiB      */
    uint64_t ram_base, ram_bytes;
    uint64_t pool_base;                     /**< aligned GiB for the pool, with its entry of the root table to itself */
};

#define STOCK_RAM_MIN (128u * 1024)

/** Start from nothing.  @return E_ARG; errors of the layers */
err_t stock_init(struct stock *stock, const struct stock_config *config);

/** Let stock_refill() look after @p slab too; again: no effect, so that a set-up that failed further on can be repeated.
 * @return E_STOCK_SLABS; errors of its first refill, wrapped in @p name: it keeps what it has got, and is not looked after */
err_t stock_add_slab(struct stock *stock, struct slab *slab, enum err_code name);

/** Hand a RAM capability to the reserve: records come from the slab of chunks.  @p ram then belongs to the reserve.
 * @return E_CAP_TYPE no RAM, or without own; E_SLAB_EMPTY; errors of identify; nothing is changed then */
err_t stock_add_ram(struct stock *stock, cptr_t ram);

/** Bring everything above its mark.  No low lock held.  One ram_request() as a rule; a
 *  second one if the reserve has pages enough but no run of them for a CNode.
 * @return OK at once if nothing is low; errors of what could not be refilled, wrapped in its name.  What is in hand can
 *         be used all the same: an operation that gives memory back ignores the error. */
err_t stock_refill(struct stock *stock);

/** Give back what is free beyond what is kept: pages of slabs, CNodes; and whole RAM capabilities beyond STOCK_KEEP_PAGES,
 *  if the stock has a ram_return.  Errors of revoke and of ram_return. */
err_t stock_trim(struct stock *stock);

/** Get a run of so many bytes (a multiple of a page, at most 2 MiB), which the reserve does not have.  Another thread may be
 *  faster and take it.  @return errors of ram_request(); E_RESERVE_NONE somebody refills right now */
err_t stock_obtain(struct stock *stock, uint64_t bytes);

/** The same three, done here whatever `elsewhere` says: for whoever that is. */
err_t stock_refill_here(struct stock *stock);
err_t stock_trim_here(struct stock *stock);

/** stock_refill_here(), and so many bytes more (a multiple of a page) in one piece; of 2 MiB and more, at a multiple of it.
 *  Errors of ram_request() */
err_t stock_obtain_here(struct stock *stock, uint64_t bytes);

/** The one of these three that @p work says. */
err_t stock_work_here(struct stock *stock, enum stock_work work, uint64_t bytes);

#endif
