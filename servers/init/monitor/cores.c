/** @file cores.c  Contracts in cores.h. */
#include "cores.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <os/print.h>

#define START_SECONDS 10u           /* a core that has not said anything by then is taken for one that does not run */

static struct core *by_index(uint64_t index)
{
    return (struct core *)((char *)monitor.cores + index * sizeof(struct core));
}

struct core *core_of(uint64_t index)
{
    return monitor.cores && index != 0 && index < init.boot->core_count ? by_index(index) : NULL;
}

static void say(const struct core *core, const char *what, err_t err)
{
    char text[200];

    (void)err_format(err, text, sizeof(text));
    print("init: core %lu %s: %s\n", core->index, what, text);
}

err_t core_begin(uint64_t index)
{
    REQUIRE(index != init.boot->core, E_BOOT_CORE);
    struct core *const core = core_of(index);
    REQUIRE(core, E_CORE_NONE);
    REQUIRE(core->phase == CORE_DOWN, E_CORE_ON);
    TRY(core_boot(core));
    core->phase = CORE_STARTING;
    core->deadline = time_now() + START_SECONDS * time_hz();
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

void core_is_up(struct core *core)
{
    core->phase = CORE_UP;
    core->deadline = 0;
}
