/** @file cores.c  bench --cores A,B; contracts in cores.h, method in docs/benchmarks.md.
 *
 * Times are nanoseconds of the machine's counter: instructions say nothing about two cores at once.  Each game is played
 * BATCHES times, in turn with the others, and the fastest batch counts: host cores are taken away from us at any time. */
#include "bench.h"
#include "cores.h"
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <stubs/monitor.h>
#include <stubs/partner.h>

#define BATCHES 9u
#define CALLS   200u

static struct {
    struct player player;
    struct rpc_client partner;
    cptr_t frame, notify;
    uint64_t core, pid, best[16];
    iref_t service;
} state;

enum { RAW, POLLED, ASLEEP, STREAM, EMPTY, WORDS, BIND, CAP, SPAWN, START, LINES };

static uint64_t ns(uint64_t ticks, uint64_t by)
{
    return ticks * (1000000000 / (time_hz() / 1000)) / 1000 / by;
}

static void note(unsigned line, uint64_t ticks, uint64_t by)
{
    const uint64_t value = ns(ticks, by);

    if (state.best[line] == 0 || value < state.best[line]) {
        state.best[line] = value;
    }
}

/* --- what is measured --- */

static err_t game(unsigned line, enum game game, uint64_t rounds)
{
    TRY(partner_play(&state.partner, game, rounds));
    const uint64_t begin = time_now();
    TRY(player_serve(&state.player, game, rounds));
    note(line, time_now() - begin, rounds);
    return OK;
}

static err_t raw(void) { return game(RAW, GAME_RAW, 20000); }
static err_t polled(void) { return game(POLLED, GAME_POLLED, 10000); }
static err_t asleep(void) { return game(ASLEEP, GAME_ASLEEP, 100); }
static err_t stream(void) { return game(STREAM, GAME_STREAM, 20000); }

static err_t empty(void)
{
    const uint64_t begin = time_now();

    for (unsigned i = 0; i < CALLS; i++) {
        TRY(partner_nothing(&state.partner));
    }
    note(EMPTY, time_now() - begin, CALLS);
    return OK;
}

static err_t words(void)
{
    const uint64_t begin = time_now();

    for (unsigned i = 0; i < CALLS; i++) {
        TRY(partner_words(&state.partner, 1, 2, 3, 4, 5, 6, 7));
    }
    note(WORDS, time_now() - begin, CALLS);
    return OK;
}

/* The record stays: a binding to another core cannot be closed before the process ends. */
static err_t bind(void)
{
    static struct rpc_client client[BATCHES];
    static unsigned used;
    const uint64_t begin = time_now();

    TRY(service_bind(&client[used], state.service));
    note(BIND, time_now() - begin, 1);
    used++;
    return OK;
}

static err_t transfer(void)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t copy;

    TRY(slots_alloc(slots, &copy));
    TRY(cap_copy(CPTR_NULL, copy, CPTR_NULL, state.frame, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT));
    const uint64_t begin = time_now();
    TRY(partner_take(&state.partner, copy));
    note(CAP, time_now() - begin, 1);
    slots_free(slots, copy);
    return OK;
}

static err_t spawn(void)
{
    static const char *const argv[] = { "true" };
    const struct spawn_options options = { .elsewhere = true, .core = state.core };
    unsigned status;
    uint64_t pid;
    const uint64_t begin = time_now();

    TRY(process_spawn(1, argv, &options, &pid));
    TRY(process_wait(pid, &pid, &status));
    note(SPAWN, time_now() - begin, 1);
    return ERR(status == 0 ? E_OK : E_ARG);
}

/* Everything that runs on the core ends by it: last. */
static err_t start(void)
{
    TRY(monitor_core_stop(os_monitor(), state.core));
    const uint64_t begin = time_now();
    TRY(monitor_core_start(os_monitor(), state.core));
    static const char *const argv[] = { "true" };
    const struct spawn_options options = { .elsewhere = true, .core = state.core };
    uint64_t pid;
    TRY(process_spawn(1, argv, &options, &pid));
    note(START, time_now() - begin, 1);
    return OK;
}

static const struct {
    const char *name;
    err_t (*run)(void);
    uint64_t tenths;            /* target: at most so many tenths of raw; 0: none; of ump-throughput: messages per raw */
} line[LINES] = {
    [RAW] = { "raw-cacheline-pingpong", raw, 0 },
    [POLLED] = { "ump-roundtrip-polled", polled, 25 },
    [ASLEEP] = { "ump-roundtrip-asleep", asleep, 0 },
    [STREAM] = { "ump-throughput", stream, 15 },
    [EMPTY] = { "rpc-empty-cores", empty, 40 },
    [WORDS] = { "rpc-7-words-cores", words, 0 },
    [BIND] = { "bind-cores", bind, 0 },
    [CAP] = { "cap-transfer-cores", transfer, 0 },
    [SPAWN] = { "spawn-exit-cores", spawn, 0 },
    [START] = { "core-start", start, 0 },
};

