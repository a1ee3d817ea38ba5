/** @file cspace.c  Copy, mint, move, delete, identify; how addresses are looked up; larger L1 CNodes. */
#include "../process.h"

#define PAGE SHOAL_PAGE_SIZE

static void copy(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), dst = test_slot(t), other = test_slot(t);
    struct cap_info a, b;

    EXPECT_OK(t, cap_copy(CPTR_NULL, dst, CPTR_NULL, frame, RIGHT_READ));
    EXPECT_OK(t, cap_identify(CPTR_NULL, frame, &a));
    EXPECT_OK(t, cap_identify(CPTR_NULL, dst, &b));
    CHECK(t, b.type == a.type && b.base == a.base && b.bytes == a.bytes, "the copy names something else");
    CHECK_EQ(t, b.rights, a.rights & RIGHT_READ);
    /* rights only narrow */
    EXPECT_OK(t, cap_copy(CPTR_NULL, other, CPTR_NULL, dst, RIGHTS_ALL));
    EXPECT_OK(t, cap_identify(CPTR_NULL, other, &b));
    CHECK_EQ(t, b.rights, RIGHT_READ);

    EXPECT_ERR(t, cap_copy(CPTR_NULL, dst, CPTR_NULL, frame, RIGHTS_ALL), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, frame, RIGHTS_ALL + 1), E_ARG);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, frame, ~0ull), E_ARG);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, CPTR_NULL, CPTR_NULL, frame, RIGHTS_ALL), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, CPTR_NULL, RIGHTS_ALL), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, test_slot(t), RIGHTS_ALL), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), test_slot(t), 0, RIGHTS_ALL), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR(L1_TEST, 0), 0, RIGHTS_ALL), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), frame, 0, RIGHTS_ALL), E_CAP_TYPE);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, CPTR_L1(L1_TEST), CPTR_NULL, frame, RIGHTS_ALL), E_SLOT_KIND);
    EXPECT_ERR(t, cap_copy(frame, 0, CPTR_NULL, frame, RIGHTS_ALL), E_OP);
    EXPECT_ERR(t, cap_copy(test_slot(t), 0, CPTR_NULL, frame, RIGHTS_ALL), E_CAP_EMPTY);
}

static void cannot_be_copied(struct test *t)
{
    const cptr_t recv = test_make(t, CAP_ENDPOINT, 0, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);
    cptr_t mapping;

    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, recv, RIGHTS_ALL), E_CAP_COPY);
    if (test_map(t, frame, 0, PAGE, MAP_READ, &mapping)) {
        EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), CPTR_NULL, mapping, RIGHTS_ALL), E_CAP_COPY);
        EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, mapping, RIGHTS_ALL, 1), E_CAP_COPY);
    }
}

static void mint(struct test *t)
{
    const cptr_t recv = test_make(t, CAP_ENDPOINT, 0, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);
    const cptr_t plain = test_slot(t), badged = test_slot(t), copied = test_slot(t);
    struct cap_info info;

    EXPECT_OK(t, cap_mint(CPTR_NULL, plain, CPTR_NULL, recv, RIGHT_WRITE | RIGHT_GRANT, 0));
    EXPECT_OK(t, cap_identify(CPTR_NULL, plain, &info));
    CHECK(t, info.type == CAP_ENDPOINT && info.rights == (RIGHT_WRITE | RIGHT_GRANT) && info.extra == 0,
          "type %u rights %#lx badge %#lx", info.type, info.rights, info.extra);
    EXPECT_OK(t, cap_mint(CPTR_NULL, badged, CPTR_NULL, plain, RIGHTS_ALL, 0x1234567890abcdef));
    EXPECT_OK(t, cap_identify(CPTR_NULL, badged, &info));
    CHECK_EQ(t, info.extra, 0x1234567890abcdef);
    CHECK_EQ(t, info.rights, RIGHT_WRITE | RIGHT_GRANT);
    EXPECT_OK(t, cap_copy(CPTR_NULL, copied, CPTR_NULL, badged, RIGHTS_ALL));
    EXPECT_OK(t, cap_identify(CPTR_NULL, copied, &info));
    CHECK_EQ(t, info.extra, 0x1234567890abcdef);

    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, badged, RIGHTS_ALL, 7), E_CAP_BADGE);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, plain, RIGHTS_ALL, 0), E_CAP_BADGE);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, frame, RIGHTS_ALL, 7), E_CAP_BADGE);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, plain, CPTR_NULL, recv, RIGHTS_ALL, 7), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, recv, RIGHTS_ALL + 1, 7), E_ARG);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, CPTR_L1(L1_TEST), CPTR_NULL, recv, RIGHTS_ALL, 7), E_SLOT_KIND);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, CPTR(L1_TEST, 0), CPTR_NULL, recv, RIGHTS_ALL, 7), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), CPTR_NULL, test_slot(t), RIGHTS_ALL, 7), E_CAP_EMPTY);
}

