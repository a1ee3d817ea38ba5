/**
 * @file spawn.c  Benches of a process's life without the servers around it: apps/true is made, runs, and is removed.
 * The memory is zero already, as the memory server hands it out.
 */
#include "../maker.h"
#include "bench.h"
#include <os/string.h>

#define ROUNDS 15u

enum part { BUILD, RUN, REVOKE, PARTS };

struct life {
    struct maker maker;
    struct image image;
    struct spawn_plan plan;
    struct spawn spawn;
    struct proc proc;           /* test, badge and dispatcher only */
    uint64_t sample[PARTS][ROUNDS];
};

static const char *const arguments[] = { "true", NULL };
static const char *const environment[] = { NULL };

static err_t build(struct life *l, const struct spawn_request *request, cptr_t ram)
{
    TRY(spawn_plan(&l->plan, request));
    TRY(spawn_build(&l->spawn, &l->maker.maker, &l->plan, ram));
    return spawn_finish(&l->spawn);
}

static err_t remove(struct life *l, cptr_t ram)
{
    TRY(cap_revoke(CPTR_NULL, ram, 0, l->plan.bytes));
    slots_free(&l->maker.stock.slots, l->spawn.dispatcher);
    return OK;
}

/* One process from plan to nothing. */
static err_t live(struct life *l, const struct spawn_request *request, cptr_t ram, unsigned round)
{
    struct fault fault;

    const uint64_t begin = clock_now();
    TRY(build(l, request, ram));
    const uint64_t built = clock_now();
    l->proc.disp = l->spawn.dispatcher;
    const uint64_t start = clock_now();
    TRY(dispatcher_start(l->proc.disp));
    const bool ended = proc_fault(&l->proc, &fault);
    const uint64_t end = clock_now();
    REQUIRE(ended && fault.cause == FAULT_BREAKPOINT && (fault.syndrome & 0xffff) == BRK_EXIT, E_ARG);
    const uint64_t before = clock_now();
    TRY(remove(l, ram));
    const uint64_t gone = clock_now();
    faults_collect();                   /* the dispatcher's end is reported too */
    init.fault[l->proc.badge].present = false;
    l->sample[BUILD][round] = built - begin;
    l->sample[RUN][round] = end - start;
    l->sample[REVOKE][round] = gone - before;
    return OK;
}

static err_t lives(struct life *l)
{
    struct test *const t = l->proc.test;
    const cptr_t fault = test_slot(t), slot = test_slot(t);
    const struct spawn_request request = {
        .image = &l->image, .name = "true", .pid = 1, .argc = 1, .argv = arguments, .envp = environment, .fault = fault,
    };

    TRY(maker_begin(t, &l->maker));
    TRY(image_find(&l->image, init.archive, init.archive_bytes, "true"));
    TRY(image_frame(&l->image, TASK_ARCHIVE, (uint64_t)l->image.file - ARCHIVE_VA));
    TRY(cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, l->proc.badge));
    TRY(spawn_plan(&l->plan, &request));
    const cptr_t ram = test_ram(t, l->plan.bytes, SHOAL_PAGE_SIZE);
    for (unsigned i = 0; i < ROUNDS; i++) {
        TRY(maker_scrub(t, ram, l->plan.bytes, slot));
        TRY(live(l, &request, ram, i));
    }
    return OK;
}

static bool part(struct test *t, enum part part, uint64_t *value)
{
    static struct life life;

    life = (struct life){ .proc = { .test = t, .badge = t->next_badge++ } };
    const err_t err = lives(&life);
    EXPECT_OK(t, err);
    *value = median(life.sample[part], ROUNDS) - overhead();
    return err_ok(err);
}

static bool build_line(struct test *t, uint64_t *value)
{
    const bool ok = part(t, BUILD, value);

    bench_remark("in place, out of one RAM capability");
    return ok;
}

static bool run_line(struct test *t, uint64_t *value)
{
    return part(t, RUN, value);
}

static bool revoke_line(struct test *t, uint64_t *value)
{
    return part(t, REVOKE, value);
}

const struct bench_line bench_spawn[] = {
    { "spawn-build", 0, build_line },
    { "spawn-run", 0, run_line },
    { "spawn-revoke", 0, revoke_line },
    { 0 },
};
