/**
 * @file real_kernel.c  fake_kernel.h over the CPU driver's own capability code (machine.h) instead of a model: the same
 * tests, so that what the model of tests/unit/fake_kernel.c promises is what the kernel keeps.
 */
#include "fake_kernel.h"
#include "machine.h"
#include "test.h"

#include <sys/mman.h>

#define RAM_END  0x4000000000ull    /* fake_object() lies above, but for RAM */
#define SHOWN    65536u

static struct {
    bool again;                         /* the last call said E_AGAIN */
    uint64_t calls, fail_at;
    unsigned fail_kinds;
    uint64_t next_slot, next_object, next_ram;
    uint64_t given, limit;
    void (*on_request)(void);
    struct {
        uint64_t va, bytes;
    } shown[SHOWN];                     /* what real memory stands in for */
    unsigned shown_count;
    uint8_t dirty[RAM_END / SHOAL_PAGE_SIZE / 8];
} real;

void fake_start(const struct fake_config *config)
{
    machine_start();
    memset(&real, 0, sizeof(real));
    real.next_slot = 1;
    real.next_object = RAM_END;
    real.next_ram = MACHINE_OTHER;
    real.limit = config->ram_bytes;
    machine_put(CPTR(0, TASK_POOL), CAP_RAM, MACHINE_POOL, config->pool_bytes);
    munmap((void *)FAKE_WINDOW, FAKE_WINDOW_BYTES);
    void *const window = mmap((void *)FAKE_WINDOW, FAKE_WINDOW_BYTES, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(window == (void *)FAKE_WINDOW, "the window's addresses are taken");
}

uint64_t fake_l1_slots(void)
{
    return machine_l1_slots();
}

void fake_fail(uint64_t n, unsigned kinds)
{
    real.calls = 0;
    real.fail_at = n;
    real.fail_kinds = kinds;
}

uint64_t fake_calls(void)
{
    return real.calls;
}

static bool injected(unsigned kind)
{
    return real.fail_kinds & kind && ++real.calls == real.fail_at;
}

/* --- capabilities of the test --- */

cptr_t fake_slot(void)
{
    struct machine_cap cap;
    uint64_t i = real.next_slot;

    while (machine_look(CPTR_NULL, CPTR(FAKE_L1_TEST, i), &cap)) {
        i = i + 1 < L2_SLOTS ? i + 1 : 1;
    }
    real.next_slot = i + 1 < L2_SLOTS ? i + 1 : 1;
    return CPTR(FAKE_L1_TEST, i);
}

cptr_t fake_object(enum cap_type type, uint64_t bytes, uint64_t align, uint64_t skew)
{
    uint64_t *const next = type == CAP_RAM ? &real.next_ram : &real.next_object;
    const uint64_t base = (*next + align - 1) / align * align + skew;
    const cptr_t slot = fake_slot();

    *next = base + bytes;
    machine_put(slot, type, base, bytes);
    return slot;
}

cptr_t fake_ram(uint64_t base, uint64_t bytes)
{
    const cptr_t slot = fake_slot();

    machine_put(slot, CAP_RAM, base, bytes);
    return slot;
}

/* --- looking --- */

uint64_t fake_count(enum cap_type type)
{
    const void *at = NULL;
    struct machine_cap cap;
    uint64_t count = 0;

    while (machine_next(&at, &cap)) {
        count += cap.type == type;
    }
    return count;
}

uint64_t fake_caps(void)
{
    return fake_caps_in(0, UINT64_MAX);
}

uint64_t fake_caps_in(uint64_t lo, uint64_t hi)
{
    const void *at = NULL;
    struct machine_cap cap;
    uint64_t count = 0;

    while (machine_next(&at, &cap)) {
        count += cap.base >= lo && cap.base + cap.bytes <= hi;
    }
    return count;
}

uint64_t fake_base(cptr_t slot)
{
    struct machine_cap cap;
    return machine_look(CPTR_NULL, slot, &cap) ? cap.base : UINT64_MAX;
}

bool fake_empty(cptr_t slot)
{
    return fake_base(slot) == UINT64_MAX;
}

uint64_t fake_cnode_used(unsigned l1)
{
    struct machine_cap cap;
    uint64_t used = 0;

    for (uint64_t i = 0; i < L2_SLOTS; i++) {
        used += machine_look(CPTR_NULL, CPTR(l1, i), &cap);
    }
    return used;
}

bool fake_translate(uint64_t root, uint64_t va, struct fake_place *place)
{
    return machine_walk(root, va, &place->pa, &place->flags, &place->level);
}

const char *fake_check(void)
{
    return machine_check();
}

/* --- RAM --- */

uint64_t fake_ram_given(void)
{
    return real.given;
}

void fake_ram_limit(uint64_t bytes)
{
    real.limit = bytes;
}

void fake_on_request(void (*hook)(void))
{
    real.on_request = hook;
}

err_t ram_request(size_t bytes, cptr_t *ram)
{
    if (real.on_request) {
        real.on_request();
    }
    REQUIRE(!injected(FAKE_RAM_REQUEST), E_STATE);
    REQUIRE(bytes % SHOAL_PAGE_SIZE == 0 && bytes <= real.limit - real.given, E_RAM_NONE);
    *ram = fake_ram(MACHINE_GRANTS + real.given, bytes);
    real.given += bytes;
    return OK;
}

/* --- memory behind what is mapped --- */

static void show(const struct machine_cap *m)
{
    mprotect((void *)m->va, m->bytes, PROT_READ | PROT_WRITE);
    for (uint64_t at = 0; at < m->bytes; at += SHOAL_PAGE_SIZE) {
        const uint64_t page = (m->base + at) / SHOAL_PAGE_SIZE;
        const bool dirty = m->base >= RAM_END || real.dirty[page / 8] >> page % 8 & 1;
        memset((void *)(m->va + at), dirty ? 0xa5 : 0, SHOAL_PAGE_SIZE);
        if (m->base < RAM_END) {
            real.dirty[page / 8] |= (uint8_t)(1 << page % 8);
        }
    }
    EXPECT(real.shown_count < SHOWN, "too much is mapped at once");
    real.shown[real.shown_count].va = m->va;
    real.shown[real.shown_count++].bytes = m->bytes;
}

static void mapped(const uint64_t *a)
{
    struct machine_cap m;

    if ((a[3] & MAP_WRITE) && machine_look(a[4], a[5], &m) && m.type == CAP_MAPPING && m.leaf && m.own_table &&
        m.va >= FAKE_WINDOW && m.va + m.bytes <= FAKE_WINDOW + FAKE_WINDOW_BYTES) {
        show(&m);
    }
}

/* What is no longer mapped becomes inaccessible. */
static void unmapped(void)
{
    const uint64_t root = fake_base(CPTR(0, TASK_VSPACE));
    struct fake_place p;

    for (unsigned i = 0; i < real.shown_count; i++) {
        if (!fake_translate(root, real.shown[i].va, &p)) {
            mprotect((void *)real.shown[i].va, real.shown[i].bytes, PROT_NONE);
            real.shown[i--] = real.shown[--real.shown_count];
        }
    }
}

/* --- system calls --- */

static unsigned kind_of(enum cap_type type, uint64_t op)
{
    static const unsigned cnode[] = {
        [CNODE_COPY] = FAKE_COPY, [CNODE_MINT] = FAKE_COPY, [CNODE_MOVE] = FAKE_MOVE, [CNODE_DELETE] = FAKE_DELETE,
        [CNODE_REVOKE] = FAKE_REVOKE, [CNODE_IDENTIFY] = FAKE_IDENTIFY,
    };

    switch (type) {
    case CAP_NULL:
    case CAP_L1CNODE:
    case CAP_L2CNODE:
        return op < sizeof(cnode) / sizeof(cnode[0]) ? cnode[op] : 0;
    case CAP_RAM:
        return FAKE_RETYPE;
    case CAP_VNODE_L0:
    case CAP_VNODE_L1:
    case CAP_VNODE_L2:
    case CAP_VNODE_L3:
        return FAKE_MAP;
    case CAP_MAPPING:
        return FAKE_PROTECT;
    default:
        return type == CAP_DISPATCHER && op == DISPATCHER_SET_CSPACE ? FAKE_SET_CSPACE : 0;
    }
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    struct machine_cap c = { .type = CAP_NULL };
    struct sys_result s;

    if (cap != CPTR_NULL) {
        machine_look(CPTR_NULL, cap, &c);
    }
    const unsigned kind = kind_of(c.type, op);
    const bool deletes = kind == FAKE_DELETE || kind == FAKE_REVOKE;
    /* A deletion that was begun goes on: only the first call of it can be refused. */
    if (!(real.again && deletes) && injected(kind)) {
        real.again = false;
        return (struct sys_result){ .err = ERR(E_STATE) };
    }
    s.err.trail = machine_invoke(cap, op, args.a, s.r);
    real.again = err_root(s.err) == E_AGAIN;
    if (kind == FAKE_MAP && err_ok(s.err)) {
        mapped(args.a);
    } else if (deletes) {
        unmapped();
    }
    return s;
}