static void move(struct test *t)
{
    const cptr_t recv = test_make(t, CAP_ENDPOINT, 0, 1), to = test_slot(t), send = test_slot(t);
    struct cap_info info;

    EXPECT_OK(t, cap_mint(CPTR_NULL, send, CPTR_NULL, recv, RIGHT_WRITE, 99));
    EXPECT_OK(t, cap_move(CPTR_NULL, to, CPTR_NULL, recv));
    CHECK_EQ(t, slot_type(CPTR_NULL, recv), CAP_NULL);
    /* still the receive capability, still the same object */
    EXPECT_OK(t, cap_mint(CPTR_NULL, recv, CPTR_NULL, to, RIGHT_WRITE, 5));
    EXPECT_OK(t, cap_identify(CPTR_NULL, recv, &info));
    CHECK_EQ(t, info.extra, 5);
    EXPECT_ERR(t, cap_move(CPTR_NULL, to, CPTR_NULL, send), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_move(CPTR_NULL, send, CPTR_NULL, send), E_SLOT_OCCUPIED);
    EXPECT_ERR(t, cap_move(CPTR_NULL, test_slot(t), CPTR_NULL, test_slot(t)), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_move(CPTR_NULL, CPTR(L1_TEST, 1), CPTR_NULL, send), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_move(CPTR_NULL, CPTR_L1(L1_TEST), CPTR_NULL, send), E_SLOT_KIND);
}

static void delete_(struct test *t)
{
    const cptr_t frame = test_make(t, CAP_FRAME, PAGE, 1), copy_slot = test_slot(t);

    EXPECT_OK(t, cap_copy(CPTR_NULL, copy_slot, CPTR_NULL, frame, RIGHTS_ALL));
    EXPECT_OK(t, cap_delete(CPTR_NULL, frame));
    CHECK_EQ(t, slot_type(CPTR_NULL, frame), CAP_NULL);
    CHECK_EQ(t, slot_type(CPTR_NULL, copy_slot), CAP_FRAME);
    EXPECT_ERR(t, cap_delete(CPTR_NULL, frame), E_OK);    /* nothing left to do is done */
    EXPECT_ERR(t, cap_delete(CPTR_NULL, CPTR(L1_TEST, 0)), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_delete(CPTR_NULL, ~0ull), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_delete(copy_slot, 0), E_OP);
}

static void identify(struct test *t)
{
    const cptr_t l1 = test_make(t, CAP_L1CNODE, 8, 1);
    struct cap_info info;

    EXPECT_OK(t, cap_identify(CPTR_NULL, l1, &info));
    CHECK(t, info.type == CAP_L1CNODE && info.extra == 256 && info.bytes == 256 * SLOT_BYTES, "entries %lu, bytes %lu",
          info.extra, info.bytes);
    EXPECT_OK(t, cap_identify(CPTR_NULL, CPTR_L1(INIT_L2_TASK), &info));
    CHECK_EQ(t, info.type, CAP_L2CNODE);
    EXPECT_ERR(t, cap_identify(CPTR_NULL, test_slot(t), &info), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_identify(CPTR_NULL, CPTR_NULL, &info), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_identify(l1, CPTR_L1(0), &info), E_CAP_EMPTY);
    EXPECT_ERR(t, cap_identify(l1, CPTR_L1(256), &info), E_CAP_LOOKUP);
    EXPECT_ERR(t, cap_identify(l1, CPTR(0, 0), &info), E_CAP_LOOKUP);
    EXPECT_ERR(t, INVOKE(CPTR_NULL, 99, 0).err, E_OP);
    EXPECT_ERR(t, INVOKE(CPTR_NULL, ~0ull, 0).err, E_OP);
}

