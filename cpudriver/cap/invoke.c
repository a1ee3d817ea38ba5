#include <cap/invoke.h>

#include <cap/cspace.h>
#include <dispatch/exception.h>

static const struct invoke_table *const table_of[CAP_TYPE_COUNT] = {
    [CAP_RAM] = &invoke_memory,
    [CAP_DEVRANGE] = &invoke_memory,
    [CAP_L1CNODE] = &invoke_cnode,
    [CAP_L2CNODE] = &invoke_cnode,
    [CAP_VNODE_L0] = &invoke_vnode,
    [CAP_VNODE_L1] = &invoke_vnode,
    [CAP_VNODE_L2] = &invoke_vnode,
    [CAP_VNODE_L3] = &invoke_vnode,
    [CAP_MAPPING] = &invoke_mapping,
    [CAP_DISPATCHER] = &invoke_dispatcher,
    [CAP_ENDPOINT] = &invoke_endpoint,
    [CAP_NOTIFY] = &invoke_notify,
    [CAP_IRQTABLE] = &invoke_memory,
    [CAP_IRQ] = &invoke_irq,
    [CAP_ID] = &invoke_memory,
    [CAP_KERNEL] = &invoke_kernel,
    [CAP_CORECONTROL] = &invoke_corecontrol,
};

err_t invoke(struct kcb *k)
{
    const uint64_t op = k->arg[1];
    const struct invoke_table *t = &invoke_cnode;
    struct cte *cap = NULL;

    if (k->arg[0] != CPTR_NULL) {
        TRY(cspace_cap(k->current, k->arg[0], &cap));
        t = table_of[cap->type];
        REQUIRE(t, E_OP);
    }
    REQUIRE(op < t->count, E_OP);
    return t->op[op](k, cap, &k->arg[2]);
}
