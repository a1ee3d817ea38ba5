/** @file fake_kernel_world.c  Setting up, looking at, failing the fake kernel.  Contracts in fake_kernel.h. */
#include "fake_kernel_state.h"
#include "test.h"

#include <sys/mman.h>

#define L1_BASE    0x10000ull
#define TASK_BASE  0x20000ull
#define TEST_BASE  0x30000ull
#define ROOT_BASE  0x40000ull
#define DISP_BASE  0x50000ull
#define POOL_BASE  0x1000000ull

static void clear(void)
{
    for (unsigned i = 0; i < FAKE_BUCKETS; i++) {
        for (struct fpte *e = fake.pte[i], *next; e; e = next) {
            next = e->next;
            free(e);
        }
    }
    for (struct fcap *c = fake.first, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(fake.dirty);
    memset(&fake, 0, sizeof(fake));
}

static void put(uint64_t place, enum cap_type type, uint64_t base, uint64_t bytes)
{
    struct fcap *const c = fake_put(place);

    c->type = type;
    c->rights = RIGHTS_ALL;
    c->base = base;
    c->bytes = bytes;
}

void fake_start(const struct fake_config *config)
{
    clear();
    fake.random = config->seed * 2 + 1;
    fake.l1 = L1_BASE;
    fake.l1_slots = 64;
    fake.root = ROOT_BASE;
    fake.next_object = FAKE_RAM_END;
    fake.ram_bytes = fake.ram_limit = config->ram_bytes;
    fake.dirty = calloc(1, (FAKE_RAM_END / SHOAL_PAGE_SIZE) / 8);
    put(L1_BASE + 0 * SLOT_BYTES, CAP_L2CNODE, TASK_BASE, L2_SLOTS * SLOT_BYTES);
    put(L1_BASE + FAKE_L1_TEST * SLOT_BYTES, CAP_L2CNODE, TEST_BASE, L2_SLOTS * SLOT_BYTES);
    put(TASK_BASE + TASK_L1 * SLOT_BYTES, CAP_L1CNODE, L1_BASE, 64 * SLOT_BYTES);
    put(TASK_BASE + TASK_DISPATCHER * SLOT_BYTES, CAP_DISPATCHER, DISP_BASE, 2048);
    put(TASK_BASE + TASK_VSPACE * SLOT_BYTES, CAP_VNODE_L0, ROOT_BASE, SHOAL_PAGE_SIZE);
    put(TASK_BASE + TASK_POOL * SLOT_BYTES, CAP_RAM, POOL_BASE, config->pool_bytes);
    put(TEST_BASE + 0 * SLOT_BYTES, CAP_RAM, FAKE_RAM_BASE, config->ram_bytes);
    fake.next_slot = 1;

    munmap((void *)FAKE_WINDOW, FAKE_WINDOW_BYTES);
    void *const window = mmap((void *)FAKE_WINDOW, FAKE_WINDOW_BYTES, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(window == (void *)FAKE_WINDOW, "the window's addresses are taken");
}

uint64_t fake_l1_slots(void)
{
    return fake.l1_slots;
}

void fake_fail(uint64_t n, unsigned kinds)
{
    fake.calls = 0;
    fake.fail_at = n;
    fake.fail_kinds = kinds;
}

uint64_t fake_calls(void)
{
    return fake.calls;
}

cptr_t fake_slot(void)
{
    uint64_t i = fake.next_slot;

    while (fake_at(TEST_BASE + i * SLOT_BYTES)) {
        i = i + 1 < L2_SLOTS ? i + 1 : 1;
    }
    fake.next_slot = i + 1 < L2_SLOTS ? i + 1 : 1;
    return CPTR(FAKE_L1_TEST, i);
}

cptr_t fake_object(enum cap_type type, uint64_t bytes, uint64_t align, uint64_t skew)
{
    const cptr_t slot = fake_slot();
    const uint64_t base = (fake.next_object + align - 1) / align * align + skew;

    fake.next_object = base + bytes;
    put(TEST_BASE + slot % L2_SLOTS * SLOT_BYTES, type, base, bytes);
    return slot;
}

cptr_t fake_ram(uint64_t base, uint64_t bytes)
{
    const cptr_t slot = fake_slot();

    put(TEST_BASE + slot % L2_SLOTS * SLOT_BYTES, CAP_RAM, base, bytes);
    return slot;
}

uint64_t fake_count(enum cap_type type)
{
    uint64_t count = 0;

    for (const struct fcap *c = fake.first; c; c = c->next) {
        count += c->type == type;
    }
    return count;
}

uint64_t fake_caps(void)
{
    return fake.caps;
}

uint64_t fake_caps_in(uint64_t lo, uint64_t hi)
{
    uint64_t count = 0;

    for (const struct fcap *c = fake.first; c; c = c->next) {
        count += c->base < hi && c->base + c->bytes > lo;
    }
    return count;
}

uint64_t fake_base(cptr_t slot)
{
    struct fcap *c;
    return err_ok(fake_cap(slot, &c)) ? c->base : UINT64_MAX;
}

bool fake_empty(cptr_t slot)
{
    return fake_base(slot) == UINT64_MAX;
}

uint64_t fake_cnode_used(unsigned l1)
{
    const struct fcap *const cnode = fake_at(fake.l1 + l1 * SLOT_BYTES);
    uint64_t used = 0;

    for (uint64_t i = 0; cnode && i < L2_SLOTS; i++) {
        used += fake_at(cnode->base + i * SLOT_BYTES) != NULL;
    }
    return used;
}

uint64_t fake_ram_given(void)
{
    return fake.ram_given;
}

void fake_ram_limit(uint64_t bytes)
{
    fake.ram_limit = bytes;
}

void fake_on_request(void (*hook)(void))
{
    fake.on_request = hook;
}

/* The memory server of this world: gives out its RAM from the beginning. */
err_t ram_request(size_t bytes, cptr_t *ram)
{
    if (fake.on_request) {
        fake.on_request();
    }
    REQUIRE(!fake_injected(FAKE_RAM_REQUEST), E_STATE);
    REQUIRE(bytes % SHOAL_PAGE_SIZE == 0 && bytes <= fake.ram_limit - fake.ram_given, E_RAM_NONE);
    /* Not through sys_invoke(): another process's calls are not counted. */
    const struct fcap *const root = fake_at(TEST_BASE);
    const cptr_t slot = fake_slot();
    put(TEST_BASE + slot % L2_SLOTS * SLOT_BYTES, CAP_RAM, root->base + fake.ram_given, bytes);
    fake.ram_given += bytes;
    *ram = slot;
    return OK;
}

const char *fake_check(void)
{
    uint64_t entries = 0, mapped = 0;

    for (unsigned i = 0; i < FAKE_BUCKETS; i++) {
        for (const struct fpte *e = fake.pte[i]; e; e = e->next) {
            entries++;
        }
    }
    for (const struct fcap *c = fake.first; c; c = c->next) {
        mapped += c->type == CAP_MAPPING ? c->count : 0;
        for (const struct fcap *o = c->next; o; o = o->next) {
            const bool objects = c->type > CAP_DEVFRAME && c->type < CAP_MAPPING && o->type > CAP_DEVFRAME &&
                                 o->type < CAP_MAPPING && c->base != o->base;
            if (objects && c->base < o->base + o->bytes && o->base < c->base + c->bytes) {
                return "two objects overlap";
            }
        }
    }
    return entries == mapped ? NULL : "page-table entries without a Mapping";
}
