/** @file cores.c  Other cores: start, what they get, stop, and start again.  With one core only the refusals are tested. */
#include "corechild.h"
#include <os/dispatcher.h>
#include <os/string.h>

static struct core core[CORES_MAX];

/* Number i of those that are started: the last one of the machine is always among them, its affinity has more than one level. */
static uint64_t index_of(unsigned i)
{
    return i + 1 == CORES_MAX ? init.boot->core_count - 1 : i;
}

static bool start_all(struct test *t)
{
    bool good = true;

    for (unsigned i = 1; i < cores_count() && good; i++) {
        good = core_make(t, &core[i], index_of(i)) && core_launch(&core[i]);
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
        EXPECT_OK(t, core_state(TASK_CORECONTROL, core[i].index, &state));
        CHECK_EQ(t, state, CORE_IS_ON);
        EXPECT_ERR(t, core_start(TASK_CORECONTROL, core[i].index, core[i].loan, TASK_ARCHIVE, CPTR_NULL, &state), E_CAP_EMPTY);
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

/* ---- signals --------------------------------------------------------------------------------------------------------- */

#define EVENT_BACK  (EVENT_TEST + 100)      /* + index: the Notifys of init that other cores may signal */
#define BACK_COUNT  64u
#define BACK_DEATH  (EVENT_TEST + 200)

/* The Notifys, in a CSpace of their own: index i posts EVENT_BACK + i. */
static cptr_t make_notifys(struct test *t)
{
    const cptr_t l1 = test_make(t, CAP_L1CNODE, L1_SLOTS_LOG2_MIN, 1);
    const uint64_t bytes = object_bytes(CAP_L2CNODE, 0);
    uint64_t offset = 0;

    EXPECT_OK(t, supply_take(&t->pool, bytes, bytes, &offset));
    EXPECT_OK(t, cap_retype(t->pool.ram, CAP_L2CNODE, offset, 0, 1, l1, CPTR_L1(0)));
    for (unsigned i = 1; i < BACK_COUNT; i++) {
        const cptr_t n = test_make(t, CAP_NOTIFY, 0, 1);
        EXPECT_OK(t, notify_bind(n, TASK_DISPATCHER, EVENT_BACK + i));
        EXPECT_OK(t, cap_copy(l1, i, CPTR_NULL, n, RIGHTS_ALL));
    }
    return l1;
}

static void disconnect_all(struct test *t)
{
    for (unsigned i = 1; i < cores_count(); i++) {
        EXPECT_OK(t, kernel_disconnect(TASK_KERNEL, core[i].index));
    }
}

#define ECHOES 500u

/* To and fro, with each core: a signal is never lost, and none comes that was not sent. */
static void signals(struct test *t)
{
    const cptr_t l1 = make_notifys(t);
    struct kernel_peer peer;

    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        const cptr_t to = test_slot(t);
        EXPECT_OK(t, kernel_peer(TASK_KERNEL, core[i].index, &peer));
        CHECK_EQ(t, peer.state, PEER_NONE);
        if (!core_connect(&core[i], l1)) {
            return;
        }
        EXPECT_OK(t, kernel_remote_notify(TASK_KERNEL, core[i].index, CORE_ECHO_INDEX, CPTR_NULL, to));
        core[i].page->arg[0] = ECHOES;
        core[i].page->arg[1] = i;
        core[i].page->arg[2] = 0;
        core_send(&core[i], CORE_DO_ECHO);
        for (unsigned n = 0; n < ECHOES && t->wrong == 0; n++) {
            EXPECT_OK(t, notify_signal(to));
            CHECK(t, event_wait(EVENT_BACK + i, hang_deadline()), "core %u: no echo %u", i, n);
        }
        if (core_wait(&core[i])) {
            CHECK_EQ(t, core[i].page->result[0], E_OK);
            CHECK_EQ(t, core[i].page->result[1], 0);
        }
        EXPECT_OK(t, kernel_peer(TASK_KERNEL, core[i].index, &peer));
        CHECK(t, peer.state == PEER_UP && peer.sent == ECHOES && peer.got == ECHOES, "core %u: state %lu, %lu sent, %lu got", i,
              peer.state, peer.sent, peer.got);
    }
    stop_all();
    disconnect_all(t);
}

/* All at the same time, over all indices, more than one kernel entry takes at once: each index is heard of. */
static void many_signals(struct test *t)
{
    const cptr_t l1 = make_notifys(t);

    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        if (!core_connect(&core[i], l1)) {
            return;
        }
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        core[i].page->arg[0] = 20000;
        core[i].page->arg[1] = 1;
        core[i].page->arg[2] = 0;
        core[i].page->arg[3] = BACK_COUNT - 1;
        core_send(&core[i], CORE_DO_SIGNAL);
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        if (core_wait(&core[i])) {
            CHECK_EQ(t, core[i].page->result[0], E_OK);
        }
    }
    for (unsigned i = 1; i < BACK_COUNT; i++) {
        CHECK(t, event_wait(EVENT_BACK + i, hang_deadline()), "index %u: no event", i);
    }
    stop_all();
    disconnect_all(t);
}

