/**
 * @file capops.h  Capabilities across cores: the monitors' share (docs/cores.md, "Capabilities that cross").
 *
 * One struct capops per core.  It is driven by events (messages of other cores' monitors, requests of this core's processes, the
 * kernel's "lonely" signal) and by capops_step(); no call waits, no call allocates but from the slabs it is given.  It
 * knows the outside by three tables of functions: its kernel, the channels to the other monitors, and whom it tells.
 *
 * Words: the *owner* of an object is the core whose kernel made it, for life.  The owner's monitor keeps an *anchor*, a
 * capability of each object that it exported; the monitor of each core that holds copies keeps one there, the *tally*.
 * An object has a record (struct capops_object) exactly while this core has its anchor or tally.
 *
 * C1  The owner's set of an object holds every core that has a copy, or to which an import is under way.
 * C2  Each side has at most CAPOPS_WINDOW requests under way at a peer, and each request has one answer: so a ring of
 *     2 * CAPOPS_WINDOW messages in each direction always has room for an answer.
 * C3  Only owners wait, only for holders; a holder's part of any operation waits for nobody.  So nothing can lock up.
 * C4  While purges of a range are under way nothing in it is exported, whatever became of the kernel's entry.
 *
 * The channel from one monitor to another is one FIFO: requests and answers arrive in the order in which they were sent.
 */
#ifndef CAPOPS_H
#define CAPOPS_H

#include <os/caps.h>
#include <os/slab.h>

#define CAPOPS_CORES_MAX 64u    /**< cores of a machine                                                               */
#define CAPOPS_WINDOW    4u     /**< requests under way at one peer                                                   */
#define CAPOPS_NOBODY    UINT64_MAX
#define CAPOPS_REVOKES   16u    /**< at a time: the kernel has room for twice that, so a purge never waits for one    */

/* ---- messages ------------------------------------------------------------------------------------------------------ */

/** Requests, rpcs of idl/if/intermon.if.  Which words each has stands there. */
enum capops_request_kind {
    CAPOPS_FORWARD, CAPOPS_IMPORT, CAPOPS_DROPPED, CAPOPS_PURGE, CAPOPS_LEND, CAPOPS_RETURN, CAPOPS_RECALL, CAPOPS_LEAVING,
    CAPOPS_GONE
};

struct capops_request {
    enum capops_request_kind kind;
    uint64_t id;                /**< comes back in the answer                                                         */
    uint64_t type, base, bytes; /**< the object, or range.  LEND, RETURN: no type.  RECALL: bytes only                */
    uint64_t rights;            /**< FORWARD, IMPORT                                                                  */
    uint64_t core;              /**< FORWARD: to which; GONE: which                                                   */
    uint64_t count;             /**< IMPORT, DROPPED.  An ID, which has no owner to count: the core that made it      */
    uint64_t conn;              /**< FORWARD, IMPORT: who gets it, by a number of the target core's monitor           */
    bool off;                   /**< GONE: it is proved off                                                           */
};

struct capops_answer {
    uint64_t id;
    uint64_t err;               /**< enum err_code                                                                    */
    bool holds;                 /**< IMPORT: this core has a copy of the object, from this import or before           */
};

/* ---- the outside --------------------------------------------------------------------------------------------------- */

/** Operations of this core's kernel and CSpace.  Those that are in os/caps.h have its errors (docs/abi-monitor.md).  All
 *  slots are slots of the monitor's own CSpace. */
struct capops_kernel {
    err_t (*slot_alloc)(void *context, cptr_t *slot);           /**< empty.  Any error: there is none                 */
    void (*slot_free)(void *context, cptr_t slot);              /**< empty                                            */
    err_t (*identify)(void *context, cptr_t slot, struct cap_name *name, uint64_t *rights);
    err_t (*copy)(void *context, cptr_t dst, cptr_t src, uint64_t rights);
    void (*remove)(void *context, cptr_t slot);                 /**< cap_delete(); an empty slot stays empty          */
    err_t (*make_foreign)(void *context, const struct cap_name *name, uint64_t rights, cptr_t dst);
    err_t (*remote_notify)(void *context, uint64_t core, uint64_t index, cptr_t dst);
    err_t (*make_root)(void *context, uint64_t base, uint64_t bytes, cptr_t dst);
    err_t (*watch)(void *context, cptr_t slot, bool on);
    err_t (*lonely)(void *context, struct cap_name *name);
    err_t (*revoke_begin)(void *context, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t *handle);
    err_t (*purge_begin)(void *context, const struct cap_name *name, uint64_t *handle);
    err_t (*sweep)(void *context, uint64_t handle);             /**< one step                                         */
    err_t (*sweep_left)(void *context, uint64_t handle, uint64_t *position, struct cap_name *name, bool *husk);
    err_t (*sweep_end)(void *context, uint64_t handle);
    err_t (*to_husk)(void *context, cptr_t ram, uint64_t core, uint64_t *husk);
    err_t (*from_husk)(void *context, uint64_t husk, cptr_t dst);
    err_t (*drop_husk)(void *context, uint64_t husk);
    /** Let @p core signal the Notify in @p notify: copy it to an index of the CSpace of kernel_connect() that is not in
     *  use.  Any error: no index is free, or no such CSpace. */
    err_t (*publish)(void *context, uint64_t core, cptr_t notify, uint64_t *index);
    void (*withdraw)(void *context, uint64_t core, uint64_t index);     /**< and its slot is free again               */
    err_t (*irq_target)(void *context, cptr_t irq, uint64_t core);      /**< from now on it is delivered there        */
};

