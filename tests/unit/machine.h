/**
 * @file machine.h  The CPU driver's own capability code as a machine for tests of libos.  Two sides that must not see each
 * other's headers, since kernel and libos have functions of the same names: machine.c includes the kernel's,
 * real_kernel.c libos's, and both this one.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <shoal/cap.h>
#include <shoal/err.h>
#include <stdbool.h>

/* Offsets in the fake architecture's RAM, of which only what is touched costs memory. */
#define MACHINE_RAM    0x1c0000000ull                   /* = FAKE_PHYS_BASE */
#define MACHINE_POOL   (MACHINE_RAM + 0x1000000ull)
#define MACHINE_GRANTS (MACHINE_RAM + 0x40000000ull)    /* = FAKE_RAM_BASE of these tests */
#define MACHINE_OTHER  (MACHINE_RAM + 0xe0000000ull)    /* RAM of fake_object() */
#define MACHINE_END    (MACHINE_RAM + 0x100000000ull)

/** KCB, L1 CNode of 64 entries with CNodes in its entries 0 and 1, root table, Dispatcher: as fake_start() says. */
void machine_start(void);

/** An invocation by the dispatcher.  @p args and @p results: six each.  @return the error's trail */
uint64_t machine_invoke(cptr_t cap, uint64_t op, const uint64_t *args, uint64_t *results);

/** Put a capability that was made from nothing into an empty slot. */
void machine_put(cptr_t slot, enum cap_type type, uint64_t base, uint64_t bytes);

struct machine_cap {
    enum cap_type type;
    uint64_t base, bytes;
    uint64_t va;                    /**< Mapping: where it is seen                                                    */
    bool own_table;                 /**< Mapping: of the dispatcher's own address space                               */
    bool leaf;
};

/** @return false: the slot is empty, or there is none */
bool machine_look(cptr_t root, cptr_t slot, struct machine_cap *cap);

/** Go through all capabilities that a program holds, in no order; @p at starts as NULL.  @return false: that was all */
bool machine_next(const void **at, struct machine_cap *cap);

/** The L1 CNode's entries. */
uint64_t machine_l1_slots(void);

/** Walk the page tables below the root table at @p root. */
bool machine_walk(uint64_t root, uint64_t va, uint64_t *pa, uint64_t *flags, unsigned *level);

/** The kernel's invariants.  @return NULL or what is wrong */
const char *machine_check(void);

#endif
