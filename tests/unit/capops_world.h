/**
 * @file capops_world.h  Cores with their real kernels (capops_kernel.h), their monitors' capops, rings between them, and
 * processes: arena slots.  Nothing happens by itself; a test says which core does something next, and which message is delivered.
 *
 * Checked all the time: every ring has room; memory is made into something new only if no core that may run has a capability, and no
 * ring an import, of what lay there before; when a revocation opens its range again, nothing is left of it anywhere.
 */
#ifndef CAPOPS_WORLD_H
#define CAPOPS_WORLD_H

#include "capops_kernel.h"
#include "test.h"

#include "job.h"

#define RING        (2 * CAPOPS_WINDOW)
#define ARENA_SLOTS 24u
#define OPERATIONS  4096u
#define JOBS        12u

struct message {
    bool is_answer;
    struct capops_request request;
    struct capops_answer answer;
};

struct ring {                           /* from one core to another */
    struct message slot[RING];
    unsigned first, count;
    bool closed;                        /* by the receiver */
};

enum node_state { NODE_OFF, NODE_RUNS, NODE_DEAD, NODE_HUNG /* runs, and nobody listens to it */ };

struct node {
    unsigned core;
    enum node_state state;
    struct capops co;
    struct capops_peer peers[SIM_CORES];
    struct slab anchors, tallies, jobs, loans;
    bool used[SIM_SLOTS * L2_SLOTS];    /* slots of the monitor's */
    bool index[SIM_CORES][L2_SLOTS];    /* by which others signal */
    bool wanted[SIM_CORES];             /* channels asked for */
    uint64_t fail;                      /* which slab allocation from now on fails; 0: none */
    uint64_t refuse;                    /* which arrival fails */
    bool told_leaving[SIM_CORES];
    unsigned caps;                      /* that its kernel had at the start */
};

enum operation_kind { OP_FREE, OP_SEND, OP_REVOKE, OP_LEND, OP_RETURN, OP_RECALL, OP_LEAVE, OP_GONE, OP_KINDS };

struct operation {
    enum operation_kind kind;
    bool done, dropped;                 /* dropped: its core has gone */
    unsigned core, about;               /* who began it; GONE: which */
    uint64_t err;                       /* when done */
    uint64_t lo, hi;
};

struct world {
    unsigned cores;
    struct node node[SIM_CORES];
    struct ring ring[SIM_CORES][SIM_CORES];
    struct operation operation[OPERATIONS];
    unsigned operations;
    uint64_t random;
    uint64_t handle[SIM_CORES][64], lo[SIM_CORES][64], hi[SIM_CORES][64];   /* revocations under way */
    unsigned revokes[SIM_CORES];
    uint64_t recalled, messages;
    uint64_t ended[OP_KINDS][2];        /* with an error, well */
    cptr_t arrived;                     /* the last one */
};

extern struct world w;

/** All cores run, and each has a channel with core 0; core 0 has all memory, a RAM capability for each unit. */
void world_start(unsigned cores, uint64_t random);
uint64_t below(uint64_t bound);

static inline cptr_t arena(unsigned i)
{
    return CPTR(SIM_ARENA, i);
}

static inline cptr_t unit(unsigned i)   /* slot for the RAM of unit i, on whichever core it is */
{
    return CPTR(SIM_ARENA + 1, i);
}

/* ---- one thing happens: true if there was something to do ---- */

bool deliver(unsigned from, unsigned to);
bool step(unsigned core);
bool look(unsigned core);               /**< the kernel's signal to the monitor                                       */
bool open_wanted(unsigned from, unsigned to);
void run(void);                         /**< until nothing is left to do                                              */

/* ---- processes; they return the error ---- */

uint64_t make(unsigned core, cptr_t ram, enum cap_type type, uint64_t offset, uint64_t bytes, cptr_t dst);
uint64_t copy(unsigned core, cptr_t dst, cptr_t src, uint64_t rights);
uint64_t map(unsigned core, cptr_t frame, cptr_t dst);
void drop(unsigned core, cptr_t slot);
bool has(unsigned core, cptr_t slot);
cptr_t empty_arena(unsigned core);      /**< CPTR_NULL: none                                                          */

/** Begun: @p *op tells what became of it. */
uint64_t begin_send(unsigned core, cptr_t slot, unsigned to, struct operation **op);
uint64_t begin_revoke(unsigned core, cptr_t slot, uint64_t offset, uint64_t bytes, struct operation **op);
uint64_t begin_lend(unsigned core, unsigned u, struct operation **op);
uint64_t begin_return(unsigned core, unsigned u, struct operation **op);
uint64_t begin_leave(unsigned core, struct operation **op);       /**< its processes are gone and its units returned        */
uint64_t begin_gone(unsigned core, bool off, struct operation **op);

void kill_processes(unsigned core);
void restart(unsigned core);            /**< of a core that is off                                                    */

/* ---- checks ---- */

/** C1 and what else must always hold. */
void check(void);

/** What must hold when nothing is under way. */
void check_settled(void);

/** Nothing is left of anything but the units: all processes are gone, all that was lent is back. */
void check_empty(void);

/** An import of something in [lo, hi) from @p owner, that will be read. */
bool import_under_way(uint64_t lo, uint64_t hi, unsigned owner);

/** Caps of [lo, hi) on @p core, but for RAM and husks. */
unsigned caps_in(unsigned core, uint64_t lo, uint64_t hi);

/* ---- for cases: unit 0 is what they are about ---- */

#define UNIT_LO sim_memory()
#define UNIT_HI (sim_memory() + SIM_UNIT)

void start(unsigned cores);
void frame(unsigned core, cptr_t slot);                         /**< of the first page                                */
cptr_t sent(unsigned from, cptr_t slot, unsigned to);           /**< and arrived: where                               */
void ended(const struct operation *op, uint64_t err, const char *what);
void steps(unsigned core);              /**< all it can do without messages                                           */
struct operation *purges_out(unsigned core);                    /**< it revokes; its purges are in the rings          */
void nothing_left(unsigned cores);

/* ---- between the files of this world ---- */

extern const struct capops_kernel world_kernel;
extern const struct capops_net world_net;
extern const struct capops_events world_events;
void join(unsigned a, unsigned b);
void slot_gone(void *context, cptr_t slot);

#endif
