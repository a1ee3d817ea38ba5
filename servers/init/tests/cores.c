/** @file cores.c  Other cores: start, what they get, stop, and start again.  With one core only the refusals are tested. */
#include "corechild.h"
#include <os/dispatcher.h>

static struct core core[CORES_MAX];

static bool start_all(struct test *t)
{
    bool good = true;

    for (unsigned i = 1; i < cores_count() && good; i++) {
        good = core_make(t, &core[i], i) && core_launch(&core[i]);
    }
    return good;
}

static void stop_all(void)
{
    for (unsigned i = 1; i < cores_count(); i++) {
        (void)core_shut(&core[i]);
    }
}

/* Each comes up, has what it was promised, and answers. */
static void start(struct test *t)
{
    if (!start_all(t)) {
        return;
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        uint64_t state = CORE_IS_OFF;
        EXPECT_OK(t, core_state(TASK_CORECONTROL, i, &state));
        CHECK_EQ(t, state, CORE_IS_ON);
        EXPECT_ERR(t, core_start(TASK_CORECONTROL, i, core[i].loan, TASK_ARCHIVE, CPTR_NULL, &state), E_CAP_EMPTY);
        core[i].page->arg[0] = 41 * i;
        if (core_ask(&core[i], CORE_DO_NOTHING)) {
            CHECK_EQ(t, core[i].page->result[0], 41 * i + 1);
        }
        if (core_ask(&core[i], CORE_DO_INSPECT)) {
            CHECK(t, core[i].page->result[0] == 0, "core %u: %lu wrong, the last is check %lu", i, core[i].page->result[0],
                  core[i].page->result[1]);
        }
    }
    stop_all();
}

/* The memory of a core that runs cannot be used, and is as it was when the core has stopped. */
static void loan(struct test *t)
{
    const cptr_t slot = test_slot(t);
    struct cap_info before, after;

    if (cores_count() < 2 || !core_make(t, &core[1], 1)) {
        return;
    }
    MUST(t, cap_identify(CPTR_NULL, core[1].loan, &before));
    if (!core_launch(&core[1])) {
        return;
    }
    const uint64_t offset = before.base - t->pool.base;
    EXPECT_ERR(t, cap_identify(CPTR_NULL, core[1].loan, &after), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_retype(t->pool.ram, CAP_FRAME, offset + before.bytes - SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, 1, CPTR_NULL, slot),
               E_CAP_OVERLAP);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, t->pool.ram, offset, before.bytes), E_REMOTE);
    EXPECT_ERR(t, kernel_from_husk(TASK_KERNEL, core[1].husk + 1, CPTR_NULL, slot), E_CAP_EMPTY);
    EXPECT_ERR(t, kernel_from_husk(TASK_KERNEL, ~0ull, CPTR_NULL, slot), E_CAP_EMPTY);
    EXPECT_ERR(t, kernel_from_husk(TASK_KERNEL, core[1].husk, CPTR_NULL, TASK_L1), E_SLOT_OCCUPIED);
    (void)core_ask(&core[1], CORE_DO_NOTHING);
    if (core_shut(&core[1])) {
        MUST(t, cap_identify(CPTR_NULL, core[1].loan, &after));
        CHECK(t, after.type == before.type && after.base == before.base && after.bytes == before.bytes &&
                     after.rights == before.rights, "the loan came back as something else");
    }
}

#define ROUNDS 100u

/* One core stops and starts a hundred times while the others work; no capability is lost by it. */
static void again(struct test *t)
{
    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    for (unsigned i = 2; i < cores_count(); i++) {
        core_send(&core[i], CORE_DO_COUNT);
    }
    uint64_t caps = 0;
    for (unsigned round = 0; round < ROUNDS && t->wrong == 0; round++) {
        if (!core_shut(&core[1]) || !core_launch(&core[1])) {
            return;
        }
        caps = round == 1 ? cap_count() : caps;
    }
    /* the test's own slots: each round takes one for a Mapping, and 256 of them a CNode */
    CHECK(t, cap_count() - caps <= 1 + ROUNDS / 256, "%lu capabilities after two rounds, %lu after all", caps, cap_count());
    for (unsigned i = 2; i < cores_count(); i++) {
        CHECK(t, __atomic_load_n(&core[i].page->count, __ATOMIC_RELAXED) != 0, "core %u did not work meanwhile", i);
    }
    stop_all();
}

static void spoil_magic(struct core_boot *b) { b->magic++; }
static void spoil_pool(struct core_boot *b) { b->pool_bytes = 100; }
static void spoil_archive(struct core_boot *b) { b->archive_bytes = ~0ull; }
static void spoil_none(struct core_boot *b) { b->image.segment_count = 0; }
static void spoil_many(struct core_boot *b) { b->image.segment_count = 9; }
static void spoil_order(struct core_boot *b) { b->image.segment[0].va = b->image.segment[1].va; }
static void spoil_low(struct core_boot *b) { b->image.segment[0].va = 0x1000; }
static void spoil_high(struct core_boot *b) { b->image.segment[b->image.segment_count - 1].va = INIT_FRAME_VA - 8; }
static void spoil_file(struct core_boot *b) { b->image.segment[0].file_offset = ~0ull; }
static void spoil_bytes(struct core_boot *b) { b->image.segment[0].mem_bytes = b->image.segment[0].file_bytes - 1; }
static void spoil_rights(struct core_boot *b) { b->image.segment[0].flags = MAP_READ | MAP_WRITE | MAP_EXEC; }
static void spoil_entry(struct core_boot *b) { b->image.entry = 8; }

