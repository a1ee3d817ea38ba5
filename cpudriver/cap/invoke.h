/**
 * @file invoke.h  From a system call to an operation.  One table per capability type, one file per group of types
 * (cap/invoke_*.c).  Each handler first checks everything it was
 * sent and changes nothing, then acts and cannot fail.
 */
#ifndef CAP_INVOKE_H
#define CAP_INVOKE_H

#include <core/kcb.h>
#include <shoal/err.h>
#include <shoal/invoke.h>

/** @p cap is the invoked capability (NULL: the caller's own CSpace), @p a its arguments a0..a5; results: k->ret. */
typedef err_t (*invoke_fn)(struct kcb *k, struct cte *cap, const uint64_t *a);

/** Whether what lies in @p slot may be revoked by whoever names it, for this part of its range: the checks of CNODE_REVOKE. */
err_t cap_check_revoke(const struct cte *slot, uint64_t offset, uint64_t bytes);

/* INVOKE(group, number of operations): one array of handlers for each group of types. */
#define INVOKE_GROUPS(INVOKE)                                                                                          \
    INVOKE(cnode, CNODE_IDENTIFY + 1)                                                                                  \
    INVOKE(memory, MEMORY_RETYPE + 1)                                                                                  \
    INVOKE(vnode, VNODE_MAP + 1)                                                                                       \
    INVOKE(mapping, MAPPING_PROTECT + 1)                                                                               \
    INVOKE(dispatcher, DISPATCHER_STATUS + 1)                                                                          \
    INVOKE(endpoint, ENDPOINT_SET_RECV_SLOT + 1)                                                                       \
    INVOKE(notify, NOTIFY_UNBIND + 1)                                                                                  \
    INVOKE(remotenotify, REMOTE_NOTIFY_SIGNAL + 1)                                                                     \
    INVOKE(irq, IRQ_SET_TARGET + 1)                                                                                    \
    INVOKE(kernel, KERNEL_OPS)                                                                                         \
    INVOKE(corecontrol, CORECONTROL_OPS)

#define INVOKE_DECLARE(group, count) extern const invoke_fn invoke_##group[count];
INVOKE_GROUPS(INVOKE_DECLARE)
#undef INVOKE_DECLARE

#define INVOKE_TABLE(name, ...) const invoke_fn name[sizeof name / sizeof name[0]] = { __VA_ARGS__ }

#endif