/** Channels to the other cores' monitors. */
struct capops_net {
    /** Somebody wants a channel with @p core: capops_connected() or capops_unconnected() is called later, not from here.  The boot
     *  core has to be asked: it knows which cores are off, leave, or are in quarantine, and a core that was started after them
     *  does not. */
    void (*open)(void *context, uint64_t core);
    /** Send.  There is room (C2).  What is sent to a core that does not run any more is dropped. */
    void (*request)(void *context, uint64_t core, const struct capops_request *request);
    void (*answer)(void *context, uint64_t core, const struct capops_answer *answer);
    /** Nothing that comes from @p core is wanted from now on, not even what has arrived and was not delivered yet. */
    void (*close)(void *context, uint64_t core);
};

/** Whom the results go to.  These may call back in, but for capops_step() and what delivers messages. */
struct capops_events {
    /** The operation that was begun with @p cookie has ended. */
    void (*completed)(void *context, uint64_t cookie, err_t err);
    /** A capability for @p conn, sent by a process of another core (@p core: whose monitor delivers it).  OK: @p slot and what is
     *  in it belong to the callee, who gives the slot back to its allocator; by then it may have been revoked and be
     *  empty.  An error: capops deletes it, and the sender hears the error. */
    err_t (*arrived)(void *context, uint64_t core, uint64_t conn, cptr_t slot);
    /** A unit of RAM of the boot core's.  OK: it belongs to the callee, the slot too.  An error: it goes back. */
    err_t (*lent)(void *context, cptr_t slot, uint64_t base, uint64_t bytes);
    /** On the boot core: @p core gave this unit back, or is gone.  It belongs to the callee, the slot too, and holds what the
     *  borrower left there. */
    void (*returned)(void *context, uint64_t core, cptr_t slot, uint64_t base, uint64_t bytes);
    /** The boot core asks for so much of what it lent: advice, capops_return() as soon as something is unused. */
    void (*recalled)(void *context, uint64_t bytes);
    /** @p core leaves, nothing of it is left here, and it has been told so.  The boot core waits until it is off, then calls
     *  capops_core_off(); the others may forget the channel, but not use its memory for anything else before that. */
    void (*leaving)(void *context, uint64_t core);
};

/* ---- state --------------------------------------------------------------------------------------------------------- */

struct capops_job;

/** What this core has the anchor (owner: this core) or tally (another one) of.  Of one owner and number line the
 *  ranges are disjoint, for objects that travel do not lie in one another. */
struct capops_object {
    struct capops_object *left, *right, *parent;    /**< tree by (owner, line, base)                                  */
    uint32_t weight;            /**< the tree is a heap by it                                                         */
    uint32_t latest;            /**< tally: count of the last import that arrived                                     */
    struct cap_name name;
    cptr_t slot;                /**< anchor or tally                                                                  */
    uint64_t rights;            /**< of the anchor                                                                    */
    struct capops_object *drop_next, *drop_prev;    /**< tally: in its owner's list of those that are alone           */
    bool alone;
    struct capops_object *of;   /**< not an object: the name by which a core knows this Notify                        */
    uint64_t cores;             /**< anchor: the set                                                                  */
    struct capops_export {
        uint32_t count;         /**< imports ever sent there, since it joined the set                                 */
        uint32_t index;         /**< Notify: by which it is signalled from there                                      */
    } to[];                     /**< anchor: by core.  A tally has none                                               */
};

/** RAM that was lent (boot core), or is on its way back (borrower). */
struct capops_loan {
    struct capops_loan *next;
    uint64_t core, base, bytes, husk;
};

enum capops_peer_state {
    CAPOPS_NONE,                /**< no channel                                                                       */
    CAPOPS_OPENING,
    CAPOPS_UP,
    CAPOPS_LEFT,                /**< it leaves.  The boot core still tells it what becomes of others, until it is off   */
    CAPOPS_OFF,                 /**< gone, and off: what it had is being cleared up                                   */
    CAPOPS_QUARANTINED,         /**< gone, and not proved off: may still write to what it had                         */
};