/* Every bit of an address counts. */
static void addresses(struct test *t)
{
    static const cptr_t bad[] = {
        CPTR(63, 0), CPTR(64, 0), CPTR(0xffffff, 255), 1ull << 33, 1ull << 63, ~0ull, (1ull << 34) | TASK_L1,
        CPTR_L1(64), CPTR_L1_FLAG | CPTR(0xffffff, 0),
    };
    struct cap_info info;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const err_t err = cap_identify(CPTR_NULL, bad[i], &info);
        CHECK(t, err_root(err) == E_CAP_LOOKUP, "address %#lx: %s", bad[i], err_name(err_root(err)));
        const err_t used = INVOKE(bad[i], 0, 0).err;
        CHECK(t, err_root(used) == E_CAP_LOOKUP, "invoke %#lx: %s", bad[i], err_name(err_root(used)));
    }
    EXPECT_ERR(t, INVOKE(CPTR_L1(L1_TEST), 0, 0).err, E_CAP_EMPTY);
    EXPECT_ERR(t, INVOKE(test_slot(t), 0, 0).err, E_CAP_EMPTY);
}

/* A CNode that lies in one of its own slots, and two that hold each other. */
static void cycles(struct test *t)
{
    const cptr_t self = test_make(t, CAP_L2CNODE, 0, 1), a = test_make(t, CAP_L2CNODE, 0, 1);
    const cptr_t b = test_make(t, CAP_L2CNODE, 0, 1), l1 = test_make(t, CAP_L1CNODE, 6, 1);
    const uint64_t before = cap_count();

    EXPECT_OK(t, cap_copy(self, 3, CPTR_NULL, self, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(self, 200, CPTR_NULL, self, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(self, 0, CPTR_NULL, l1, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(l1, CPTR_L1(9), CPTR_NULL, self, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(a, 0, CPTR_NULL, b, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(b, 0, CPTR_NULL, a, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(b, 255, CPTR_NULL, b, RIGHTS_ALL));
    /* the last capabilities outside: what is left holds only itself, and can be reached from the RAM alone */
    EXPECT_OK(t, cap_delete(CPTR_NULL, a));
    EXPECT_OK(t, cap_delete(CPTR_NULL, b));
    EXPECT_OK(t, cap_delete(CPTR_NULL, l1));
    EXPECT_OK(t, cap_delete(CPTR_NULL, self));
    /* test_end revokes the RAM: this must end, and nothing may be left */
    CHECK(t, cap_count() <= before + 7, "%lu capabilities, %lu before", cap_count(), before);
}

/* A CNode deleted through a slot of its own. */
static void deletes_itself(struct test *t)
{
    const cptr_t l2 = test_make(t, CAP_L2CNODE, 0, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);

    for (unsigned s = 0; s < 100; s++) {
        EXPECT_OK(t, cap_copy(l2, s, CPTR_NULL, frame, RIGHTS_ALL));
    }
    const uint64_t before = cap_count();
    EXPECT_OK(t, cap_move(l2, 150, CPTR_NULL, l2));     /* now it is reachable through nothing but the RAM */
    CHECK_EQ(t, cap_count(), before);
    EXPECT_OK(t, cap_revoke(CPTR_NULL, frame, 0, PAGE));
    CHECK_EQ(t, cap_count(), before - 100);
}

/* set_cspace: a larger L1, filled with copies, takes over under the same addresses; then L1 slots beyond 64 are
 * used. */
static void larger_l1(struct test *t)
{
    const cptr_t big = test_make(t, CAP_L1CNODE, 12, 1), frame = test_make(t, CAP_FRAME, PAGE, 1);
    struct cap_info info;

    for (uint64_t i = 0; i < 64; i++) {
        if (slot_type(CPTR_NULL, CPTR_L1(i)) == CAP_L2CNODE) {
            MUST(t, cap_copy(big, CPTR_L1(i), CPTR_NULL, CPTR_L1(i), RIGHTS_ALL));
        }
    }
    EXPECT_ERR(t, cap_identify(CPTR_NULL, CPTR(64, 0), &info), E_CAP_LOOKUP);
    MUST(t, dispatcher_set_cspace(TASK_DISPATCHER, big));
    EXPECT_OK(t, cap_identify(CPTR_NULL, TASK_L1, &info));
    for (uint64_t i = 64; i < 4096; i += 509) {
        const cptr_t l2 = test_make(t, CAP_L2CNODE, 0, 1);
        EXPECT_OK(t, cap_move(CPTR_NULL, CPTR_L1(i), CPTR_NULL, l2));
        EXPECT_OK(t, cap_copy(CPTR_NULL, CPTR(i, 255), CPTR_NULL, frame, RIGHTS_ALL));
        CHECK_EQ(t, slot_type(CPTR_NULL, CPTR(i, 255)), CAP_FRAME);
    }
    EXPECT_ERR(t, cap_identify(CPTR_NULL, CPTR(4096, 0), &info), E_CAP_LOOKUP);
    EXPECT_ERR(t, dispatcher_set_cspace(TASK_DISPATCHER, frame), E_CAP_TYPE);
    EXPECT_ERR(t, dispatcher_set_cspace(TASK_DISPATCHER, CPTR_L1(0)), E_CAP_TYPE);
    EXPECT_OK(t, dispatcher_set_cspace(TASK_DISPATCHER, TASK_L1));
    EXPECT_ERR(t, cap_identify(CPTR_NULL, CPTR(64, 0), &info), E_CAP_LOOKUP);
}

/* Through a CNode without write right nothing changes, and without read right nothing is seen. */
static void weak_cnodes(struct test *t)
{
    const cptr_t l2 = test_make(t, CAP_L2CNODE, 0, 1), weak = test_slot(t), frame = test_make(t, CAP_FRAME, PAGE, 1);
    const cptr_t blind = test_slot(t);
    struct cap_info info;

    EXPECT_OK(t, cap_copy(l2, 1, CPTR_NULL, frame, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(CPTR_NULL, weak, CPTR_NULL, l2, RIGHT_READ));
    EXPECT_ERR(t, cap_copy(weak, 2, CPTR_NULL, frame, RIGHTS_ALL), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_move(weak, 2, CPTR_NULL, frame), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_delete(weak, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_revoke(weak, 1, 0, PAGE), E_CAP_RIGHTS);
    EXPECT_OK(t, cap_identify(weak, 1, &info));
    EXPECT_ERR(t, cap_move(CPTR_NULL, test_slot(t), weak, 1), E_CAP_RIGHTS);
    EXPECT_OK(t, cap_copy(CPTR_NULL, test_slot(t), weak, 1, RIGHTS_ALL));
    EXPECT_OK(t, cap_copy(CPTR_NULL, blind, CPTR_NULL, l2, RIGHT_WRITE));
    EXPECT_ERR(t, cap_identify(blind, 1, &info), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_copy(CPTR_NULL, test_slot(t), blind, 1, RIGHTS_ALL), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_mint(CPTR_NULL, test_slot(t), blind, 1, RIGHTS_ALL, 1), E_CAP_RIGHTS);
    EXPECT_ERR(t, cap_move(CPTR_NULL, test_slot(t), blind, 1), E_CAP_RIGHTS);
    CHECK_EQ(t, slot_type(l2, 1), CAP_FRAME);
}

/* A full CNode takes several calls to delete; whoever goes on with it, by delete or by reap, comes to the end. */
static void deletes_in_steps(struct test *t)
{
    const cptr_t ram = test_ram(t, 256 * 256, 0x10000);

    for (unsigned way = 0; way < 2; way++) {
        const cptr_t l2 = test_make(t, CAP_L2CNODE, 0, 1);
        for (uint64_t s = 0; s < L2_SLOTS; s += RETYPE_MAX_OBJECTS) {
            MUST(t, cap_retype(ram, CAP_ENDPOINT, s * 256, 0, RETYPE_MAX_OBJECTS, l2, s));
        }
        const uint64_t before = cap_count();
        EXPECT_ERR(t, cap_delete_step(CPTR_NULL, l2), E_AGAIN);
        if (way == 0) {
            EXPECT_OK(t, cap_delete(CPTR_NULL, l2));
        } else {
            EXPECT_ERR(t, kernel_reap(TASK_KERNEL), E_AGAIN);
            err_t err;
            do {
                err = kernel_reap(TASK_KERNEL);
            } while (err_root(err) == E_AGAIN);
            EXPECT_OK(t, err);
        }
        CHECK_EQ(t, cap_count(), before - L2_SLOTS - 1);
        CHECK_EQ(t, slot_type(CPTR_NULL, l2), CAP_NULL);
    }
}

TEST_GROUP(cspace, CASE(copy), CASE(cannot_be_copied), CASE(mint), CASE(move), { "delete", delete_ }, CASE(identify),
           CASE(addresses), CASE(cycles), CASE(deletes_itself), CASE(larger_l1), CASE(weak_cnodes),
           CASE(deletes_in_steps));