static void signals_refuse(struct test *t)
{
    const cptr_t l1 = test_make(t, CAP_L1CNODE, L1_SLOTS_LOG2_MIN, 1), frame = test_make(t, CAP_FRAME, MAILBOX_PAIR_BYTES, 1);
    const cptr_t weak = test_slot(t), to = test_slot(t), copy = test_slot(t), n = test_make(t, CAP_NOTIFY, 0, 1);
    const uint64_t count = init.boot->core_count;
    struct kernel_peer peer;

    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, frame, RIGHT_READ));
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 0, frame, 0, l1), E_ARG);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, count, frame, 0, l1), E_ARG);
    EXPECT_ERR(t, kernel_disconnect(TASK_KERNEL, count), E_ARG);
    EXPECT_ERR(t, kernel_peer(TASK_KERNEL, count, &peer), E_ARG);
    EXPECT_ERR(t, kernel_remote_notify(TASK_KERNEL, count, 0, CPTR_NULL, to), E_ARG);
    EXPECT_ERR(t, kernel_remote_notify(TASK_KERNEL, 0, 0, CPTR_NULL, to), E_ARG);
    EXPECT_ERR(t, kernel_unbind(TASK_KERNEL), E_UNBOUND);
    EXPECT_ERR(t, kernel_bind(TASK_KERNEL, frame), E_CAP_TYPE);
    EXPECT_OK(t, kernel_bind(TASK_KERNEL, n));
    EXPECT_ERR(t, kernel_bind(TASK_KERNEL, n), E_BOUND);
    EXPECT_OK(t, kernel_unbind(TASK_KERNEL));
    if (count < 2) {
        return;
    }
    EXPECT_ERR(t, kernel_disconnect(TASK_KERNEL, 1), E_NO_PEER);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, l1, 0, l1), E_CAP_TYPE);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, frame, 0, frame), E_CAP_TYPE);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, weak, 0, l1), E_CAP_RIGHTS);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, frame, 64, l1), E_CAP_ALIGN);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, frame, SHOAL_PAGE_SIZE, l1), E_CAP_RANGE);
    EXPECT_ERR(t, kernel_remote_notify(TASK_KERNEL, 1, MAILBOX_INDICES, CPTR_NULL, to), E_ARG);
    EXPECT_ERR(t, kernel_remote_notify(TASK_KERNEL, 1, 0, CPTR_NULL, frame), E_SLOT_OCCUPIED);
    EXPECT_OK(t, kernel_remote_notify(TASK_KERNEL, 1, MAILBOX_INDICES - 1, CPTR_NULL, to));
    EXPECT_ERR(t, notify_signal(to), E_NO_PEER);
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, to, 0, 1), E_FOREIGN);
    EXPECT_OK(t, kernel_connect(TASK_KERNEL, 1, frame, 0, l1));
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, frame, 0, l1), E_BOUND);
    EXPECT_OK(t, kernel_peer(TASK_KERNEL, 1, &peer));
    CHECK_EQ(t, peer.state, PEER_WAITING);
    EXPECT_OK(t, notify_signal(to));
    EXPECT_OK(t, notify_signal(to));
    EXPECT_OK(t, kernel_peer(TASK_KERNEL, 1, &peer));
    CHECK_EQ(t, peer.sent, 1);              /* the second is under way already */
    EXPECT_OK(t, cap_copy(CPTR_NULL, copy, CPTR_NULL, to, RIGHT_GRANT));
    EXPECT_ERR(t, notify_signal(copy), E_CAP_RIGHTS);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, frame, 0, MAILBOX_PAIR_BYTES));
    EXPECT_ERR(t, notify_signal(to), E_NO_PEER);
    EXPECT_ERR(t, kernel_connect(TASK_KERNEL, 1, frame, 0, l1), E_BOUND);       /* the L1 CNode is still held */
    EXPECT_OK(t, cap_delete(CPTR_NULL, l1));
    EXPECT_OK(t, kernel_disconnect(TASK_KERNEL, 1));
}

