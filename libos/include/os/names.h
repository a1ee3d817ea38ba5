/**
 * @file names.h  The name service (servers/names), on whichever core: a process's binding to it, and what it registered.
 *
 * The binding is made by the first call of one of these, and made anew when the name service has been started again.  What is
 * looked up waits for a name service that is not there only if it waits for the name.
 */
#ifndef OS_NAMES_H
#define OS_NAMES_H

#include <os/rpc.h>

struct rpc_seat;

#define NAME_BYTES        32u       /* with the zero at its end */
#define NAMES_OF_PROCESS  32u
#define SESSIONS_OF_NAMES 4u        /* that one process may have with the name service                                */

/** Call @p what with the binding and @p arg, again with a new binding if it ends with E_RPC_CLOSED.  In a program with
 * threads several may, but the binding has one call under way: with the stubs' naming_lookup() and wait, the others wait, too.
 * @return what @p what says; E_MONITOR_SERVICE not @p wait, and there is no name service; errors of service_bind() */
err_t os_names(err_t (*what)(struct rpc_client *names, void *arg), void *arg, bool wait);

/** The service of that name.  @return E_NAMES_NAME, E_NAMES_NONE, errors of os_names().  Cost: one RPC of the name service;
 *  the first time two RPCs of the monitor, a bind */
err_t name_lookup(const char *name, bool wait, iref_t *service);

/** @p service is called @p name, until the process ends, or name_withdraw().  If there is no name service, it hears of it when there
 * is one: the server that serves `service` has name_renew() for that.  A server calls this before anybody calls it.
 * @return E_NAMES_NAME, E_NAMES_TAKEN, E_NAMES_LIMIT; errors of os_names() but E_MONITOR_SERVICE */
err_t name_publish(const char *name, iref_t service);

/** @return E_NAMES_NONE, errors of os_names() */
err_t name_withdraw(const char *name);

/** Handler of service.renew: publish everything once more.  Who has taken the name meanwhile keeps it.
 * @return the first error; what could be published is */
err_t name_renew(void *session);

struct name_entry {
    char name[NAME_BYTES];
    iref_t service;
    uint64_t pid;                   /**< of the owner; id_core() of it is where that runs                             */
};

/** The first name behind @p name, which may be entry->name itself and need not be one; "": the first of all.
 * @return E_NAMES_NONE that was the last; errors of os_names() */
err_t name_next(const char *name, struct name_entry *entry);

/** Export what @p seat, whose session serves `service`, is the listener of, and publish it; @p name NULL: do not.  Answers to
 * the monitor go by the seat.  At a server's start: nothing is undone.  Errors of slots, mint, monitor.export, name_publish() */
err_t service_offer(struct rpc_seat *seat, const char *name, iref_t *service);

#endif
