/** @file invoke_kernel.h  Handlers of KERNEL that stand in files of their own (cap/invoke_kernel.c has the table). */
#ifndef CAP_INVOKE_KERNEL_H
#define CAP_INVOKE_KERNEL_H

#include <cap/invoke.h>

err_t op_kernel_bind(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_unbind(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_connect(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_disconnect(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_peer(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_remote_notify(struct kcb *k, struct cte *cap, const uint64_t *a);

#endif