/** One operation: of this core's (from the slab, or, what must be possible even when all others wait, from its own place), or a
 *  request of a peer's that is not answered yet (the peer's array). */
struct capops_job {
    struct capops_job *next, *prev;     /**< in the list of all, oldest first                                         */
    uint8_t kind, state;                /**< job.h                                                                    */
    bool ours;                          /**< this core's: completed() tells its end                                   */
    bool pooled;                        /**< its record is the slab's                                                 */
    bool orphan;                        /**< nobody wants its answer any more                                         */
    bool runnable;                      /**< capops_step() can go on with it                                          */
    bool lent, quarantined;             /**< revoke: a part stays;  gone: blocked                                     */
    uint64_t cookie;
    uint64_t from, id;                  /**< a peer's: who asked, and its id; CAPOPS_NOBODY: the record is free       */
    uint64_t err;
    uint64_t todo, out;                 /**< cores to ask; cores that have not answered                               */
    struct cap_name name;               /**< object, or range                                                         */
    uint64_t rights, to, conn, count;
    cptr_t slot;                        /**< send: a copy that is held until it goes out; CPTR_NULL: none             */
    uint64_t handle, position;          /**< of a sweep, or a walk                                                    */
    uint64_t lo, hi;                    /**< revoke: from the first anchor to the end of the last                     */
    uint64_t ranged;                    /**< revoke: cores that the range is to be purged at                          */
    struct capops_loan *loan;
};

/** A request under way at a peer. */
struct capops_sent {
    struct capops_job *job;             /**< NULL: nobody waits for the answer                                        */
    uint64_t id;                        /**< 0: none is under way                                                     */
    enum capops_request_kind kind;
    uint64_t base;                      /**< purge of a Notify: its address                                           */
};

struct capops_peer {
    uint8_t state;                      /**< enum capops_peer_state                                                   */
    bool tally_next;                    /**< whose turn it is: jobs and tallies take turns                            */
    uint64_t under_way, latest_id;
    struct capops_sent sent[CAPOPS_WINDOW];
    struct capops_job forward[CAPOPS_WINDOW], job[CAPOPS_WINDOW];   /**< its requests here: C2 bounds them            */
    struct capops_job gone;             /**< that it has died                                                         */
    struct capops_object *drop_first, *drop_last;   /**< tallies of its objects that are alone                        */
};

struct capops_config {
    void *context;                      /**< of all functions of the tables                                           */
    const struct capops_kernel *kernel;
    const struct capops_net *net;
    const struct capops_events *events;
    uint64_t core, cores, boot;         /**< this one; how many there are (to CAPOPS_CORES_MAX); the boot core        */
    struct slab *anchors;               /**< of capops_anchor_bytes()                                                 */
    struct slab *tallies;               /**< of sizeof(struct capops_object): also one for each core that has a Notify */
    struct slab *jobs;                  /**< of sizeof(struct capops_job): operations that this core begins           */
    struct slab *loans;                 /**< of sizeof(struct capops_loan)                                            */
    struct capops_peer *peers;          /**< [cores], all zero                                                        */
};

struct capops {
    struct capops_config config;
    struct capops_object *objects;      /**< root of the tree                                                         */
    struct capops_job *first, *last;    /**< all jobs                                                                 */
    struct capops_job *cursor;          /**< whose turn it is in capops_step()                                        */
    struct capops_job *sweeping;        /**< the purge that is being swept; one at a time                             */
    struct capops_job leave;
    struct capops_loan *loans;
    uint64_t pump;                      /**< cores that something may be sent to                                      */
    uint64_t revokes;                   /**< under way                                                                */
    uint32_t random;                    /**< for weights                                                              */
    bool refusing, left;                /**< about to stop; has said so                                               */
};

/* ---- operations ---------------------------------------------------------------------------------------------------- */

/** Bytes of an anchor's record. */
static inline uint64_t capops_anchor_bytes(uint64_t cores)
{
    return sizeof(struct capops_object) + cores * sizeof(struct capops_export);
}

void capops_init(struct capops *co, const struct capops_config *config);

/** One bounded part of what can be done without waiting: call it again as long as it says true, other events between two
 *  calls as they come.  Every other call here may make work for it. */
bool capops_step(struct capops *co);

