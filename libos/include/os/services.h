/**
 * @file services.h  The bindings a process was started with, and how it gets others.
 */
#ifndef OS_SERVICES_H
#define OS_SERVICES_H

#include <os/rpc_lmp.h>

/** What a process may ask of the monitor. */
enum process_flags {
    PROCESS_MANAGER = 1,
    PROCESS_DRIVER = 2,
};

/** What monitor.device hands on. */
enum monitor_device {
    DEVICE_CONSOLE_REGISTERS = 0,   /**< DevFrame; the kernel prints no more from now on, but for a panic              */
    DEVICE_CONSOLE_IRQ = 1,         /**< IRQ                                                                          */
};

/** A core, as monitor.core says. */
enum core_phase {
    CORE_DOWN = 0,              /**< off, and its memory is ours                                                      */
    CORE_STARTING = 1,          /**< CPU_ON was accepted; it has not said anything yet                               */
    CORE_UP = 2,
    CORE_STOPPING = 3,
    CORE_LOST = 4,              /**< not proved off: its memory stays in quarantine                                   */
};

/** What the memory server wants of its monitor (mem.attend).  All in bytes. */
enum mem_wish {
    WISH_RAM = 0,               /**< a more RAM in one piece, aligned to b; it has c                                  */
    WISH_RETURN = 1,            /**< RAM that was borrowed is free: mem.root_remove of what begins at a               */
    WISH_REVOKE = 2,            /**< revoke c from b on of the capability at address a in its CSpace, on all cores    */
};

enum monitor_machine { MACHINE_OFF = 0, MACHINE_RESET = 1 };

/** A name of at most eight characters as monitor.export and monitor.lookup take it: mem, proc, names; for all others there
 *  is os/names.h. */
static inline uint64_t service_name(const char *name)
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8 && name[i]; i++) {
        word |= (uint64_t)(unsigned char)name[i] << 8 * i;
    }
    return word;
}

/** The process server of a core, the second service that a monitor is offered. */
#define PROC_SERVICE(core) ((iref_t)(core) << ID_CORE_SHIFT | 2)

/** The bindings that every process has; any thread may call on any of them.  The monitor's is there from the start; the
 *  others are, or are fetched through it by the first call.  Calls over one that could not be fetched fail with
 *  E_CAP_EMPTY; the next os_...() tries again. */
struct rpc_client *os_monitor(void);
struct rpc_client *os_mem(void);
struct rpc_client *os_proc(void);

/** Whom ram_request() asks; NULL: os_mem().  A program with a pager (os/fault.h) has a binding for that alone. */
extern struct rpc_client *os_ram_client;

/** What ram_request() got, whole, goes back: for stock.ram_return.  @return errors of mem.free and rpc_call() */
err_t ram_give_back(cptr_t ram);

/** Slots that are taken, and empty, for RAM capabilities to come. */
unsigned ram_spare_slots(void);

/** cap_revoke(CPTR_NULL, @p cap, @p offset, @p bytes), also when other cores have copies of what was made of it: then the
 *  monitor is asked, and it takes as long as those cores need.  @return errors of cap_revoke() and monitor.revoke; E_REVOKED
 *  somebody else is at it; E_QUARANTINED a core that is not proved off may still use a part, the rest is gone */
err_t revoke_everywhere(cptr_t cap, uint64_t offset, uint64_t bytes);

/** Bind @p c, which is all zero, to @p service, through the monitor.  It stays until the process ends.
 * @return errors of monitor.bind and of the service's connect, of stock_refill(), slots, reserve, vspace; then *c is
 *         as it was.  Cost: a page of memory for the first of several bindings; two RPCs of the monitor's */
err_t service_bind(struct rpc_client *c, iref_t service);

/** One thread at a time sets up what all of them use, a binding that is made when it is first wanted, say.  Recursive. */
void services_lock(void);
void services_unlock(void);

/** The monitor's part of it: @p seat becomes the client's side of a binding to @p service. */
err_t service_bind_seat(struct rpc_seat *seat, iref_t service);

/** What service_bind() does if the service is one of another core.  E_CORE_DOWN; errors of reserve, slots, vspace */
err_t service_bind_remote(struct rpc_client *c, iref_t service);

/** Has the server of a binding to another core closed it, or ended? */
bool service_ended(const struct rpc_client *c);

/** What two processes of different cores share for a binding: page of their rings. */
#define CONNECTION_BYTES 4096u

/** service_bind() to the service of that name (os/names.h), on whichever core; it may not be there yet if @p wait.  Errors of
 *  name_lookup(), too */
err_t service_bind_name(struct rpc_client *c, const char *name, bool wait);

/** service_bind_name(), waiting, for a binding that can be closed.  @param seat  for service_unbind(); NULL: it is one to
 *  another core */
err_t service_bind_for(struct rpc_client *c, const char *name, struct rpc_seat **seat);

/** No call is under way on @p c, nor will be. */
void service_unbind(struct rpc_client *c, struct rpc_seat *seat);

/** An event id of this process that nothing else uses.  @return 0: there is none left */
uint64_t event_new(void);

/** A Notify bound to a new event id of this process.  @param notify  its slot, whose content may be sent away
 * @return errors of slots, reserve and bind */
err_t notify_new(cptr_t *notify, uint64_t *event);

#endif
