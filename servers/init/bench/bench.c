/** @file bench.c  The bench command: `bench NAME VALUE UNIT # remarks`.  Method: docs/benchmarks.md. */
#include "bench.h"
#include "../commands.h"
#include <os/print.h>
#include <os/string.h>

/* what measure.S knows */
_Static_assert(offsetof(struct shared, arg) == 0 && offsetof(struct shared, result) == 256 &&
               offsetof(struct shared, more) == 1280 && PROC_SHARED_VA == 0x10002000 && SAMPLES == 100, "measure.S");
_Static_assert(NOTIFY_SIGNAL == 0 && IRQ_ACK == 2, "measure.S");

static struct {
    char remark[120];
    const char *unit;
} now;

void bench_remark(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)format_text_v(now.remark, sizeof(now.remark), format, args);
    va_end(args);
}

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

uint64_t overhead(void)
{
    uint64_t sample[9];

    for (unsigned i = 0; i < 9; i++) {
        sample[i] = measure_nothing();
    }
    return median(sample, 9);
}

/* Under icount two readings with one instruction (ISB) between them are two apart, always. */
static bool counts_instructions(void)
{
    for (unsigned i = 0; i < 20; i++) {
        if (measure_nothing() != 2) {
            return false;
        }
    }
    return true;
}

static bool wanted(const char *name, unsigned count, const char *const words[])
{
    for (unsigned i = 1; i < count; i++) {
        if (strcmp(words[i], name) == 0) {
            return true;
        }
    }
    return count <= 1;
}

static bool run_line(const struct bench_line *line)
{
    struct test t;
    uint64_t value = 0;

    now.remark[0] = 0;
    if (!test_begin(&t, "bench", line->name)) {
        return false;
    }
    const bool measured = line->run(&t, &value);
    test_end(&t);
    if (!measured || t.wrong > 0) {
        print("bench %s failed\n", line->name);
        return false;
    }
    print("bench %s %lu %s", line->name, value, now.unit);
    if (line->target > 0) {
        print(" # target %lu, %s", line->target, value <= line->target ? "met" : "missed");
    }
    print("%s%s\n", now.remark[0] ? line->target > 0 ? "; " : " # " : "", now.remark);
    return true;
}

int bench_command(unsigned count, const char *const words[])
{
    static const struct bench_line *const table[] = { bench_single, bench_two, bench_spawn, bench_threads, bench_ump };
    unsigned run = 0, failed = 0;

    now.unit = counts_instructions() ? "instructions" : "ticks";
    if (!counts_instructions()) {
        print("# not under --icount: the figures are ticks of an emulated clock, good for nothing but a first look\n");
    }
    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (const struct bench_line *line = table[i]; line->run; line++) {
            if (wanted(line->name, count, words)) {
                run++;
                failed += !run_line(line);
            }
        }
    }
    if (run == 0) {
        print("bench: no line of that name\n");
        return 2;
    }
    return failed != 0;
}
