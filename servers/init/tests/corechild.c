/** @file corechild.c  Contracts in corechild.h; the child itself is in corechildmain.c. */
#include "corechild.h"
#include <os/dispatcher.h>
#include <os/string.h>
#include <shoal/archive.h>

unsigned cores_count(void)
{
    return init.boot->core_count < CORES_MAX ? (unsigned)init.boot->core_count : CORES_MAX;
}

bool core_make(struct test *t, struct core *c, uint64_t index)
{
    *c = (struct core){ .test = t, .index = index };
    c->loan = test_ram(t, CORE_LOAN_BYTES, SHOAL_PAGE_SIZE);
    c->boot = test_slot(t);
    c->channel = test_make(t, CAP_FRAME, CORE_CHANNEL_BYTES, 1);
    c->page = test_map(t, c->channel, 0, CORE_CHANNEL_BYTES, MAP_READ | MAP_WRITE, NULL);
    return c->loan != CPTR_NULL && c->page;
}

/* The file init of the boot archive, to be entered at core_child_start. */
static err_t describe_init(struct core_boot *b)
{
    struct archive_file file;
    int found = 0;

    REQUIRE(!archive_find(init.archive, init.archive_bytes, "init", &file, &found) && found, E_ARCHIVE_NONE);
    TRY(ERR(elf_list(file.data, file.bytes, 0x10000, INIT_FRAME_VA, &b->image)));
    for (size_t i = 0; i < b->image.segment_count; i++) {
        b->image.segment[i].file_offset += (uint64_t)file.data - ARCHIVE_VA;
    }
    b->image.entry = (uint64_t)core_child_start;
    b->archive_bytes = init.boot->archive_bytes;
    b->archive_offset = init.boot->archive_offset;
    return OK;
}

bool core_write_block(struct core *c, void (*change)(struct core_boot *))
{
    struct test *const t = c->test;
    const uint64_t window = t->window_used;
    err_t err = cap_retype(c->loan, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, c->boot);

    EXPECT_OK(t, err);
    struct core_boot *const b = test_map(t, c->boot, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    if (!err_ok(err) || !b) {
        return false;
    }
    *b = (struct core_boot){ .magic = CORE_BOOT_MAGIC, .pool_bytes = CORE_POOL_BYTES, .argument = { c->index } };
    err = describe_init(b);
    EXPECT_OK(t, err);
    if (change) {
        change(b);
    }
    EXPECT_OK(t, cap_revoke(CPTR_NULL, c->loan, 0, CORE_LOAN_BYTES));
    t->window_used = window;
    return err_ok(err);
}

bool core_launch(struct core *c)
{
    struct test *const t = c->test;
    const uint64_t deadline = hang_deadline();

    memset(c->page, 0, CORE_CHANNEL_BYTES);
    if (!core_write_block(c, NULL)) {
        return false;
    }
    const err_t err = core_start(TASK_CORECONTROL, c->index, c->loan, TASK_ARCHIVE, c->channel, &c->husk);
    EXPECT_OK(t, err);
    while (err_ok(err) && __atomic_load_n(&c->page->up, __ATOMIC_ACQUIRE) != c->index + 1) {
        if (time_now() > deadline) {
            CHECK(t, false, "core %lu does not come up", c->index);
            return false;
        }
    }
    return err_ok(err);
}

void core_send(struct core *c, enum core_command command)
{
    c->page->command = command;
    __atomic_store_n(&c->page->asked, c->page->asked + 1, __ATOMIC_RELEASE);
}

bool core_wait(struct core *c)
{
    const uint64_t deadline = hang_deadline();

    while (__atomic_load_n(&c->page->done, __ATOMIC_ACQUIRE) != c->page->asked) {
        if (time_now() > deadline) {
            test_wrong(c->test, __FILE__, __LINE__, "core %lu does not answer command %lu", c->index, c->page->command);
            return false;
        }
    }
    return true;
}

bool core_reclaim(struct core *c)
{
    struct test *const t = c->test;
    const uint64_t deadline = hang_deadline();
    uint64_t state = CORE_IS_ON;

    while (state != CORE_IS_OFF && time_now() < deadline) {
        const err_t err = core_state(TASK_CORECONTROL, c->index, &state);
        if (!err_ok(err)) {
            EXPECT_OK(t, err);
            return false;
        }
    }
    CHECK(t, state == CORE_IS_OFF, "core %lu does not switch off", c->index);
    if (state != CORE_IS_OFF) {
        return false;
    }
    const err_t err = kernel_from_husk(TASK_KERNEL, c->husk, CPTR_NULL, c->loan);
    EXPECT_OK(t, err);
    return err_ok(err);
}

bool core_shut(struct core *c)
{
    core_send(c, CORE_DO_STOP);
    return core_reclaim(c);
}

bool core_connect(struct core *c, cptr_t l1)
{
    const err_t err = kernel_connect(TASK_KERNEL, c->index, c->channel, CORE_MAILBOX_AT, l1);

    EXPECT_OK(c->test, err);
    c->page->arg[0] = c->page->arg[1] = 0;
    if (!err_ok(err) || !core_ask(c, CORE_DO_CONNECT)) {
        return false;
    }
    CHECK_EQ(c->test, c->page->result[0], E_OK);
    return c->page->result[0] == E_OK;
}