static void refuses_blocks(struct test *t)
{
    static void (*const spoil[])(struct core_boot *) = {
        spoil_magic, spoil_pool, spoil_archive, spoil_none, spoil_many, spoil_order, spoil_low, spoil_high, spoil_file, spoil_bytes,
        spoil_rights, spoil_entry,
    };
    uint64_t husk;

    if (cores_count() < 2 || !core_make(t, &core[1], 1)) {
        return;
    }
    for (unsigned i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        if (!core_write_block(&core[1], spoil[i])) {
            return;
        }
        const err_t err = core_start(TASK_CORECONTROL, 1, core[1].loan, TASK_ARCHIVE, core[1].channel, &husk);
        CHECK(t, err_root(err) == E_CORE_BLOCK, "spoilt block %u: error %u", i, err_root(err));
    }
}

static void spoil_size(struct core_boot *b) { b->pool_bytes = CORE_LOAN_BYTES; }

static void refuses(struct test *t)
{
    const uint64_t count = init.boot->core_count;
    const cptr_t part = test_slot(t), weak = test_slot(t), reader = test_slot(t);
    uint64_t husk, state;

    if (!core_make(t, &core[1], 1) || !core_write_block(&core[1], NULL)) {
        return;
    }
    const cptr_t ram = core[1].loan, image = TASK_ARCHIVE, channel = core[1].channel;
    EXPECT_ERR(t, kernel_stop(TASK_KERNEL), E_BOOT_CORE);
    EXPECT_ERR(t, core_state(TASK_CORECONTROL, count, &state), E_ARG);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, count, ram, image, channel, &husk), E_ARG);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, ~0ull, ram, image, channel, &husk), E_ARG);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 0, ram, image, channel, &husk), E_BOOT_CORE);
    EXPECT_OK(t, core_state(TASK_CORECONTROL, 0, &state));
    CHECK_EQ(t, state, CORE_IS_ON);
    EXPECT_ERR(t, kernel_to_husk(TASK_KERNEL, ram, 0, &husk), E_ARG);
    EXPECT_ERR(t, kernel_to_husk(TASK_KERNEL, ram, count, &husk), E_ARG);
    EXPECT_OK(t, cap_copy(CPTR_NULL, reader, CPTR_NULL, TASK_CORECONTROL, RIGHT_READ));
    EXPECT_ERR(t, core_start(reader, 1, ram, image, channel, &husk), E_CAP_RIGHTS);
    if (count < 2) {
        return;
    }
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, test_slot(t), image, channel, &husk), E_CAP_EMPTY);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, channel, image, channel, &husk), E_CAP_TYPE);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, TASK_L1, channel, &husk), E_CAP_TYPE);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, image, TASK_L1, &husk), E_CAP_TYPE);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, image, TASK_ARCHIVE, &husk), E_CAP_RIGHTS);
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, ram, RIGHT_READ | RIGHT_WRITE));
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, weak, image, channel, &husk), E_CAP_RIGHTS);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, image, channel, &husk), E_CAP_OVERLAP);
    EXPECT_OK(t, cap_delete(CPTR_NULL, weak));
    EXPECT_OK(t, cap_retype(ram, CAP_RAM, CORE_LOAN_BYTES / 2, SHOAL_PAGE_SIZE, 1, CPTR_NULL, part));
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, image, channel, &husk), E_CAP_OVERLAP);
    EXPECT_ERR(t, kernel_to_husk(TASK_KERNEL, ram, 1, &husk), E_CAP_OVERLAP);
    EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, part, image, channel, &husk), E_CORE_BLOCK);
    EXPECT_OK(t, cap_delete(CPTR_NULL, part));
    if (core_write_block(&core[1], spoil_size)) {
        EXPECT_ERR(t, core_start(TASK_CORECONTROL, 1, ram, image, channel, &husk), E_CAP_SIZE);
    }
    EXPECT_OK(t, core_state(TASK_CORECONTROL, 1, &state));
    CHECK_EQ(t, state, CORE_IS_OFF);
    MUST(t, kernel_to_husk(TASK_KERNEL, ram, 1, &husk));
    EXPECT_ERR(t, kernel_to_husk(TASK_KERNEL, ram, 1, &husk), E_CAP_EMPTY);
    EXPECT_OK(t, kernel_from_husk(TASK_KERNEL, husk, CPTR_NULL, ram));
}

/* A core whose kernel panics is switched off; the others go on, and it can be started again. */
static void panic(struct test *t)
{
    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    core_send(&core[1], CORE_DO_FAULT);
    if (core_reclaim(&core[1])) {
        for (unsigned i = 2; i < cores_count(); i++) {
            (void)core_ask(&core[i], CORE_DO_NOTHING);
        }
        (void)core_launch(&core[1]);
    }
    stop_all();
}

TEST_GROUP(cores, CASE(refuses), CASE(refuses_blocks), CASE(start), CASE(loan), CASE(again));
TEST_GROUP(cores_panic, CASE(panic));
