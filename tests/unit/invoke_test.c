/**
 * @file invoke_test.c  From a system call to an operation: every type with every operation number it does not have,
 * and the operations of Kernel and CoreControl.
 */
#include "world.h"

/* ---- which type has which operations ----------------------------------------------------------------------------- */

TEST(invoke, operations_that_a_type_does_not_have)
{
    static const unsigned operations[CAP_TYPE_COUNT] = {
        [CAP_RAM] = 1,     [CAP_DEVRANGE] = 1,    [CAP_IRQTABLE] = 1, [CAP_ID] = 1,       [CAP_L1CNODE] = 6,
        [CAP_L2CNODE] = 6, [CAP_VNODE_L0] = 1,    [CAP_VNODE_L1] = 1, [CAP_VNODE_L2] = 1, [CAP_VNODE_L3] = 1,
        [CAP_MAPPING] = 1, [CAP_DISPATCHER] = 12, [CAP_ENDPOINT] = 2, [CAP_NOTIFY] = 3,   [CAP_IRQ] = 5,
        [CAP_KERNEL] = KERNEL_OPS, [CAP_CORECONTROL] = CORECONTROL_OPS,
        [CAP_REMOTENOTIFY] = 1,
    };
    struct world w;
    world_init(&w);
    const cptr_t l1 = world_make(&w, CAP_VNODE_L1, 0), mapping = world_slot(&w);
    world_must(world_invoke(&w, W_L0, VNODE_MAP, l1, 1 | 1 << 16, 0, 0, 0, mapping), "a Mapping");
    const cptr_t remote = world_slot(&w);
    world_must(world_invoke(&w, W_KERNEL, KERNEL_REMOTE_NOTIFY, 1, 7, 0, remote), "a RemoteNotify");
    const cptr_t cap[CAP_TYPE_COUNT] = {
        [CAP_RAM] = W_RAM,
        [CAP_DEVRANGE] = W_DEV,
        [CAP_FRAME] = W_FRAME,
        [CAP_DEVFRAME] = world_retype(&w, W_DEV, CAP_DEVFRAME, 0, PAGE),
        [CAP_L1CNODE] = W_L1,
        [CAP_L2CNODE] = CPTR_L1(9),
        [CAP_VNODE_L0] = W_L0,
        [CAP_VNODE_L1] = l1,
        [CAP_VNODE_L2] = world_make(&w, CAP_VNODE_L2, 0),
        [CAP_VNODE_L3] = world_make(&w, CAP_VNODE_L3, 0),
        [CAP_DISPATCHER] = W_DISP,
        [CAP_ENDPOINT] = world_make(&w, CAP_ENDPOINT, 0),
        [CAP_NOTIFY] = world_make(&w, CAP_NOTIFY, 0),
        [CAP_MAPPING] = mapping,
        [CAP_IRQTABLE] = W_IRQTABLE,
        [CAP_IRQ] = world_retype(&w, W_IRQTABLE, CAP_IRQ, 40, 0),
        [CAP_ID] = W_ID,
        [CAP_KERNEL] = W_KERNEL,
        [CAP_CORECONTROL] = W_CORE,
        [CAP_REMOTENOTIFY] = remote,
    };
    for (unsigned type = 1; type < CAP_TYPE_COUNT; type++) {
        EXPECT_EQ(world_cte(&w, cap[type])->type, type, "the test has one of each");
        const uint64_t ops[] = { operations[type], operations[type] + 1u, 255, 1ull << 32, UINT64_MAX };
        for (unsigned i = 0; i < sizeof ops / sizeof ops[0]; i++) {
            EXPECT_EQ(world_invoke(&w, cap[type], ops[i]), E_OP, "type %u operation %" PRIu64, type, ops[i]);
        }
        if (operations[type] && type != CAP_CORECONTROL) {
            EXPECT(world_invoke(&w, cap[type], operations[type] - 1u) != E_OP, "type %u has its last one", type);
        }
    }
    EXPECT_EQ(world_invoke(&w, 0, CNODE_IDENTIFY + 1), E_OP, "the caller's own CSpace");
    EXPECT_EQ(world_invoke(&w, world_slot(&w), 0), E_CAP_EMPTY, "an empty slot");
    EXPECT_EQ(world_invoke(&w, UINT64_MAX, 0), E_CAP_LOOKUP, "no slot");
    world_check(&w, "operations");
}

/* ---- Kernel and CoreControl -------------------------------------------------------------------------------------- */

TEST(kernel, rights)
{
    struct world w;
    world_init(&w);
    const cptr_t r = world_copy(&w, W_KERNEL, RIGHT_READ), wr = world_copy(&w, W_KERNEL, RIGHT_WRITE);
    EXPECT_EQ(world_invoke(&w, r, KERNEL_PRINT, 0), E_CAP_RIGHTS, "print");
    EXPECT_EQ(world_invoke(&w, r, KERNEL_REAP), E_CAP_RIGHTS, "reap");
    EXPECT_EQ(world_invoke(&w, r, KERNEL_SET_CEILING, W_DISP, 10), E_CAP_RIGHTS, "ceiling");
    EXPECT_EQ(world_invoke(&w, wr, KERNEL_READ_LOG, 0), E_CAP_RIGHTS, "log");
    EXPECT_EQ(world_invoke(&w, wr, KERNEL_COUNTERS), E_CAP_RIGHTS, "counters");
    EXPECT_EQ(world_invoke(&w, wr, KERNEL_SET_CEILING, W_L1, 10), E_CAP_TYPE, "no dispatcher");
    EXPECT_EQ(world_invoke(&w, wr, KERNEL_SET_CEILING, world_copy(&w, W_DISP, RIGHT_READ), 10), E_CAP_RIGHTS,
              "its WRITE");
    EXPECT_EQ(world_invoke(&w, wr, KERNEL_SET_CEILING, W_DISP, KCB_PRIORITIES), E_PRIORITY, "no such priority");
    EXPECT_EQ(world_invoke(&w, r, KERNEL_COUNTERS), E_OK, "counters");
    EXPECT(w.k->ret[0] == w.k->mdb.count && w.k->ret[1] == 0 && w.k->ret[2] == w.k->switches &&
               w.k->ret[3] == w.k->irqs,
           "are so");
}

