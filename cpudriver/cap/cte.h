/**
 * @file cte.h  A capability slot: 64 bytes, the capability and its node in the mapping database.
 *
 * The range of a capability is base … base + bytes - 1 on one of four number lines ("spaces"); the space stands in the
 * top byte of base, so that one comparison orders both.  Space 0 is physical memory: there base is the address itself.
 */
#ifndef CAP_CTE_H
#define CAP_CTE_H

#include <arch/mem.h>
#include <shoal/cap.h>
#include <stdbool.h>
#include <stdint.h>

enum cap_space { SPACE_MEM = 0, SPACE_IRQ = 1, SPACE_ID = 2, SPACE_CORE = 3 };
#define SPACE_SHIFT   56
#define SPACE_BASE(s) ((uint64_t)(s) << SPACE_SHIFT)

/** Beside the type: the slot's object is being destroyed (a zombie), or the slot waits for its deletion to go on.  Such
 *  a slot is occupied, stays in the database under its type, and cannot be used for anything. */
#define CTE_DYING 0x80u

enum cte_flags {
    CTE_RECV = 1,      /**< Endpoint: the receive capability                                                          */
    CTE_WEAK = 2,      /**< Dispatcher: held by an Endpoint or Notify; does not keep the dispatcher alive              */
    CTE_ZOMBIE = 4,    /**< lies in its own object's first slot; on the dead list (word[1])                            */
    CTE_EMBEDDED = 8,  /**< lies in a kernel object or the KCB: deletion runs embed_lost() of `embed`                  */
    CTE_FOREIGN = 16,  /**< the object was made by the core `owner`, which is another one                              */
    CTE_WATCHED = 32,  /**< the monitor wants to know when no other capability of the object is left (cap/watch.h)     */
    CTE_HUSK = 64,     /**< RAM lent to the core `owner`: only holds the range (cap/husk.h)                            */
    CTE_LONELY = 128,  /**< watched, in the list of those of which that is so                                          */
};

/** Which embedded slot this is, for the hook that runs when it is deleted. */
enum cte_embed { EMBED_NONE, EMBED_DISP_CSPACE, EMBED_DISP_VSPACE, EMBED_DISP_FRAME, EMBED_DISP_FAULT,
                 EMBED_EP_DISP, EMBED_EP_RING, EMBED_NOTIFY_DISP, EMBED_IRQ_NOTIFY, EMBED_MONITOR, EMBED_PEER_FRAME, EMBED_PEER_L1 };

struct cte {
    _Alignas(SLOT_BYTES) uint8_t type; /**< enum cap_type, | CTE_DYING; 0: the slot is empty and all of it is zero                    */
    uint8_t rights;
    uint8_t flags;
    uint8_t owner;     /**< core that made the object                                                                 */
    int8_t balance;    /**< mdb: height of the right subtree less that of the left: -1, 0, 1                          */
    uint8_t gen;       /**< how often a capability of this very range and type was made from one another (RAM in RAM) */
    uint8_t embed;     /**< enum cte_embed                                                                            */
    uint8_t reserved_;
    uint64_t base;     /**< space << 56 | first address                                                               */
    uint64_t bytes;
    uint64_t word[2];  /**< by type, see below                                                                        */
    uint64_t link[2];  /**< mdb: left, right and parent as 42-bit slot numbers                                        */
    uint64_t max_end;  /**< mdb: largest base + bytes in this subtree                                                 */
};
/** A RemoteNotify's place on the number line of cores: behind KERNEL (core) and CORECONTROL (2^32). */
static inline uint64_t remote_notify_base(uint64_t core, uint64_t index)
{
    return SPACE_BASE(SPACE_CORE) | 1ull << 40 | core << 16 | index;
}

_Static_assert(sizeof(struct cte) == SLOT_BYTES, "a slot is 64 bytes");

/* word[] by type:
 *   Endpoint, send cap       [0] badge
 *   VNode_L0                 [0] ASID
 *   Mapping                  [0] mapping_word0: VNode, first entry, count, level   [1] address, ASID (cap/vnode.h)
 *   Dispatcher in a Notify   [0] event id
 *   Frame, DevFrame          none
 *   with CTE_LONELY          [0] the one before in the list, or 0   [1] the next one, or 0
 *   zombie                   [0] low half as above, high half: progress   [1] next zombie's slot number              */

/** *to = *from, by words: the compiler would call memcpy. */
static inline void cte_assign(struct cte *to, const struct cte *from)
{
    typedef uint64_t __attribute__((may_alias)) word_t;
    const word_t *const f = (const word_t *)from;
    word_t *const t = (word_t *)to;
    const word_t a = f[0], b = f[1], c = f[2], d = f[3], e = f[4], g = f[5], h = f[6], i = f[7];
    t[0] = a, t[1] = b, t[2] = c, t[3] = d, t[4] = e, t[5] = g, t[6] = h, t[7] = i;
}

static inline enum cap_type cte_type(const struct cte *c)
{
    return (enum cap_type)(c->type & ~CTE_DYING);
}

static inline bool cte_empty(const struct cte *c)
{
    return c->type == CAP_NULL;
}

/** The address without the space. */
static inline uint64_t cte_addr(const struct cte *c)
{
    return c->base & (SPACE_BASE(1) - 1);
}

/** The kernel object a capability of space 0 names. */
static inline void *cte_object(const struct cte *c)
{
    return phys_to_virt(c->base);
}

#endif