/** Send a copy of what is in @p slot, which stays the caller's, to the receiver @p conn on @p core, with @p rights of those it
 *  has (never *own*).  completed(@p cookie) tells the end, not before this returns: OK it was handed over; E_REVOKED, E_GONE the
 *  object, or the target, went meanwhile; E_LEAVING the target or the owner is about to stop; E_IRQ_ELSEWHERE; the errors of the
 *  receiver.
 * @return E_CAP_LOCAL what this is stays on its core, capops_local_text() says what crosses instead; E_CAPOPS_JOBS; E_ARG no such
 *         core, or this one; E_LEAVING; errors of identify and copy (E_CAP_EMPTY, E_REVOKED, …), of slot_alloc.  On an error
 *         there is no completed() */
err_t capops_send(struct capops *co, cptr_t slot, uint64_t rights, uint64_t core, uint64_t conn, uint64_t cookie);

/** For E_CAP_LOCAL: what crosses instead of a capability of this type. */
const char *capops_local_text(enum cap_type type);

/** Revoke a part of the capability at @p address in the CSpace of @p disp, wherever copies are.  completed(): OK nothing is
 *  left; E_GONE the capability was deleted meanwhile; E_QUARANTINED a core that is not proved off may still use a part of it,
 *  the rest is gone; E_LENT a part is lent to another core, the rest is gone.
 * @return E_CAPOPS_JOBS; those of kernel_revoke_begin() */
err_t capops_revoke(struct capops *co, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t cookie);

/** The kernel has signalled the Notify of kernel_bind(). */
void capops_lonely(struct capops *co);

/** The kernel has shared the capability in @p slot, of this core's own, with @p core when it started it.  Its anchor.
 * @return E_CAPOPS_OBJECTS; E_CAP_LOCAL; E_FOREIGN; errors of identify, copy, watch, slot_alloc */
err_t capops_given(struct capops *co, cptr_t slot, uint64_t core);

/** The counterpart on the core that was started: @p slot holds such a capability.  Its tally.  Errors as above. */
err_t capops_got(struct capops *co, cptr_t slot);

/** On the boot core: lend the unused unit of RAM in @p slot, which stays the caller's and is empty from now on.
 *  completed(): OK; on an error of the borrower's, and E_LEAVING, the unit is in the slot again; E_GONE: returned() gives it back when
 *  the core is proved off.
 * @return E_CAPOPS_JOBS, E_CAPOPS_LOANS, E_ARG, E_GONE; those of kernel_to_husk(), E_CAP_OVERLAP above all: in use */
err_t capops_lend(struct capops *co, cptr_t slot, uint64_t core, uint64_t cookie);

/** On a borrower: give back a unit that was lent, whole and unused.  completed(): OK; on an error the unit is in the slot again.
 *  Otherwise as capops_lend(). */
err_t capops_return(struct capops *co, cptr_t slot, uint64_t cookie);

/** On the boot core: ask @p core for @p bytes back.  completed(): it was told.  @return E_CAPOPS_JOBS, E_ARG */
err_t capops_recall(struct capops *co, uint64_t core, uint64_t bytes, uint64_t cookie);

/** This core is about to stop: from now on it takes and forwards nothing (E_LEAVING).  Call it before its processes are ended and
 *  its units are returned. */
void capops_refuse(struct capops *co);

/** And then: as soon as nothing is under way here any more, and the tallies that nobody uses are dropped, the others are told.
 *  completed(): all have answered, KERNEL_STOP may follow, and no channel is touched any more.
 * @return E_BOOT_CORE, E_LEAVING already */
err_t capops_leave(struct capops *co, uint64_t cookie);

/** On the boot core: @p core is off, after leaving().  What it still had of what was lent to it comes back
 *  (returned()), unless a core is in quarantine, which may have got a part of it.  It can be started again. */
void capops_core_off(struct capops *co, uint64_t core);

/** On the boot core: the kernel of @p core has died or does not answer; @p off: it is proved off.  The others are told.
 *  completed(): OK all have answered, and what was lent to it has come back (returned()); E_QUARANTINED: what was lent to it stays away
 *  for ever, because it is not proved off, or because another one in quarantine may have got something from it.
 * @return E_ARG no such core, or this one; E_QUARANTINED, E_GONE already */
err_t capops_core_gone(struct capops *co, uint64_t core, bool off, uint64_t cookie);

/* ---- what the channels deliver ------------------------------------------------------------------------------------- */

/** There is a channel with @p core: asked for by open(), or because the other side wanted one.  Not on a core that has called
 *  capops_leave(): who wants a channel with that is told no. */
void capops_connected(struct capops *co, uint64_t core);

/** open() did not succeed. */
void capops_unconnected(struct capops *co, uint64_t core);

/** A request of @p core.  Its answer goes out by net.answer(), now or later. */
void capops_request(struct capops *co, uint64_t core, const struct capops_request *request);

/** The answer of @p core to a request of this core's. */
void capops_answered(struct capops *co, uint64_t core, const struct capops_answer *answer);

#endif
