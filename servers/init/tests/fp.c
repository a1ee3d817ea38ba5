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

TEST_GROUP(fp, CASE(kept_across_switches), CASE(owner_dies));
