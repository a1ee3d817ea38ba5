/**
 * @file state.h  All that the memory server has, and who does what with it.
 *
 *   accounts.c  whose RAM is whose: numbers only
 *   grants.c    RAM to accounts and back: books, capabilities and scrubbing together
 *   scrub.c     RAM is zeroed before it is granted
 *   sessions.c  clients: their endpoints and rings
 *   wants.c     what the monitor is asked for: RAM of other cores, revocation there
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
    enum { WAIT_NOTHING, WAIT_TURN } wait;      /**< its kept request: for its turn, in the queue                     */
    uint32_t wish;                  /**< enum mem_wish, of the kept request                                           */
    uint64_t a, b;                  /**< WISH_RAM: bytes, align; WISH_REVOKE: base, bytes                             */
    err_t heard;                    /**< what the monitor said; OK for a request that has not waited                  */
    struct session *wait_next;
    struct ram_block endpoint_ram;  /**< chunk NULL: made by the maker of this process, and not used again            */
};

/** What the latest reply took along.  Whether it arrived shows when its slot is looked at, after it was sent. */
struct outgoing {
    enum { OUT_NOTHING, OUT_GRANT, OUT_SERVICE, OUT_ROOT } kind;
    cptr_t slot;
    uint64_t account, base, bytes;  /**< of a grant; base also of a root                                              */
    bool lent;                      /**< of a root                                                                    */
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
    struct { uint64_t base, bytes; } remote;    /**< grant for which take-back met E_REMOTE last                      */
    struct session *attendant;      /**< the monitor's, that attends; NULL: not yet                                   */
    bool borrows;                   /**< more RAM can be had                                                          */
    bool returning;                 /**< the monitor has been asked to return a root                                  */
    bool keeps;                     /**< that was refused: not again before more has come                             */
    struct session *asked;          /**< for whom the monitor is at work                                              */
    struct session *first_waiting, **last_waiting;
    struct session *retried;        /**< whose kept request is being served again                                     */
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

/** Take back the grant that the capability in @p slot stands for; the slot is empty afterwards, whatever happened, but for
 *  E_REMOTE (mem.remote says what it stands for).  @return E_MEM_GRANT, errors of revoke */
err_t grant_return(struct account *account, cptr_t slot);

/** The same, known by its place; nothing if the account has no such grant any more. */
err_t grant_return_at(struct account *account, uint64_t base, uint64_t bytes);

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

/* --- wants.c --- */

void wants_setup(void);

/** A request of @p s could not be served because of @p err.  If that is for want of RAM, and more can be had: @p bytes in one
 *  piece, aligned to @p align, are asked for.  @return E_RPC_LATER: the request is to be kept; else @p err */
err_t want_ram(struct session *s, err_t err, uint64_t bytes, uint64_t align);

/** The same if @p err is E_REMOTE: then mem.remote is revoked on all cores.  @return E_RPC_LATER; why that failed; else @p err */
err_t want_revoke(struct session *s, err_t err);

/** @p s asks for something else, or is closed. */
void wants_forget(struct session *s);

/** A new call of the monitor's, with the result of what it was asked last. */
void wants_heard(struct session *attendant, bool borrows, err_t result);

/** Answer it.  @return E_RPC_LATER: there is nothing to ask for */
err_t wants_next(uint64_t *wish, uint64_t *a, uint64_t *b, uint64_t *c);

/** Something may have to be asked for: if the monitor's call is kept, it is answered.  While nothing that is owed to a client
 *  holds a capability. */
void wants_tell(void);

/* --- ops.c --- */

void mem_request(struct rpc_session *session, struct rpc_message *message);

#endif
