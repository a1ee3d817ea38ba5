/** @file invoke_kernel.h  Handlers of KERNEL that stand in files of their own (cap/invoke_kernel.c has the table). */
#ifndef CAP_INVOKE_KERNEL_H
#define CAP_INVOKE_KERNEL_H

#include <cap/invoke.h>

/* cap/invoke_peer.c */
err_t op_kernel_bind(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_unbind(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_connect(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_disconnect(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_peer(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_remote_notify(struct kcb *k, struct cte *cap, const uint64_t *a);

/* cap/invoke_monitor.c */
err_t op_kernel_to_husk(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_from_husk(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_drop_husk(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_make_foreign(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_make_root(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_watch(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_lonely(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_revoke_begin(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_purge_begin(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_sweep(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_sweep_left(struct kcb *k, struct cte *cap, const uint64_t *a);
err_t op_kernel_sweep_end(struct kcb *k, struct cte *cap, const uint64_t *a);

#endif
