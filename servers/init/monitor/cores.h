/**
 * @file cores.h  The cores of the machine, as the monitor of the boot core (home) sees them: it starts and stops them.
 *
 *   cores.c      records, start, stop
 *   coreboot.c   what a core is made of: loan and boot block
 *
 * A core's memory is a loan out of the memory server of home; the rest it borrows when it needs it.
 */
#ifndef MONITOR_CORES_H
#define MONITOR_CORES_H

#include <os/services.h>
#include <shoal/coreboot.h>

#define PIDS_OF_A_START 10000u              /* a core that is started again counts its processes from there on */

#define CORE_LOAN_BYTES 0x800000ull         /* what a core starts with: kernel, init, mem, proc, and some programs */
#define CORE_POOL_BYTES 0x400000ull         /* of that, init's                                                     */

struct peer;
struct crossing_op;
struct capops_request;

struct core {
    uint64_t index;             /**< its place in the device tree                                                     */
    enum core_phase phase;
    cptr_t loan;                /**< RAM while it is down; slot of ours; CPTR_NULL: none yet                          */
    uint64_t husk;              /**< the kernel's name of the loan while it is not                                    */
    uint64_t deadline;          /**< ticks: of CORE_STARTING, CORE_STOPPING                                           */
    uint64_t starts;            /**< how often it was started                                                         */
    bool dead;                  /**< its kernel has said so: death.c                                                  */
    uint64_t patience;          /**< ticks: until then the users of its memory may let go of it                       */
    enum { DEATH_UNTOLD, DEATH_TOLD, DEATH_DONE } death;
    struct crossing_op *told;   /**< of capops_core_gone()                                                            */
    struct peer *peer;          /**< the channel with it: made once                                                   */
};

/** Write the boot block of @p core into its loan and start it.  @return errors of the layers, of elf_list, CORE_START */
err_t core_boot(struct core *core);

/** Make the loan of @p core: from the memory server, which waits for nobody.  Errors of mem.alloc */
err_t core_take_loan(struct core *core);

/** Start all cores of the machine.  What fails is printed: the others go on. */
void cores_start_all(void);

/** @return NULL: the machine has no such core, or this is not home */
struct core *core_of(uint64_t index);

struct client;

/** What phase it is in.  @return E_CORE_NONE */
err_t core_phase(uint64_t index, uint64_t *phase);

/** The same of another core than home, for @p c: home is asked.  @return E_RPC_LATER; E_CORE_NONE; errors of peer_send() */
err_t core_ask(struct client *c, uint64_t index, uint64_t *phase);

/** @return E_CORE_NONE, E_BOOT_CORE, E_CORE_ON; errors of core_boot() */
err_t core_begin(uint64_t index);

/** Ask its monitor to stop it.  @return E_CORE_NONE, E_BOOT_CORE, E_CORE_DOWN; E_RPC_LATER it is being started; errors of
 *  peer_send() */
err_t core_end(uint64_t index);

/** It says that it runs; or why it gives up. */
void core_is_up(struct core *core, err_t err);

/** It leaves, and nothing of it is left here. */
void core_has_left(uint64_t index);

/** The channel with it is closed. */
void core_closed(uint64_t index);

/** Ask again at POLL's pace whether it is off. */
void core_wait_for_its_end(struct core *core);

/* --- death.c: a core whose kernel has failed an assertion --- */

/** Has the kernel of another core died?  The kernel's signal may mean that. */
void deaths_look(void);

/** Home: it is off, or (@p off false) is not proved off in time.  Tell all cores, once.  @return all have answered, and hold
 *  nothing of it any more */
bool death_settled(struct core *core, bool off);

/** Another core than home hears of the death of @p core: @return whether its memory may be taken away now; else what asks for that
 *  is repeated by death_step(). */
bool death_heard(uint64_t core, struct peer *from, const struct capops_request *request);
void death_step(void);

/* --- leave.c: on the core itself --- */

/** Tell home that this core is up. */
void core_say_up(err_t err);

/** End all processes, let go of what is other cores', and switch this core off. */
void core_leave(void);
void core_processes_ended(void);        /**< proc has ended them                                                      */
void core_leave_step(void);             /**< go on with it, if that has begun                                         */

/** What time brings: to be called when monitor.server.deadline has passed. */
void cores_look(void);

#endif
