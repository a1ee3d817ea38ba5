/** @file main.c  bench [NAME ...]: measures, then prints `bench NAME VALUE UNIT # remarks` for each line.  curve.c has another.
 * bench --cores A,B [NAME ...]: the same between two cores (cores.c). */
#include "bench.h"
#include "cores.h"
#include <os/print.h>
#include <os/string.h>

static struct line line[] = {
    { .name = "spawn-exit", .target = 120000, .run = spawn_exit },
    { .name = "spawn-exit-bss-512m", .run = spawn_exit_bss },
    { .name = "ram-alloc-free-4k", .run = ram_page },
    { .name = "ram-alloc-free-2m", .run = ram_block_of_2m },
    { .name = "slot-alloc-free", .run = slot_alloc_free },
    { .name = "map-unmap-vspace-4k", .run = map_page },
    { .name = "map-unmap-vspace-2m", .run = map_block },
    { .name = "rpc-plain-empty", .run = plain_empty },
    { .name = "rpc-plain-7-words", .run = plain_7_words },
    { .name = "rpc-empty", .target = 249 + 150, .run = rpc_empty },
    { .name = "rpc-7-words", .target = 249 + 150, .run = rpc_words },
    { .name = "rpc-8-words", .target = 249 + 150, .run = rpc_eight },
    { .name = "rpc-64B", .run = rpc_64 },
    { .name = "rpc-1KiB", .target = 8000, .run = rpc_1k },
    { .name = "rpc-64KiB", .target = 37000, .run = rpc_64k },
    { .name = "rpc-cap", .run = rpc_cap },
    { .name = "loopback-empty", .run = loopback_empty },
    /* From here on with threads, and a pager. */
    { .name = "page-fault-seq", .target = 700, .run = page_fault_seq },
    { .name = "page-fault-random", .target = 2000, .run = page_fault_random },
    { .name = "page-fault-huge", .target = 339, .run = page_fault_huge },
    { .name = "unmap-page", .target = 500, .run = unmap_page },
    { .name = "unmap-huge", .target = 27, .run = unmap_huge },
    { .name = "malloc-free-64", .target = 120, .run = malloc_free },
    { .name = "malloc-1000", .target = 200, .run = malloc_1000 },
    { .name = "thread-create-join", .target = 4000, .run = thread_create_join },
    { .name = "thread-switch", .target = 300, .run = thread_switch },
    { .name = "thread-switch-no-fp", .target = 300, .run = thread_switch_no_fp },
    { .name = "mutex-uncontended", .target = 30, .run = mutex_uncontended },
    { .name = "mutex-handoff", .target = 900, .run = mutex_handoff },
    { .name = "condition-round-trip", .target = 900, .run = condition_round_trip },
};

#define LINES (sizeof(line) / sizeof(line[0]))

uint64_t median(uint64_t *sample, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        const uint64_t v = sample[i];
        unsigned at = i;
        for (; at > 0 && sample[at - 1] > v; at--) {
            sample[at] = sample[at - 1];
        }
        sample[at] = v;
    }
    return sample[count / 2];
}

static uint64_t nothing(void)
{
    const uint64_t begin = clock_now();

    return clock_now() - begin;
}

uint64_t overhead(void)
{
    uint64_t sample[9];

    for (unsigned i = 0; i < 9; i++) {
        sample[i] = nothing();
    }
    return median(sample, 9);
}

/* Under icount two readings with one instruction (ISB) between them are two apart, always. */
static bool counts_instructions(void)
{
    for (unsigned i = 0; i < 20; i++) {
        if (nothing() != 2) {
            return false;
        }
    }
    return true;
}

static bool wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return count <= 1;
}

static void show(const struct line *l, const char *unit)
{
    print("bench %s %lu %s", l->name, l->value, unit);
    if (l->target > 0) {
        print(" # target %lu, %s", l->target, l->value <= l->target ? "met" : "missed");
    }
    print("%s%s\n", l->remark[0] ? l->target > 0 ? "; " : " # " : "", l->remark);
}

static const char *read_core(const char *text, uint64_t *core)
{
    *core = 0;
    for (; *text >= '0' && *text <= '9' && *core < 1000; text++) {
        *core = *core * 10 + (uint64_t)(*text - '0');
    }
    return text;
}

static int between_cores(int argc, char **argv)
{
    uint64_t a, b;
    const char *const comma = read_core(argv[2], &a);

    if (*comma != ',' || comma == argv[2] || comma[1] == '\0' || *read_core(comma + 1, &b) != '\0' || a == b) {
        print("bench: --cores wants two different cores: --cores 0,1\n");
        return 2;
    }
    return bench_cores(a, b, argc - 3, argv + 3);
}

int main(int argc, char **argv, char **envp)
{
    const char *const unit = counts_instructions() ? "instructions" : "ticks";
    err_t err[LINES];
    unsigned run = 0, failed = 0;

    (void)envp;
    if (argc == 2 && strcmp(argv[1], "as-server") == 0) {
        return echo_server();
    }
    if (argc == 2 && strcmp(argv[1], "as-plain") == 0) {
        return plain_server();
    }
    if (argc == 2 && strcmp(argv[1], "as-partner") == 0) {
        return partner();
    }
    if (argc >= 3 && strcmp(argv[1], "--cores") == 0) {
        return between_cores(argc, argv);
    }
    if (argc >= 2 && strcmp(argv[1], "fault-curve") == 0) {
        const err_t curve = fault_curve(argc > 2 && strcmp(argv[2], "mapped") == 0, unit);
        if (!err_ok(curve)) {
            err_print("fault-curve", curve);
        }
        return !err_ok(curve);
    }
    /* Nothing is printed until all is measured: the terminal would be at work meanwhile. */
    for (unsigned i = 0; i < LINES; i++) {
        if (wanted(line[i].name, argc, argv)) {
            err[i] = line[i].run(&line[i]);
        }
    }
    if (unit[0] == 't') {
        print("# not under --icount: the figures are ticks of an emulated clock, good for nothing but a first look\n");
    }
    for (unsigned i = 0; i < LINES; i++) {
        if (!wanted(line[i].name, argc, argv)) {
            continue;
        }
        run++;
        if (err_ok(err[i])) {
            show(&line[i], unit);
        } else {
            failed++;
            err_print(line[i].name, err[i]);
        }
    }
    if (run == 0) {
        print("bench: no line of that name\n");
        return 2;
    }
    return failed != 0;
}
