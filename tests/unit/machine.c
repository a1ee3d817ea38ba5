/** @file machine.c  Contracts in machine.h. */
#include "machine.h"
#include "test.h"

#include <cap/cspace.h>
#include <cap/invoke.h>
#include <cap/retype.h>
#include <cap/vnode.h>
#include <dispatch/dispatcher.h>
#include <dispatch/exception.h>
#include <shoal/bootinfo.h>
#include <sys/mman.h>

#define ARENA_BYTES (MACHINE_END - MACHINE_RAM)
#define MIB         0x100000ull

_Static_assert(MACHINE_RAM == FAKE_PHYS_BASE, "one constant, two sides");

static struct kcb *k;
static void *arena;

/* It was not malloc's, and fake.c frees what it finds. */
static void forget_arena(void)
{
    fake_ram = NULL;
}

/* Lazily backed, and zero again at each start; not of fake_ram_init(), which would write all of it. */
static void clear_arena(void)
{
    if (!arena) {
        arena = mmap((void *)0x300000000000, ARENA_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        EXPECT(arena != MAP_FAILED, "no addresses for the machine's RAM");
        atexit(forget_arena);
    }
    madvise(arena, ARENA_BYTES, MADV_DONTNEED);
    fake_ram = arena;
}

static void must(err_t err, const char *what)
{
    EXPECT(err_ok(err), "the machine: %s: %#" PRIx64, what, err.trail);
}

static void make(enum cap_type type, uint64_t size, uint64_t offset, struct cte *dst)
{
    must(retype(k, &k->root[0], type, offset, size, 1, dst), "retype");
}

void machine_start(void)
{
    clear_arena();
    k = fake_kcb = phys_to_virt(MACHINE_RAM + 64 * 1024);
    *k = (struct kcb){ .asid_count = 256, .core_count = 1, .slice_ticks = 1000, .canary = KCB_CANARY,
                       .empty_ttbr0 = MACHINE_RAM, .loaded_ttbr0 = MACHINE_RAM };
    k->root[0] = (struct cte){ .type = CAP_RAM, .rights = RIGHTS_ALL, .base = MACHINE_RAM + MIB, .bytes = MIB };
    mdb_insert(&k->mdb, &k->root[0]);

    make(CAP_L1CNODE, 6, 0, &k->root[1]);
    struct cte *const l1 = cte_object(&k->root[1]);
    make(CAP_L2CNODE, 0, 0x10000, &l1[0]);
    make(CAP_L2CNODE, 0, 0x20000, &l1[1]);
    struct cte *const task = cte_object(&l1[0]);
    mdb_move(&k->mdb, &k->root[1], &task[TASK_L1]);
    make(CAP_VNODE_L0, 0, 0x30000, &task[TASK_VSPACE]);
    make(CAP_DISPATCHER, 0, 0x40000, &task[TASK_DISPATCHER]);
    make(CAP_FRAME, SHOAL_PAGE_SIZE, 0x50000, &k->root[2]);
    struct dcb *const d = cte_object(&task[TASK_DISPATCHER]);
    must(dispatcher_configure(k, d, &task[TASK_L1], &task[TASK_VSPACE], &k->root[2], 0x10000, NULL), "configure");
    k->current = d;
}

static struct cte *find(cptr_t root, cptr_t slot)
{
    struct slot_ref ref;
    return err_ok(cspace_slot_at(k->current, root, slot, 0, &ref)) ? ref.slot : NULL;
}

uint64_t machine_invoke(cptr_t cap, uint64_t op, const uint64_t *args, uint64_t *results)
{
    k->arg[0] = cap;
    k->arg[1] = op;
    memcpy(&k->arg[2], args, 6 * sizeof(*args));
    memset(k->ret, 0, sizeof(k->ret));
    const err_t err = invoke(k);
    memcpy(results, k->ret, 6 * sizeof(*results));
    return err.trail;
}

void machine_put(cptr_t slot, enum cap_type type, uint64_t base, uint64_t bytes)
{
    struct cte *const c = find(CPTR_NULL, slot);

    EXPECT(c && cte_empty(c), "slot %#" PRIx64, slot);
    *c = (struct cte){ .type = (uint8_t)type, .rights = RIGHTS_ALL, .base = base, .bytes = bytes };
    mdb_insert(&k->mdb, c);
}

static void describe(const struct cte *c, struct machine_cap *cap)
{
    *cap = (struct machine_cap){ .type = cte_type(c), .base = c->base, .bytes = c->bytes };
    if (cap->type == CAP_MAPPING) {
        cap->va = mapping_va(c);
        cap->leaf = !mapping_is_table(c);
        cap->own_table = mapping_asid(c) == k->current->vspace.word[0];
    }
}

bool machine_look(cptr_t root, cptr_t slot, struct machine_cap *cap)
{
    const struct cte *const c = find(root, slot);

    if (!c || cte_empty(c)) {
        return false;
    }
    describe(c, cap);
    return true;
}

static bool of_a_program(const struct cte *c)
{
    return !(c->flags & CTE_EMBEDDED) && !(c >= k->root && c < k->root + sizeof(k->root) / sizeof(k->root[0]));
}

bool machine_next(const void **at, struct machine_cap *cap)
{
    const struct cte *c = *at ? mdb_next(*at) : mdb_lower_bound(&k->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0);

    while (c && !of_a_program(c)) {
        c = mdb_next(c);
    }
    *at = c;
    if (c) {
        describe(c, cap);
    }
    return c != NULL;
}

uint64_t machine_l1_slots(void)
{
    return k->current->l1_slots;
}

bool machine_walk(uint64_t root, uint64_t va, uint64_t *pa, uint64_t *flags, unsigned *level)
{
    uint64_t table = root;

    for (unsigned l = 0; l <= 3; l++) {
        const unsigned shift = vnode_entry_shift(l);
        const pte_t e = ((const pte_t *)phys_to_virt(table))[va >> shift & (VNODE_ENTRIES - 1)];
        if (!pte_valid(e)) {
            return false;
        }
        if (!pte_is_table(e, l)) {
            *pa = pte_addr(e) + (va & ((1ull << shift) - 1));
            *flags = MAP_READ | (pte_writable(e) ? MAP_WRITE : 0) | (pte_executable(e) ? MAP_EXEC : 0);
            *level = l;
            return true;
        }
        table = pte_addr(e);
    }
    return false;
}

const char *machine_check(void)
{
    const struct cte *at;
    const char *const wrong = mdb_check(&k->mdb, &at);
    return wrong ? wrong : vnode_check(&k->mdb, &at);
}
