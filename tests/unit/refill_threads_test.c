/**
 * @file refill_threads_test.c  Refills of many threads: the machine is thread_machine.c's, the stock only a number of pages,
 * which a refill brings after a while.
 */
#include "test.h"
#include "thread_machine.h"

#include <os/rpc_lmp.h>
#include <os/stock.h>
#include <os/thread_fault.h>

#define CALLERS 6u
#define LOW     10u
#define FULL    40u

bool os_rpc_threads_started;

void os_refill_start(struct stock *stock);

static struct {
    struct stock stock;
    uint64_t pages, refills, others, by_pager;
    bool working, fails, paging;
} world;

static uint64_t chance(uint64_t n)
{
    return test_random(&machine.random) % n;
}

/* Others run meanwhile, as during an RPC. */
static void wait_a_while(void)
{
    for (uint64_t i = chance(4); i > 0; i--) {
        thread_sleep_until(machine.now + chance(100));
    }
}

static err_t refill_here(struct stock *stock)
{
    EXPECT(stock == &world.stock, "which");
    if (world.pages >= LOW) {
        return OK;
    }
    world.working = true;
    wait_a_while();
    /* what it needs may come back here */
    EXPECT(err_ok(world.stock.elsewhere(stock, STOCK_REFILL, 0)), "from within");
    EXPECT(err_root(world.stock.elsewhere(stock, STOCK_OBTAIN, 4096)) == E_RESERVE_NONE, "not from within");
    wait_a_while();
    world.working = false;
    REQUIRE(!world.fails || chance(2), E_RAM_NONE);
    world.pages = FULL;
    world.refills++;
    return OK;
}

err_t stock_work_here(struct stock *stock, enum stock_work work, uint64_t bytes)
{
    EXPECT(bytes == (work == STOCK_OBTAIN ? 4096 : 0), "how much");
    world.others += work != STOCK_REFILL;
    EXPECT(!world.working, "two at once");
    return work == STOCK_REFILL ? refill_here(stock) : OK;
}

/* As stock_refill() of libos/stock. */
static err_t refill(void)
{
    return world.pages < LOW ? world.stock.elsewhere(&world.stock, STOCK_REFILL, 0) : OK;
}

static void takes(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 80; i++) {
        const err_t err = refill();
        if (err_ok(err)) {
            EXPECT(world.pages >= LOW - CALLERS, "told OK, and there are %" PRIu64, world.pages);
            world.pages--;
        } else {
            EXPECT(world.fails && err_root(err) == E_RAM_NONE, "why");
        }
        if (chance(8) == 0) {
            EXPECT(err_ok(world.stock.elsewhere(&world.stock, STOCK_TRIM, 0)), "a trim");
            EXPECT(err_ok(world.stock.elsewhere(&world.stock, STOCK_OBTAIN, 4096)), "a run of pages");
        }
        if (chance(3) == 0) {
            thread_sleep_until(machine.now + chance(150));
        }
    }
}

/* A thread of its own, which does one thing after the other. */
static err_t pager(struct stock *stock, enum stock_work work, uint64_t bytes)
{
    (void)bytes;
    while (world.paging) {
        thread_sleep_until(machine.now + 20);
    }
    world.paging = true;
    EXPECT(stock == &world.stock && !world.working, "nobody else refills any more");
    world.working = true;
    wait_a_while();
    world.working = false;
    world.by_pager++;
    world.pages = work == STOCK_REFILL ? FULL : world.pages;
    world.paging = false;
    return OK;
}

static void brings_pager(void *arg)
{
    (void)arg;
    thread_sleep_until(machine.now + 2000);
    thread_refill_by(&world.stock, pager);
    EXPECT(!world.working, "the last one has ended");
}

static void round_of(unsigned round, bool fails, bool paged)
{
    memset(&world, 0, sizeof(world));
    world.fails = fails;
    machine_start(test_seed() * 1000 + round);
    machine.chance = 3 + round % 5;
    os_refill_start(&world.stock);
    os_rpc_threads_started = true;
    for (unsigned i = 0; i < CALLERS; i++) {
        (void)machine_thread(takes, NULL, 20 + (unsigned)chance(3));
    }
    if (paged) {
        (void)machine_thread(brings_pager, NULL, 40);
    }
    machine_join();
    os_rpc_threads_started = false;
}

TEST(refill_threads, one_at_a_time_and_nobody_goes_without)
{
    for (unsigned round = 0; round < 40; round++) {
        round_of(round, round % 4 == 3, false);
        EXPECT(world.refills > 5 && world.others > 5, "%" PRIu64 " refills", world.refills);
    }
}

TEST(refill_threads, pager_takes_over)
{
    uint64_t by_pager = 0;

    for (unsigned round = 0; round < 40; round++) {
        round_of(round, false, true);
        by_pager += world.by_pager;
    }
    EXPECT(by_pager > 40, "by the pager: %" PRIu64, by_pager);
}