/* --- the two processes --- */

static err_t begin(uint64_t core)
{
    static const char *const argv[] = { "bench", "as-partner" };
    struct ram_block block;
    uint64_t address, event;
    cptr_t passed[2];

    TRY(slots_alloc(&os_stock()->slots, &state.frame));
    TRY(reserve_make(&os_stock()->reserve, CAP_FRAME, SHARED_BYTES, CPTR_NULL, state.frame, &block));
    TRY(vspace_map(os_vspace(), state.frame, 0, SHARED_BYTES, MAP_READ | MAP_WRITE, &address));
    memset((void *)address, 0, SHARED_BYTES);
    TRY(notify_new(&state.notify, &event));
    passed[0] = state.frame;
    passed[1] = state.notify;
    const struct spawn_options options = { .passed_count = 2, .passed = passed, .elsewhere = true, .core = core };
    TRY(process_spawn(2, argv, &options, &state.pid));
    struct shared *const shared = (struct shared *)address;
    const uint64_t until = time_now() + 10 * time_hz();
    while ((state.service = __c11_atomic_load(&shared->hello.word[0], __ATOMIC_ACQUIRE)) == 0) {
        REQUIRE(time_now() < until, E_TIMEOUT);
    }
    TRY(service_bind(&state.partner, state.service));
    cptr_t wake;
    TRY(slots_alloc(&os_stock()->slots, &state.partner.cap_slot));
    TRY(partner_wake(&state.partner, &wake));
    player_init(&state.player, shared, 0, wake, event);
    state.core = core;
    return OK;
}

static bool wanted(const char *name, int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return count == 0 && strcmp(name, line[START].name) != 0;
}

static void tenths(const char *text, uint64_t n)
{
    print("%s%lu.%lu", text, n / 10, n % 10);
}

static void show(unsigned i)
{
    const uint64_t raw_ns = state.best[RAW];

    print("bench %s %lu ns", line[i].name, state.best[i]);
    if (i != RAW && raw_ns != 0) {
        const uint64_t ratio = i == STREAM ? raw_ns * 10 / (state.best[i] ? state.best[i] : 1) : state.best[i] * 10 / raw_ns;
        tenths(" # ", ratio);
        print(i == STREAM ? " messages in one raw round trip" : " x raw");
        if (line[i].tenths != 0) {
            tenths(", target ", line[i].tenths);
            print(", %s", (i == STREAM ? ratio >= line[i].tenths : ratio <= line[i].tenths) ? "met" : "missed");
        }
    }
    print("\n");
}

static int here(uint64_t core, int count, char **names)
{
    err_t err[LINES] = { { 0 } };
    int status = 0;

    const err_t begun = begin(core);
    if (!err_ok(begun)) {
        err_print("bench --cores", begun);
        return 1;
    }
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        for (unsigned i = 0; i < START; i++) {
            if (err_ok(err[i]) && (i == RAW || wanted(line[i].name, count, names))) {
                err[i] = line[i].run();
            }
        }
    }
    err_ignore(process_kill(state.pid));
    if (wanted(line[START].name, count, names)) {
        err[START] = line[START].run();
    }
    for (unsigned i = 0; i < LINES; i++) {
        if (!err_ok(err[i])) {
            err_print(line[i].name, err[i]);
            status = 1;
        } else if (state.best[i] != 0) {
            show(i);
        }
    }
    return status;
}

/* On the first of the two cores, wherever this runs. */
int bench_cores(uint64_t a, uint64_t b, int count, char **names)
{
    const char *argv[16] = { "bench", "--cores", NULL };
    const struct spawn_options options = { .elsewhere = true, .core = a };
    char cores[48];
    unsigned status;
    uint64_t pid;

    if (id_core(os_startup()->pid) == a) {
        return here(b, count, names);
    }
    (void)format_text(cores, sizeof(cores), "%lu,%lu", a, b);
    argv[2] = cores;
    for (int i = 0; i < count && i < 12; i++) {
        argv[3 + i] = names[i];
    }
    err_t err = process_spawn(3 + (unsigned)(count < 12 ? count : 12), argv, &options, &pid);
    if (err_ok(err)) {
        err = process_wait(pid, &pid, &status);
    }
    if (!err_ok(err)) {
        err_print("bench --cores", err);
        return 1;
    }
    return (int)status;
}
