/** @file hostile.c  A process that sends whatever it likes to memory server, process server and monitor, and does not
 * read what they answer. */
#include "proctest.h"
#include <stubs/monitor.h>

#define MESSAGES 400u
#define SEEDS    24u

static uint64_t next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static uint64_t word(uint64_t *random)
{
    static const uint64_t some[] = { 0, 1, 2, 3, 4096, 1ull << 20, 1ull << 63, ~0ull };
    const uint64_t kind = next(random) % 4;

    return kind == 0 ? some[next(random) % (sizeof(some) / sizeof(some[0]))] : kind == 1 ? next(random) % 64
           : kind == 2 ? next(random) % 2 * SHOAL_PAGE_SIZE : next(random);
}

/* A capability to send: any that there is, copied if it can be. */
static cptr_t some_cap(uint64_t *random)
{
    static const cptr_t from[] = { TASK_L1, TASK_DISPATCHER, TASK_VSPACE, PSLOT_MONITOR, PSLOT_MEM, PSLOT_PROC,
                                   PSLOT_RAM, PSLOT_MEMORY, PSLOT_PASSED };
    cptr_t slot;

    if (!err_ok(slots_alloc(&os_stock()->slots, &slot))) {
        return CPTR_NULL;
    }
    err_t err;
    if (next(random) % 3 == 0) {
        err = cap_mint(CPTR_NULL, slot, CPTR_NULL, PSLOT_MONITOR_RECV + next(random) % 3,
                       RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0);
    } else {
        err = cap_copy(CPTR_NULL, slot, CPTR_NULL, from[next(random) % (sizeof(from) / sizeof(from[0]))],
                       next(random) % 2 ? RIGHTS_ALL : next(random) & RIGHTS_ALL);
    }
    err_ignore(err);                    /* then it sends what is not there */
    return slot;
}

/* Numbers of calls up to 16 most of the time: those that the services have. */
static uint64_t tag(uint64_t *random)
{
    const uint64_t number = next(random) % 8 ? 1 + next(random) % 16 : next(random);

    return (next(random) % 16 ? next(random) % 9 : next(random) & TAG_LENGTH_MASK) | (number & 0xffff) << 8 |
           next(random) << 24 | (next(random) % 2 ? TAG_CAP : 0) | (next(random) % 2 ? TAG_GIVE : 0);
}

static void send(uint64_t *random)
{
    struct xfer x = { .dest = PSLOT_MONITOR + next(random) % 3, .accept = (uint64_t)XFER_NO_PARK, .tag = tag(random) };
    const cptr_t cap = x.tag & TAG_CAP ? some_cap(random) : CPTR_NULL;

    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = word(random);
    }
    x.cap = cap;
    err_ignore(sys_xfer(&x));           /* full, closed, refused: all the same to it */
    if (cap) {
        rpc_drop_cap(cap);
        slots_free(&os_stock()->slots, cap);
    }
}

/* Sometimes it does read: else its rings fill, and the servers let go of it. */
static void read(uint64_t *random)
{
    for (unsigned event = PEVENT_MONITOR; event <= PEVENT_PROC; event++) {
        volatile struct ring_control *const ring =
            (void *)(os_startup()->rings + ((uint64_t)event - 1) * PRING_BYTES);
        if (next(random) % 8) {
            ring->consumed = next(random) % 64 ? ring->produced : next(random);
        }
    }
    if (next(random) % 2) {
        rpc_drop_cap(PSLOT_FROM_MONITOR + next(random) % 3);
    }
}

int role_hostile(uint64_t seed)
{
    uint64_t random = seed * 0x9e3779b97f4a7c15ull + 1, total, unused;

    /* bindings to all three, first */
    if (!err_ok(stock_refill(os_stock())) || !err_ok(process_memory(&total, &unused)) || !os_mem()) {
        return 1;
    }
    for (unsigned i = 0; i < MESSAGES; i++) {
        send(&random);
        if (next(&random) % 4) {
            read(&random);
        }
        if (next(&random) % 16 == 0) {
            sys_yield();
        }
    }
    return 0;
}

/* Whatever happens to it: the others live on, and can use everything. */
static void messages(struct test *t)
{
    const struct spawn_options options = { .limit = 16ull << 20 };
    static uint64_t seed;
    uint64_t pid, ended;
    unsigned status;

    for (unsigned i = 0; i < SEEDS && t->wrong == 0; i++) {
        MUST(t, run_role("hostile", ++seed % SEEDS, &options, &pid));
        run(t, WORDS("exit", "5"), 5);          /* at the same time */
        MUST(t, process_wait(pid, &ended, &status));
        run(t, WORDS("hello"), 0);
    }
}

void hostile_messages(struct test *t)
{
    test_same_memory(t, messages);
}

/* Offers services and binds to the memory server as often as it is let, and keeps it all for a while. */
int role_clingy(uint64_t microseconds)
{
    struct rpc_client *const c = os_monitor();
    static struct rpc_client client[4096];
    unsigned count = 0;
    cptr_t listen, got;
    iref_t iref = 0;

    err_ignore(monitor_lookup(c, service_name("mem"), false, &iref));
    while (count < 4096 && err_ok(service_bind(&client[count], iref))) {
        count++;
    }
    for (unsigned i = 0; i < 4096; i++) {
        if (!err_ok(stock_refill(os_stock())) || !err_ok(slots_alloc_run(&os_stock()->slots, 2, &listen))) {
            break;
        }
        c->cap_slot = listen + 1;
        err_ignore(cap_mint(CPTR_NULL, listen, CPTR_NULL, PSLOT_MEM_RECV, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
        if (!err_ok(monitor_export(c, 0, listen, &iref, &got))) {
            break;
        }
        count++;
    }
    run_sleep(microseconds);
    return count > 0 && count < 256 ? 0 : 1;
}

/* What all processes share is not for one alone. */
static void clingy(struct test *t)
{
    uint64_t pid;

    MUST(t, run_role("clingy", 200000, NULL, &pid));
    run_sleep(100000);
    for (unsigned i = 0; i < 8; i++) {
        run_as(t, "refused", 0, 0);
    }
    run_ends(t, pid, 0);
}

void hostile_clinging(struct test *t)
{
    test_same_memory(t, clingy);
}
