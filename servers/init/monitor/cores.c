/** @file cores.c  Contracts in cores.h. */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <os/print.h>
#include <stubs/intermon.h>

#define START_SECONDS 20u           /* a core that has not said anything by then is taken for one that does not run */
#define STOP_SECONDS  20u
#define POLL          (time_hz() / 1000)    /* between two looks at whether a core is off                        */

static struct core *by_index(uint64_t index)
{
    return (struct core *)((char *)monitor.cores + index * sizeof(struct core));
}

struct core *core_of(uint64_t index)
{
    return monitor.cores && index != 0 && index < init.boot->core_count ? by_index(index) : NULL;
}

err_t core_phase(uint64_t index, uint64_t *phase)
{
    REQUIRE(index < init.boot->core_count, E_CORE_NONE);
    *phase = index == init.boot->core ? CORE_UP : core_of(index)->phase;
    return OK;
}

static void say(const struct core *core, const char *what, err_t err)
{
    char text[200];

    (void)err_format(err, text, sizeof(text));
    print("init: core %lu %s: %s\n", core->index, what, text);
}

static void wait_until(struct core *core, enum core_phase phase, uint64_t seconds)
{
    core->phase = phase;
    core->deadline = time_now() + seconds * time_hz();
    monitor_wake_at(phase == CORE_STARTING ? core->deadline : time_now() + POLL);
}

err_t core_begin(uint64_t index)
{
    REQUIRE(index != init.boot->core, E_BOOT_CORE);
    struct core *const core = core_of(index);
    REQUIRE(core, E_CORE_NONE);
    REQUIRE(core->phase == CORE_DOWN, E_CORE_ON);
    TRY(core_boot(core));
    wait_until(core, CORE_STARTING, START_SECONDS);
    return OK;
}

/* One record for each core of the device tree. */
static err_t make_records(void)
{
    const uint64_t bytes = (init.boot->core_count * sizeof(struct core) + SHOAL_PAGE_SIZE - 1) & ~(SHOAL_PAGE_SIZE - 1ull);
    uint64_t address;

    TRY(monitor_memory(bytes, &address));
    monitor.cores = (struct core *)address;
    for (uint64_t i = 0; i < init.boot->core_count; i++) {
        monitor.cores[i].index = i;
    }
    return OK;
}

void cores_start_all(void)
{
    const err_t err = make_records();

    if (!err_ok(err)) {
        err_print("init: make the records of cores", err);
        return;
    }
    for (uint64_t i = 1; i < init.boot->core_count; i++) {
        const err_t started = core_begin(i);
        if (!err_ok(started)) {
            say(by_index(i), "does not start", started);
        }
    }
}

/* --- start --- */

/* Who waits for a core that was being started, and who has asked for its stop: here and on other cores. */
static void phase_changed(void)
{
    monitor_retry_all(NULL);
    for (struct peer *p = monitor.peers; p; p = p->next) {
        if (p->up) {
            rpc_retry(&monitor.server, &p->session);
        }
    }
}

void core_is_up(struct core *core, err_t err)
{
    if (!err_ok(err)) {
        say(core, "gave up", err);              /* and it switches itself off */
        wait_until(core, CORE_STOPPING, STOP_SECONDS);
        return;
    }
    core->phase = CORE_UP;
    phase_changed();
}

/* --- stop --- */

err_t core_end(uint64_t index)
{
    struct core *const core = core_of(index);
    struct rpc_message m;

    REQUIRE(index != init.boot->core, E_BOOT_CORE);
    REQUIRE(core, E_CORE_NONE);
    REQUIRE(core->phase != CORE_STARTING, E_RPC_LATER);
    REQUIRE(core->phase == CORE_UP, E_CORE_DOWN);
    intermon_stop_request(&m);
    TRY(peer_send(core->peer, &m, NULL, NULL));
    wait_until(core, CORE_STOPPING, STOP_SECONDS);
    return OK;
}

/* It is off: nothing of it runs, and its memory is as it has left it. */
static void take_back(struct core *core)
{
    peer_down(core->peer);
    connections_of_core_end(core->index);
    pairs_of_core_end(core->index);
    if (!core->dead) {
        capops_core_off(&crossing, core->index);
    }
    core->dead = false;
    core->death = DEATH_UNTOLD;
    const err_t err = kernel_from_husk(TASK_KERNEL, core->husk, CPTR_NULL, core->loan);
    if (!err_ok(err)) {
        say(core, "keeps its memory", err);
        core->phase = CORE_LOST;
        return;
    }
    core->phase = CORE_DOWN;
}

/* @return whether it is still waited for */
static bool look(struct core *core)
{
    uint64_t state = CORE_IS_ON;
    const bool late = time_now() >= core->deadline;

    if (core->phase == CORE_STARTING && !late) {
        return true;
    }
    const err_t err = core_state(TASK_CORECONTROL, core->index, &state);
    const bool off = err_ok(err) && state == CORE_IS_OFF;
    if (core->dead && (off || late) && !death_settled(core, off)) {
        return true;
    }
    if (off) {
        if (core->phase == CORE_STARTING) {
            print("init: core %lu switched itself off while it was started\n", core->index);
        }
        take_back(core);
        return false;
    }
    if (late) {
        print("init: core %lu does not %s: its memory stays in quarantine\n", core->index,
              core->phase == CORE_STARTING ? "come up" : "switch off");
        core->phase = CORE_LOST;
        peer_down(core->peer);
    }
    return !late;
}

void core_wait_for_its_end(struct core *core)
{
    wait_until(core, CORE_STOPPING, STOP_SECONDS);
}

void cores_look(void)
{
    bool changed = false;

    for (uint64_t i = 1; monitor.cores && i < init.boot->core_count; i++) {
        struct core *const core = by_index(i);
        if (core->phase != CORE_STARTING && core->phase != CORE_STOPPING) {
            continue;
        }
        if (look(core)) {
            monitor_wake_at(core->phase == CORE_STARTING ? core->deadline : time_now() + POLL);
        } else {
            changed = true;
        }
    }
    if (changed) {
        phase_changed();
    }
}

void core_closed(uint64_t index)
{
    struct core *const core = core_of(index);

    if (!core) {
        return;
    }
    deaths_look();
    if (core->phase == CORE_UP) {
        print("init: core %lu has closed its channel\n", index);
        wait_until(core, CORE_STOPPING, STOP_SECONDS);
    }
}

void core_has_left(uint64_t index)
{
    (void)index;                        /* home waits until it is off: look() */
}
