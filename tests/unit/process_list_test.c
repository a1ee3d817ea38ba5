/* process_list_test.c  The list of processes while others end: nobody who stays is left out. */
#include "test.h"

#include <os/process.h>
#include <os/services.h>
#include <stubs/monitor.h>
#include <stubs/proc.h>

#define PROCESSES 20u

static struct {
    bool there[PROCESSES + 1], stays[PROCESSES + 1];
    uint64_t random;
    err_t broken;                       /* what every call answers */
} world;

struct rpc_client *os_proc(void)
{
    return NULL;
}

struct rpc_client *os_monitor(void)
{
    return NULL;
}

/* There is one core. */
err_t process_server(uint64_t core, struct rpc_client **client)
{
    *client = NULL;
    REQUIRE(core == 0, E_CORE_NONE);
    return OK;
}

err_t monitor_core(struct rpc_client *c, uint64_t core, uint64_t *phase)
{
    (void)c;
    REQUIRE(core == 0, E_CORE_NONE);
    *phase = CORE_UP;
    return OK;
}

/* Before any call some of those that do not stay may end. */
static void time_passes(void)
{
    const uint64_t pid = 1 + test_random(&world.random) % PROCESSES;

    world.there[pid] = world.there[pid] && world.stays[pid];
}

err_t proc_next(struct rpc_client *c, uint64_t pid, uint64_t *next)
{
    (void)c;
    time_passes();
    TRY(world.broken);
    *next = 0;
    for (uint64_t p = pid + 1; p <= PROCESSES && *next == 0; p++) {
        *next = world.there[p] ? p : 0;
    }
    return OK;
}

err_t proc_status(struct rpc_client *c, uint64_t pid, uint64_t *state, uint64_t *parent, uint64_t *status,
                  uint64_t *limit, uint64_t *granted, uint64_t *time)
{
    (void)c;
    time_passes();
    REQUIRE(world.there[pid], E_PROC_PID);
    *state = PROCESS_RUNNING, *parent = 1, *status = 0, *limit = 2, *granted = 3, *time = 4;
    return OK;
}

err_t proc_name(struct rpc_client *c, uint64_t pid, uint64_t *w0, uint64_t *w1, uint64_t *w2, uint64_t *w3)
{
    (void)c;
    time_passes();
    REQUIRE(world.there[pid], E_PROC_PID);
    *w0 = 'a' + pid, *w1 = *w2 = *w3 = 0;
    return OK;
}

err_t proc_memory(struct rpc_client *c, uint64_t *total, uint64_t *unused)
{
    (void)c;
    *total = 2, *unused = 1;
    return world.broken;
}

TEST(process_list, whoever_stays_is_in_it)
{
    unsigned ended = 0;

    world.random = test_seed();
    for (unsigned round = 0; round < 2000; round++) {
        bool seen[PROCESSES + 1] = { false };
        struct process_info info = { 0 };
        uint64_t last = 0;
        for (unsigned p = 1; p <= PROCESSES; p++) {
            world.there[p] = true;
            world.stays[p] = test_random(&world.random) % 3 == 0;
        }
        while (err_ok(process_next(last, &info))) {
            EXPECT(info.pid > last && info.pid <= PROCESSES, "%lu behind %lu", info.pid, last);
            EXPECT(info.name[0] == (char)('a' + info.pid) && info.granted == 3, "about another");
            seen[info.pid] = true;
            last = info.pid;
        }
        for (unsigned p = 1; p <= PROCESSES; p++) {
            EXPECT(seen[p] || !world.stays[p], "%u stays, and is not in the list", p);
            ended += !seen[p];
        }
    }
    EXPECT(ended > 0, "nobody has ended meanwhile: nothing was tested");
}

TEST(process_list, what_the_server_says_comes_through)
{
    struct process_info info;
    uint64_t total, unused;

    world.broken = ERR(E_RPC_CLOSED);
    EXPECT_EQ(err_root(process_next(0, &info)), E_RPC_CLOSED, "list");
    EXPECT_EQ(err_root(process_memory(&total, &unused)), E_RPC_CLOSED, "memory");
    world.broken = OK;
    EXPECT_EQ(err_root(process_next(PROCESSES, &info)), E_PROC_PID, "behind the last");
}