TEST(kernel, a_lower_ceiling_lowers_the_priority)
{
    struct world w;
    world_init(&w);
    const struct proc p = world_proc(&w, 90, 0);
    world_must(world_syscall(&w, p.disp, DISPATCHER_START), "start");
    EXPECT_EQ(world_syscall(&w, W_KERNEL, KERNEL_SET_CEILING, W_DISP, 40), WORLD_LEFT, "me falls below p");
    EXPECT(w.k->current == p.d && w.me.d->priority == 40 && w.me.d->ceiling == 40, "and p runs");
    EXPECT_EQ(world_syscall(&w, W_KERNEL, KERNEL_SET_CEILING, p.disp, 95), E_OK, "above its priority");
    EXPECT_EQ(p.d->priority, 90, "nothing changes");
    world_check(&w, "ceiling");
}

TEST(kernel, print_and_log)
{
    struct world w;
    world_init(&w);
    const char text[] = "forty bytes of text, neither more nor le";
    uint64_t word[5];
    memcpy(word, text, sizeof word);
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PRINT, 41, word[0]), E_ARG, "too many");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PRINT, UINT64_MAX, word[0]), E_ARG, "far too many");
    EXPECT_EQ(w.k->log_head, 0, "nothing was printed");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PRINT, 40, word[0], word[1], word[2], word[3], word[4]), E_OK,
              "all five words");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_PRINT, 3, word[0]), E_OK, "three bytes");
    EXPECT_EQ(w.k->log_head, 43, "bytes");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_READ_LOG, 0), E_OK, "from the beginning");
    EXPECT(w.k->ret[0] == 32 && w.k->ret[5] == 0 && memcmp(&w.k->ret[1], text, 32) == 0, "32 bytes");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_READ_LOG, 32), E_OK, "the rest");
    EXPECT(w.k->ret[0] == 11 && w.k->ret[5] == 32, "11 bytes");
    EXPECT(memcmp(&w.k->ret[1], text + 32, 8) == 0 && memcmp((char *)&w.k->ret[1] + 8, text, 3) == 0, "which they are");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_READ_LOG, 43), E_OK, "at the end");
    EXPECT_EQ(w.k->ret[0], 0, "nothing");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_READ_LOG, 44), E_ARG, "what has not been printed");
    while (w.k->log_head <= KCB_LOG_BYTES + 100) {
        world_must(world_invoke(&w, W_KERNEL, KERNEL_PRINT, 40, word[0], word[1], word[2], word[3], word[4]),
                   "fill the ring");
    }
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_READ_LOG, 5), E_OK, "long gone");
    EXPECT(w.k->ret[5] == w.k->log_head - KCB_LOG_BYTES && w.k->ret[0] == 32, "goes on with the oldest there is");
}

TEST(corecontrol, power_off_and_reset)
{
    struct world w;
    world_init(&w);
    const cptr_t r = world_copy(&w, W_CORE, RIGHTS_ALL & ~RIGHT_WRITE);
    EXPECT_EQ(world_syscall(&w, r, CORE_POWER_OFF, 1), E_CAP_RIGHTS, "power off");
    EXPECT_EQ(world_syscall(&w, r, CORE_RESET), E_CAP_RIGHTS, "reset");
    EXPECT_EQ(world_syscall(&w, W_CORE, CORE_POWER_OFF, 256), E_ARG, "no such status");
    EXPECT_EQ(fake_left.how, LEFT_NOT, "the machine runs");
    EXPECT_EQ(world_syscall(&w, W_CORE, CORE_POWER_OFF, 255), WORLD_LEFT, "power off");
    EXPECT(fake_left.how == LEFT_POWER_OFF && fake_left.status == 255, "with its status");
    EXPECT_EQ(world_syscall(&w, W_CORE, CORE_RESET), WORLD_LEFT, "reset");
    EXPECT(fake_left.how == LEFT_POWER_OFF && fake_left.status == UINT64_MAX, "reset");
}

TEST(debug, checks_the_invariants)
{
    struct world w;
    world_init(&w);
    EXPECT_EQ(err_root(sys_debug(w.k, DEBUG_CHECK, 0)), E_OK, "all is well");
    EXPECT_EQ(err_root(sys_debug(w.k, DEBUG_CAPS, 0)), E_OK, "capabilities");
    EXPECT_EQ(w.k->ret[0], w.k->mdb.count, "counted");
    EXPECT_EQ(err_root(sys_debug(w.k, 77, 0)), E_ARG, "no such operation");
}
