/** @file fake_kernel_state.h  What the files of the fake kernel share. */
#ifndef FAKE_KERNEL_STATE_H
#define FAKE_KERNEL_STATE_H

#include "fake_kernel.h"

#define FAKE_BUCKETS 65536u
#define FAKE_RAM_END 0x4000000000ull     /* all RAM lies below; memory of fake_object() above */

struct fcap {
    struct fcap *next, *prev;           /* all of them */
    struct fcap *hash_next;             /* same bucket of places */
    uint64_t place;                     /* address of the slot */
    enum cap_type type;
    uint64_t rights, base, bytes;
    unsigned gen;                       /* RAM children as large as their parent */
    /* of a Mapping */
    uint64_t vnode, va, root;
    unsigned first, count, level;
    bool table;
};

/* A page-table entry in use. */
struct fpte {
    struct fpte *next;
    uint64_t place;                     /* physical address of the entry */
    uint64_t pa, flags;
    struct fcap *mapping;
};

struct fake {
    struct fcap *first;
    struct fcap *bucket[FAKE_BUCKETS];
    struct fpte *pte[FAKE_BUCKETS];
    uint64_t caps;
    uint64_t l1, l1_slots;              /* of the dispatcher */
    uint64_t root;                      /* own VNode_L0 */
    uint64_t random;
    bool again;                         /* the last call said E_AGAIN */
    uint64_t calls, fail_at;
    unsigned fail_kinds;
    uint64_t next_object, next_slot;
    uint64_t ram_bytes, ram_given, ram_limit;
    void (*on_request)(void);
    uint8_t *dirty;                     /* a bit per page of all RAM */
};

extern struct fake fake;

struct fcap *fake_at(uint64_t place);
struct fcap *fake_put(uint64_t place);
void fake_remove(struct fcap *c);
err_t fake_cap(cptr_t addr, struct fcap **c);
err_t fake_empty_at(cptr_t root, cptr_t addr, enum cap_type type, uint64_t *place);
bool fake_injected(unsigned kind);

err_t fake_map(struct fcap *vnode, const uint64_t *a);
err_t fake_protect(struct fcap *mapping, const uint64_t *a);
void fake_unmap(struct fcap *mapping);

/** Operations of dispatchers and endpoints: arguments are checked, nothing else happens. */
err_t fake_dispatch(struct fcap *c, uint64_t op, const uint64_t *a);

#endif
