/** @file test.c  Harness of the self-tests; contracts in test.h. */
#include "test.h"
#include "process.h"
#include <os/dispatcher.h>
#include <os/print.h>
#include <os/string.h>

bool test_begin(struct test *t, const char *group, const char *name)
{
    const uint64_t offset = (init.pool.used + 4095) & ~4095ull;
    err_t err;

    *t = (struct test){ .group = group, .name = name, .window_used = init.window_used, .next_badge = 1 };
    err = cap_retype(TASK_POOL, CAP_RAM, offset, init.pool.bytes - offset, 1, CPTR_NULL, init.scratch_ram);
    if (err_ok(err)) {
        err = supply_init(&t->pool, init.scratch_ram, L1_SCRATCH_FIRST, L1_SCRATCH_END);
    }
    if (!err_ok(err)) {
        print("FAIL %s.%s: no scratch memory: %s\n", group, name, err_text(err_root(err)));
    }
    return err_ok(err);
}

static err_t reap_all(void)
{
    err_t err;

    do {
        err = kernel_reap(TASK_KERNEL);
    } while (err_root(err) == E_AGAIN);
    return err;
}

void test_end(struct test *t)
{
    EXPECT_OK(t, cap_revoke(CPTR_NULL, init.scratch_ram, 0, t->pool.bytes));
    EXPECT_OK(t, reap_all());
    EXPECT_OK(t, cap_delete(CPTR_NULL, init.scratch_ram));
    EXPECT_OK(t, dispatcher_set_priority(TASK_DISPATCHER, init.priority));
    faults_collect();
    for (unsigned i = 0; i < FAULTS_MAX; i++) {
        if (init.fault[i].present && init.fault[i].cause != FAULT_REVOKED) {     /* that was us, above */
            CHECK(t, false, "child %u faulted and nobody asked: cause %lu, address %#lx, pc %#lx", i,
                  init.fault[i].cause, init.fault[i].address, init.fault[i].pc);
        }
        init.fault[i].present = false;
    }
    /* events of objects that are gone */
    struct dispatcher_frame *frame = frame_self();
    for (uint64_t id = EVENT_TEST; id < EVENT_TEST + 256; id++) {
        (void)event_take(frame, id);
    }
}

static bool run_case(const struct test_group *group, const struct test_case *c)
{
    struct test t;
    struct kernel_counters before = { 0 }, after = { 0 };

    err_ignore(kernel_counters(TASK_KERNEL, &before));
    if (!test_begin(&t, group->name, c->name)) {
        return false;
    }
    c->run(&t);
    test_end(&t);
    EXPECT_OK(&t, kernel_counters(TASK_KERNEL, &after));
    CHECK(&t, after.caps == before.caps, "%lu capabilities before, %lu after", before.caps, after.caps);
    CHECK(&t, !after.reap, "dead objects are left");
    if (init.boot->debug) {
        EXPECT_OK(&t, sys_debug(DEBUG_CHECK, 0, NULL));
    }
    if (t.wrong == 0) {
        print("ok %s.%s\n", group->name, c->name);
    }
    return t.wrong == 0;
}

unsigned test_run_group(const struct test_group *group)
{
    unsigned failed = 0;

    for (const struct test_case *c = group->cases; c->run; c++) {
        if (run_case(group, c)) {
            init.passed++;
        } else {
            init.failed++;
            failed++;
        }
    }
    return failed;
}

void test_wrong(struct test *t, const char *file, int line, const char *format, ...)
{
    char text[200];
    va_list args;

    t->wrong++;
    va_start(args, format);
    format_text_v(text, sizeof(text), format, args);
    va_end(args);
    const char *base = file;
    for (const char *at = file; *at; at++) {
        base = *at == '/' ? at + 1 : base;
    }
    print("FAIL %s.%s: %s:%d: %s\n", t->group, t->name, base, line, text);
}

bool test_err(struct test *t, const char *file, int line, const char *expr, err_t got, enum err_code want)
{
    if (got.trail == (uint64_t)want) {
        return true;
    }
    test_wrong(t, file, line, "%s: %s, wanted %s", expr, err_name(err_root(got)), err_name(want));
    return false;
}

cptr_t test_slot(struct test *t)
{
    cptr_t slot = CPTR_NULL;

    EXPECT_OK(t, supply_slots(&t->pool, 1, &slot));
    return slot;
}

cptr_t test_make(struct test *t, enum cap_type type, uint64_t size, uint64_t count)
{
    cptr_t first;
    const err_t err = supply_make(&t->pool, type, size, count, &first);

    EXPECT_OK(t, err);
    return err_ok(err) ? first : CPTR_NULL;
}

cptr_t test_ram(struct test *t, uint64_t bytes, uint64_t align)
{
    cptr_t slot;
    uint64_t offset;
    err_t err = supply_slots(&t->pool, 1, &slot);

    if (err_ok(err)) {
        err = supply_take(&t->pool, bytes, align, &offset);
    }
    if (err_ok(err)) {
        err = cap_retype(t->pool.ram, CAP_RAM, offset, bytes, 1, CPTR_NULL, slot);
    }
    EXPECT_OK(t, err);
    return err_ok(err) ? slot : CPTR_NULL;
}

uint64_t test_window(struct test *t, uint64_t bytes)
{
    const uint64_t va = WINDOW_VA + t->window_used;

    CHECK(t, t->window_used + bytes <= WINDOW_BYTES, "the window is full");
    t->window_used += (bytes + 4095) & ~4095ull;
    return va;
}

void *test_map(struct test *t, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags, cptr_t *mapping)
{
    const uint64_t va = test_window(t, bytes);
    const err_t err = tables_map(&init.vspace, &t->pool, va, frame, offset, bytes, map_flags, mapping);

    EXPECT_OK(t, err);
    return err_ok(err) ? (void *)va : NULL;
}

cptr_t window_vnode(uint64_t va)
{
    cptr_t vnode = CPTR_NULL;

    err_ignore(tables_node(&init.vspace, &init.pool, 3, va, &vnode));    /* it exists: setup made it */
    return vnode;
}

enum cap_type slot_type(cptr_t root, cptr_t slot)
{
    struct cap_info info;

    return err_ok(cap_identify(root, slot, &info)) ? info.type : CAP_NULL;
}

uint64_t cap_count(void)
{
    struct kernel_counters counters = { 0 };

    return err_ok(kernel_counters(TASK_KERNEL, &counters)) ? counters.caps : 0;
}

uint64_t hang_deadline(void)
{
    return time_now() + HANG_SECONDS * time_hz();
}
