/** @file fp.c  FP and SIMD registers are switched lazily, and nobody notices. */
#include "children.h"
#include "registers.h"

static void kept_across_switches(struct test *t)
{
    enum { CHILDREN = 4 };
    static struct proc p[CHILDREN], other;

    if (!proc_run(t, &other, child_spin)) {             /* one that never uses them, in between */
        return;
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (!proc_make(t, &p[i], registers_fp)) {
            return;
        }
        p[i].page->arg[0] = 0x1234567800000000ull * (i + 1) + i;
        p[i].page->arg[1] = 50;
        MUST(t, dispatcher_start(p[i].disp));
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (proc_finish(&p[i])) {
            CHECK(t, p[i].page->result[0] == 0, "child %u began with %#lx in them", i, p[i].page->result[0]);
            CHECK_EQ(t, p[i].page->result[1], 0);
        }
    }
}

/* The owner of the registers dies, is revoked, or its memory becomes another dispatcher: the next one begins with
 * zeros. */
static void owner_dies(struct test *t)
{
    static struct proc p;

    for (unsigned i = 0; i < 6; i++) {
        if (!proc_make(t, &p, i % 2 ? registers_fp : registers_secret)) {
            return;
        }
        p.page->arg[0] = 0xabcdef;
        p.page->arg[1] = 3;
        MUST(t, dispatcher_start(p.disp));
        if (i % 2) {
            if (proc_finish(&p)) {
                CHECK(t, p.page->result[0] == 0, "%#lx was left over", p.page->result[0]);
                CHECK_EQ(t, p.page->result[1], 0);
            }
        } else {
            sys_yield();
            if (i == 2) {
                EXPECT_OK(t, dispatcher_stop(p.disp));
            }
            struct cap_info range;
            MUST(t, cap_identify(CPTR_NULL, p.disp, &range));
            EXPECT_OK(t, cap_revoke(CPTR_NULL, t->pool.ram, range.base - t->pool.base, range.bytes));
        }
    }
}

/* The owner dies while its registers are in the CPU, and its memory becomes first a Frame, then another dispatcher:
 * nothing is stored there, and the newcomer is not taken for the owner. */
static void memory_is_reused(struct test *t)
{
    static struct proc secret, p, other;
    const cptr_t again = test_slot(t), frame = test_slot(t), fault = test_slot(t);
    const cptr_t ram = test_ram(t, SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE);

    if (!proc_make(t, &secret, registers_secret) || !proc_make(t, &p, registers_fp) ||
        !proc_make(t, &other, registers_fp)) {
        return;
    }
    MUST(t, cap_retype(ram, CAP_DISPATCHER, 0, 0, 1, CPTR_NULL, again));
    MUST(t, dispatcher_configure(again, secret.l1, secret.vnode, secret.frame, PROC_FRAME_VA, CPTR_NULL));
    MUST(t, dispatcher_start(again));
    sys_yield();
    MUST(t, cap_revoke(CPTR_NULL, ram, 0, SHOAL_PAGE_SIZE));
    MUST(t, cap_retype(ram, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, frame));
    volatile uint64_t *words = test_map(t, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    if (!words) {
        return;
    }
    for (unsigned i = 0; i < 512; i++) {
        words[i] = 0x1111;
    }
    other.page->arg[0] = 3;
    other.page->arg[1] = 2;
    MUST(t, dispatcher_start(other.disp));
    (void)proc_finish(&other);
    CHECK_EQ(t, other.page->result[0], 0);
    for (unsigned i = 0; i < 512; i++) {
        CHECK(t, words[i] == 0x1111, "word %u of the memory is %#lx", i, words[i]);
    }
    MUST(t, cap_revoke(CPTR_NULL, ram, 0, SHOAL_PAGE_SIZE));

    /* once more an owner in this memory, and then another dispatcher at its very address */
    for (unsigned turn = 0; turn < 2; turn++) {
        struct proc *q = turn ? &p : &secret;
        MUST(t, cap_retype(ram, CAP_DISPATCHER, 0, 0, 1, CPTR_NULL, again));
        if (turn) {
            MUST(t, cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_WRITE, p.badge));
        }
        q->page->arg[0] = 5;
        q->page->arg[1] = 2;
        MUST(t, dispatcher_configure(again, q->l1, q->vnode, q->frame, PROC_FRAME_VA, turn ? fault : CPTR_NULL));
        MUST(t, dispatcher_start(again));
        sys_yield();
        if (!turn) {
            MUST(t, cap_revoke(CPTR_NULL, ram, 0, SHOAL_PAGE_SIZE));
        }
    }
    if (proc_finish(&p)) {
        CHECK(t, p.page->result[0] == 0, "%#lx was left over", p.page->result[0]);
    }
}

TEST_GROUP(fp, CASE(kept_across_switches), CASE(owner_dies), CASE(memory_is_reused));
