/**
 * @file state.h  What init owns from its start to its end.
 */
#ifndef INIT_STATE_H
#define INIT_STATE_H

#include "ring.h"
#include "tables.h"
#include <shoal/bootinfo.h>
#include <stdint.h>

/* L1 slots of init's CSpace beyond the kernel's */
#define L1_POOL_FIRST    INIT_L2_FREE       /* lasting things                                                         */
#define L1_POOL_END      8
#define L1_SCRATCH_FIRST 8                  /* what a test makes                                                      */
#define L1_SCRATCH_END   56
#define L1_TEST          56                 /* 56 to 63: left empty for tests that fill L1 slots themselves           */

/* Addresses of init's own VSpace beyond the kernel's */
#define WINDOW_VA        0x8000000000ull    /**< where tests map things                                               */
#define WINDOW_BYTES     0x800000ull
#define ARCHIVE_VA       0x10000000000ull
#define DEVICE_TREE_VA   0x18000000000ull

/* Event ids of init's dispatcher; 0 is EVENT_NONE */
enum init_event {
    EVENT_FAULT = 1,        /**< the fault endpoint of all children                                                   */
    EVENT_TEST = 64,        /**< from here on: a test's own                                                           */
};

#define FAULTS_MAX 128      /**< badges of children: 1 … FAULTS_MAX - 1                                               */

struct fault {
    bool present;
    uint64_t cause, address, pc, sp, syndrome;
};

struct init {
    const struct bootinfo *boot;
    struct supply pool;             /**< what lasts; scratch pools are RAM children of the same capability */
    struct tables vspace;           /**< init's own, the part above WINDOW_VA */
    const void *archive;            /**< NULL: there is none                                                          */
    uint64_t archive_bytes;
    uint64_t window_used;           /**< bytes of the window that lasting things take */
    uint64_t priority;              /**< init's own while no test changes it */
    cptr_t scratch_ram;             /**< slot for the RAM of the test that runs                                       */
    cptr_t fault_recv;              /**< receive capability of the fault endpoint */
    struct ring fault_ring;
    struct fault fault[FAULTS_MAX]; /**< reports not yet asked for, by badge                                          */
    unsigned passed, failed;        /**< tests, and commands that are not tests */
};

extern struct init init;

/** Check the boot information and every capability that came with it; prints a sentence for each thing that is wrong.
 *  @return true: all is as promised */
bool boot_check(const struct bootinfo *boot);

/** Set up pool, own VSpace, archive, fault endpoint.  @return the error, already printed with what was tried. */
err_t init_setup(void);

#endif
