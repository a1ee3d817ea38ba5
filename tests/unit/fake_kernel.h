/**
 * @file fake_kernel.h  A model of the kernel's capabilities and page tables behind sys_invoke(), for tests of libos.
 *
 * Written from the contracts (shoal/invoke.h, cap.h, the design pages), naively and with none of the kernel's code: a
 * flat list of capabilities, every question answered by looking at all of them.  One world at a time, in globals.
 * What is mapped writable in the own address space inside FAKE_WINDOW becomes real memory of the test program: zero if
 * its physical page was never mapped before, else full of 0xa5; and inaccessible again when it is unmapped.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <os/caps.h>
#include <shoal/bootinfo.h>
#include <stdbool.h>

#define FAKE_L1_TEST    1u              /* L1 entry of a CNode that is the test's alone                               */
#ifndef FAKE_RAM_BASE
#define FAKE_RAM_BASE   0x100000000ull  /* of the machine's RAM                                                       */
#endif
#define FAKE_WINDOW     0x200000000000ull   /**< addresses that become memory, where sanitizers let them be           */
#define FAKE_WINDOW_BYTES 0x8040000000ull

enum fake_kind {
    FAKE_RETYPE = 1, FAKE_MAP = 2, FAKE_DELETE = 4, FAKE_REVOKE = 8, FAKE_IDENTIFY = 16, FAKE_COPY = 32, FAKE_MOVE = 64,
    FAKE_PROTECT = 128, FAKE_SET_CSPACE = 256, FAKE_RAM_REQUEST = 512, FAKE_DISPATCH = 1024, FAKE_ALL = 2047
};

struct fake_config {
    uint64_t pool_bytes;                /**< of the RAM in TASK_POOL                                                  */
    uint64_t ram_bytes;                 /**< of what ram_request() takes from                                         */
    uint64_t seed;                      /**< of E_AGAIN, which deletions return now and then                          */
};

/** A new world: L1 CNode of 64 entries, CNodes in entries 0 (task, as in bootinfo.h) and FAKE_L1_TEST. */
void fake_start(const struct fake_config *config);

/** The L1 CNode has this many entries. */
uint64_t fake_l1_slots(void);

/** Let the @p n-th call of a kind in @p kinds fail with E_STATE, once; 0: none. */
void fake_fail(uint64_t n, unsigned kinds);

/** Calls of those kinds since fake_fail(). */
uint64_t fake_calls(void);

/** An empty slot of the test's own CNode; from it on all are. */
cptr_t fake_slot(void);

/** A capability of @p type over new memory of @p bytes at a multiple of @p align plus @p skew, in a slot of the
 *  test. */
cptr_t fake_object(enum cap_type type, uint64_t bytes, uint64_t align, uint64_t skew);

/** RAM at a fixed address, in a slot of the test. */
cptr_t fake_ram(uint64_t base, uint64_t bytes);

uint64_t fake_count(enum cap_type type);        /**< capabilities of this type                                        */
uint64_t fake_caps(void);
uint64_t fake_caps_in(uint64_t lo, uint64_t hi);        /**< that stand for a part of these physical addresses        */
uint64_t fake_base(cptr_t slot);                /**< physical address of the object; ~0: empty slot                   */
bool fake_empty(cptr_t slot);

/** Capabilities in the CNode in L1 entry @p l1. */
uint64_t fake_cnode_used(unsigned l1);

struct fake_place {
    uint64_t pa, flags;
    unsigned level;                     /**< of the entry                                                             */
};

/** What the page tables of the root at physical address @p root say. */
bool fake_translate(uint64_t root, uint64_t va, struct fake_place *place);

/** Bytes that ram_request() has given out. */
uint64_t fake_ram_given(void);

/** How much ram_request() may give out altogether. */
void fake_ram_limit(uint64_t bytes);

/** Called by each ram_request() before it answers; NULL: nothing. */
void fake_on_request(void (*hook)(void));

/** The kernel's invariants that libos could break by a wrong model: none must be.  @return NULL or what is wrong */
const char *fake_check(void);

#endif