/* ---- capabilities that cross ------------------------------------------------------------------------------------------ */

#define IMPORTED MAILBOX_PAIR_BYTES

/* Give core @p c a capability of our Frame @p range; it writes @p word there. */
static bool import(struct core *c, const struct cap_info *range, uint64_t word)
{
    struct test *const t = c->test;

    c->page->arg[0] = range->base;
    c->page->arg[1] = range->bytes;
    c->page->arg[2] = 0;
    c->page->arg[3] = word;
    if (!core_ask(c, CORE_DO_IMPORT)) {
        return false;
    }
    CHECK_EQ(t, c->page->result[0], E_OK);
    return c->page->result[0] == E_OK;
}

static void purge(struct core *c, const struct cap_info *range)
{
    struct test *const t = c->test;

    c->page->arg[0] = range ? range->base : 0;
    c->page->arg[1] = range ? range->bytes : 0;
    c->page->arg[2] = 0;
    if (core_ask(c, CORE_DO_PURGE)) {
        CHECK_EQ(t, c->page->result[0], E_OK);
        CHECK_EQ(t, c->page->result[1], 0);
    }
}

/* What a monitor does to revoke a Frame that other cores have: close, sweep, purge there, delete the anchor, open. */
static void export_and_revoke(struct test *t)
{
    const cptr_t ram = test_ram(t, IMPORTED, SHOAL_PAGE_SIZE), frame = test_slot(t), user = test_slot(t), again = test_slot(t);
    struct cap_info range;
    struct cap_name name;
    uint64_t handle, position = 0;
    bool husk;

    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    MUST(t, cap_retype(ram, CAP_FRAME, 0, IMPORTED, 1, CPTR_NULL, frame));
    MUST(t, cap_identify(CPTR_NULL, frame, &range));
    MUST(t, cap_copy(CPTR_NULL, user, CPTR_NULL, frame, RIGHTS_ALL));
    MUST(t, kernel_watch(TASK_KERNEL, frame, true));
    volatile uint64_t *const memory = test_map(t, user, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    if (!memory) {
        return;
    }
    for (unsigned i = 1; i < cores_count(); i++) {
        memory[0] = 1000 + i;
        if (!import(&core[i], &range, 2000 + i)) {
            return;
        }
        CHECK_EQ(t, core[i].page->result[1], 1000 + i);
        CHECK_EQ(t, memory[0], 2000 + i);
    }
    EXPECT_ERR(t, cap_revoke(CPTR_NULL, ram, 0, IMPORTED), E_REMOTE);
    MUST(t, kernel_revoke_begin(TASK_KERNEL, CPTR_NULL, ram, 0, IMPORTED, &handle));
    EXPECT_ERR(t, cap_copy(CPTR_NULL, again, CPTR_NULL, frame, RIGHTS_ALL), E_REVOKED);
    EXPECT_OK(t, kernel_sweep(TASK_KERNEL, handle));
    CHECK(t, slot_type(CPTR_NULL, user) == CAP_NULL && slot_type(CPTR_NULL, frame) == CAP_FRAME, "swept: user, anchor");
    EXPECT_OK(t, kernel_sweep_left(TASK_KERNEL, handle, &position, &name, &husk));
    CHECK(t, name.type == CAP_FRAME && name.base == range.base && name.bytes == IMPORTED && !husk, "what is left is the anchor");
    EXPECT_ERR(t, kernel_sweep_left(TASK_KERNEL, handle, &position, &name, &husk), E_CAP_EMPTY);
    for (unsigned i = 1; i < cores_count(); i++) {
        purge(&core[i], &range);
    }
    EXPECT_OK(t, cap_delete(CPTR_NULL, frame));
    EXPECT_OK(t, kernel_sweep_end(TASK_KERNEL, handle));
    EXPECT_OK(t, cap_retype(ram, CAP_FRAME, 0, IMPORTED, 1, CPTR_NULL, frame));
    stop_all();
}

/* The holders' last users go, or the owner does. */
static void drop_and_purge(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, IMPORTED, 1);
    struct cap_info range;

    if (cores_count() < 2 || !start_all(t)) {
        return;
    }
    MUST(t, cap_identify(CPTR_NULL, frame, &range));
    for (unsigned i = 1; i < cores_count(); i++) {
        if (!import(&core[i], &range, i)) {
            return;
        }
        if (core_ask(&core[i], CORE_DO_DROP)) {
            CHECK_EQ(t, core[i].page->result[0], E_OK);
            CHECK_EQ(t, core[i].page->result[1], range.base);
        }
    }
    stop_all();
}

