#include <cap/invoke.h>

#include <cap/cspace.h>
#include <dispatch/exception.h>

struct invoke_table {
    const invoke_fn *op;
    uint64_t count;
};

#define TABLE(group) { invoke_##group, sizeof invoke_##group / sizeof invoke_##group[0] }

/* Types that are missing here have no operations. */
static const struct invoke_table table_of[CAP_TYPE_COUNT] = {
    [CAP_RAM] = TABLE(memory),
    [CAP_DEVRANGE] = TABLE(memory),
    [CAP_L1CNODE] = TABLE(cnode),
    [CAP_L2CNODE] = TABLE(cnode),
    [CAP_VNODE_L0] = TABLE(vnode),
    [CAP_VNODE_L1] = TABLE(vnode),
    [CAP_VNODE_L2] = TABLE(vnode),
    [CAP_VNODE_L3] = TABLE(vnode),
    [CAP_MAPPING] = TABLE(mapping),
    [CAP_DISPATCHER] = TABLE(dispatcher),
    [CAP_ENDPOINT] = TABLE(endpoint),
    [CAP_NOTIFY] = TABLE(notify),
    [CAP_IRQTABLE] = TABLE(memory),
    [CAP_IRQ] = TABLE(irq),
    [CAP_ID] = TABLE(memory),
    [CAP_KERNEL] = TABLE(kernel),
    [CAP_CORECONTROL] = TABLE(corecontrol),
    [CAP_REMOTENOTIFY] = TABLE(remotenotify),
};

err_t invoke(struct kcb *k)
{
    const uint64_t op = k->arg[1];
    const struct invoke_table *t = &table_of[CAP_L1CNODE];
    struct cte *cap = NULL;

    if (k->arg[0] != CPTR_NULL) {
        TRY(cspace_cap(k->current, k->arg[0], &cap));
        t = &table_of[cap->type];
    }
    REQUIRE(op < t->count, E_OP);
    return t->op[op](k, cap, &k->arg[2]);
}
