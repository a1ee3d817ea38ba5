/**
 * @file state.h  All that the memory server has, and who does what with it.
 *
 *   accounts.c  whose RAM is whose: numbers only
 *   grants.c    RAM to accounts and back: books, capabilities and scrubbing together
 *   scrub.c     RAM is zeroed before it is granted
 *   sessions.c  clients: their endpoints and rings
 *   ops.c       the calls of mem.if
 */
#ifndef MEM_STATE_H
#define MEM_STATE_H

#include "accounts.h"
#include <os/mm.h>
#include <os/rpc_lmp.h>
#include <os/vspace.h>

/** Addresses of the window through which RAM is zeroed: an entry of the root table, ours alone. */
#define SCRUB_WINDOW_BYTES (1ull << 39)
#define SCRUB_WINDOW       (VSPACE_POOL - SCRUB_WINDOW_BYTES)

#define SESSIONS_MAX  4032u
#define ACCOUNT_SESSIONS 8u         /**< of one account, so that nobody takes those of all others                     */
#define SESSION_EVENT 16u           /**< event id of the first that connect makes                                     */
#define EVENTS        (SESSION_EVENT + SESSIONS_MAX)

/** One client.  Its ring and slots are made once, and kept for the next that connects. */
struct session {
    struct rpc_session rpc;
    struct session *next;           /**< of those that nobody uses                                                    */
    uint64_t account;               /**< id; that of a destroyed account is refused                                   */
    bool manager;
    cptr_t endpoint;                /**< slot of the receive capability                                               */
    cptr_t ring_frame;
    struct ram_block endpoint_ram;  /**< chunk NULL: made by the maker of this process, and not used again            */
};

/** What the latest reply took along.  Whether it arrived shows when its slot is looked at, after it was sent. */
struct outgoing {
    enum { OUT_NOTHING, OUT_GRANT, OUT_SERVICE, OUT_ROOT } kind;
    cptr_t slot;
    uint64_t account, base, bytes;  /**< of a grant                                                                   */
};

struct mem {
    struct stock *stock;
    struct mm mm;
    struct accounts accounts;
    struct slab range_slab, root_slab, account_slab, session_slab;
    struct outgoing out;
    struct rpc_server server;
    struct rpc_session *events[EVENTS];
    struct session *unused;
    unsigned sessions;              /**< records made                                                                 */
    struct session first;           /**< of the process that started this one                                         */
};

/** The one state; zero until mem_setup(). */
extern struct mem mem;

/** Slabs, mm, accounts on @p stock.  Errors of the layers. */
err_t mem_setup(struct stock *stock);

/* --- grants.c --- */

/** RAM with zero content for @p account, in a slot of our own; it is mem.out until grant_settle().
 * @return E_MEM_SIZE, E_MEM_ALIGN, E_MEM_LIMIT, E_MEM_PROMISED, E_RAM_NONE, E_SLAB_EMPTY, E_SLOTS_NONE, errors of retype
 *         and map; nothing is changed then.  Cost: O(log n), and writing it once */
err_t grant_make(struct account *account, uint64_t bytes, uint64_t align, cptr_t *ram);

/** Take back the grant that the capability in @p slot stands for; the slot is empty afterwards, whatever happened.
 * @return E_MEM_GRANT, errors of revoke */
err_t grant_return(struct account *account, cptr_t slot);

/** Take back everything.  @return errors of revoke: then what is left is as before, and it can be called again.
 * Cost: O(n log n) and the revocations' */
err_t grant_return_all(struct account *account);

/** The latest reply has been sent, or could not be: what is still here is taken back. */
void grant_settle(void);

/* --- scrub.c --- */

/** Page tables of the window.  Errors of reserve, slots and map. */
err_t scrub_setup(struct stock *stock, cptr_t root);

/** Zero the memory of the RAM capability @p ram, [base, base + bytes), from which nothing is made, before or after.
 * Errors of retype, map and revoke. */
err_t scrub(cptr_t ram, uint64_t base, uint64_t bytes);

/* --- sessions.c --- */

/** Serve the endpoint that this process was started with as the first manager's. */
void session_first(struct account *account);

/** A session for @p account whose replies go to the endpoint in @p reply, a receive slot that is empty afterwards if it
 *  succeeds.  @p service: slot of the send capability; it is mem.out.
 * @return E_MEM_SESSIONS, E_MEM_ENDPOINT, errors of the layers; nothing is changed then */
err_t session_open(struct account *account, bool manager, cptr_t reply, cptr_t *service);

/** Close those of @p account, whoever holds capabilities to them.  Cost: O(sessions made), less if they are found early */
void sessions_end(const struct account *account);

/* --- ops.c --- */

void mem_request(struct rpc_session *session, struct rpc_message *message);

#endif
