/**
 * @file binding_lmp.h  Bindings between processes of one core, through the monitor, over LMP.
 *
 * A server exports as always, and publishes what it exported; a client looks the name up and connects to the number that
 * it gets.  Each connection is an endpoint, a ring of LMP_RING_SLOTS and three slots on each side.
 */
#ifndef OS_BINDING_LMP_H
#define OS_BINDING_LMP_H

#include <os/binding.h>

#define LMP_RING_LOG2  3u
#define LMP_RING_SLOTS (1u << LMP_RING_LOG2)

/** Let this process reach others' exports and publish its own.  After thread_start_library(); again: no effect.
 * @return errors of stock_add_slab() */
err_t binding_lmp_start(void);

/** Offer the export *@p iref to all processes, by @p name (os/names.h; "": by number only).  *iref is the
 *  monitor's number afterwards, the only one that the export has.  Clients are connected by whoever serves the export's
 *  waitset.  After binding_unexport() they hear E_BINDING_EXPORT; the name stays taken until the process ends.
 * @return E_BINDING_EXPORT; errors of monitor.export, name_publish(), stock, heap */
err_t binding_publish(iref_t *iref, const char *name);

/** The number of the service @p name; if @p wait, when there is one.  Errors of name_lookup(). */
err_t binding_lookup(const char *name, bool wait, iref_t *iref);

#endif
