/**
 * @file invoke.h  From a system call to an operation.  One table per capability type, one file per group of types
 * (invoke_cnode.c, invoke_memory.c, invoke_dispatch.c, invoke_device.c).  Each handler first checks everything it was
 * sent and changes nothing, then acts and cannot fail.
 */
#ifndef CAP_INVOKE_H
#define CAP_INVOKE_H

#include <core/kcb.h>
#include <shoal/err.h>
#include <shoal/invoke.h>

/** @p cap is the invoked capability (NULL: the caller's own CSpace), @p a its arguments a0..a5; results: k->ret. */
typedef err_t (*invoke_fn)(struct kcb *k, struct cte *cap, const uint64_t *a);

struct invoke_table {
    const invoke_fn *op;
    uint64_t count;
};

extern const struct invoke_table invoke_cnode, invoke_memory, invoke_vnode, invoke_mapping, invoke_dispatcher,
    invoke_endpoint, invoke_notify, invoke_irq, invoke_kernel, invoke_corecontrol;

#define INVOKE_TABLE(name, ...)                                                                                        \
    static const invoke_fn name##_ops[] = { __VA_ARGS__ };                                                             \
    const struct invoke_table name = { name##_ops, sizeof name##_ops / sizeof name##_ops[0] }

#endif
