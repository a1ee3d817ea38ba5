/**
 * @file devtree_devices.h  Cores and devices of a device tree, for devtree_read.
 * Each fills in its part of @p m, which was all zero.  @return NULL, or a sentence that says what is missing or broken.
 * The two that return nothing leave CONSOLE_NONE or PSCI_NONE: the machine can run without.
 */
#ifndef CORE_DEVTREE_DEVICES_H
#define CORE_DEVTREE_DEVICES_H

#include <core/devtree.h>

void devtree_read_console(const void *tree, struct machine *m);
void devtree_read_psci(const void *tree, struct machine *m);
const char *devtree_read_cpus(const void *tree, struct machine *m);
const char *devtree_read_gic(const void *tree, struct machine *m);      /**< after the cores: their number is needed  */
const char *devtree_read_timer(const void *tree, struct machine *m);

#endif