/* Two cores that are not the boot core signal each other, over a Frame that both have from it. */
static void neighbours(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, IMPORTED, 1);
    struct cap_info range;

    if (cores_count() < 3 || !start_all(t)) {
        return;
    }
    MUST(t, cap_identify(CPTR_NULL, frame, &range));
    void *const memory = test_map(t, frame, 0, IMPORTED, MAP_READ | MAP_WRITE, NULL);
    if (!memory) {
        return;
    }
    memset(memory, 0, IMPORTED);
    for (unsigned i = 1; i <= 2; i++) {
        if (!import(&core[i], &range, 0)) {
            return;
        }
        core[i].page->arg[0] = 3 - i;
        core[i].page->arg[1] = 1;
        if (!core_ask(&core[i], CORE_DO_CONNECT)) {
            return;
        }
        CHECK_EQ(t, core[i].page->result[0], E_OK);
    }
    for (unsigned i = 1; i <= 2; i++) {
        core[i].page->arg[0] = i == 1 ? ECHOES : 1;
        core[i].page->arg[1] = CORE_ECHO_INDEX;
        core[i].page->arg[2] = 3 - i;
        core[i].page->arg[3] = 1;
    }
    core_send(&core[1], CORE_DO_ECHO);
    if (!core_ask(&core[2], CORE_DO_SIGNAL)) {  /* the first one; from then on they answer each other */
        return;
    }
    CHECK_EQ(t, core[2].page->result[0], E_OK);
    core[2].page->arg[0] = ECHOES - 1;
    core_send(&core[2], CORE_DO_ECHO);
    for (unsigned i = 1; i <= 2; i++) {
        if (core_wait(&core[i])) {
            CHECK_EQ(t, core[i].page->result[0], E_OK);
            CHECK_EQ(t, core[i].page->result[1], 0);
        }
    }
    stop_all();
}

/* A core whose kernel panics is switched off; the others go on, and it can be started again. */
static void panic(struct test *t)
{
    const cptr_t l1 = make_notifys(t), death = test_make(t, CAP_NOTIFY, 0, 1), to = test_slot(t);
    struct kernel_peer peer = { 0 };

    EXPECT_OK(t, notify_bind(death, TASK_DISPATCHER, BACK_DEATH));
    EXPECT_OK(t, kernel_bind(TASK_KERNEL, death));
    if (cores_count() < 2 || !start_all(t) || !core_connect(&core[1], l1)) {
        return;
    }
    EXPECT_OK(t, kernel_remote_notify(TASK_KERNEL, 1, CORE_ECHO_INDEX, CPTR_NULL, to));
    core_send(&core[1], CORE_DO_FAULT);
    CHECK(t, event_wait(BACK_DEATH, hang_deadline()), "nobody says that core 1 has died");
    EXPECT_OK(t, kernel_peer(TASK_KERNEL, 1, &peer));
    CHECK_EQ(t, peer.state, PEER_DEAD);
    EXPECT_ERR(t, notify_signal(to), E_DEAD);
    EXPECT_OK(t, kernel_disconnect(TASK_KERNEL, 1));
    EXPECT_OK(t, kernel_unbind(TASK_KERNEL));
    if (core_reclaim(&core[1])) {
        for (unsigned i = 2; i < cores_count(); i++) {
            (void)core_ask(&core[i], CORE_DO_NOTHING);
        }
        (void)core_launch(&core[1]);
    }
    stop_all();
}

TEST_GROUP(cores, CASE(refuses), CASE(refuses_blocks), CASE(start), CASE(loan), CASE(again),
           CASE(signals_refuse), CASE(signals), CASE(many_signals), CASE(export_and_revoke), CASE(drop_and_purge),
           CASE(neighbours));
TEST_GROUP(cores_panic, CASE(panic));
