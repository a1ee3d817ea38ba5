/* Signals between cores: mailboxes, and the proxies of Notifys on other cores. */
#include <cap/copy.h>
#include <cap/cspace.h>
#include <cap/delete.h>
#include <cap/invoke_kernel.h>
#include <cap/sweep.h>
#include <dispatch/mailbox.h>

err_t op_kernel_bind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *notify;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap_of(k->current, a[0], CAP_NOTIFY, RIGHT_WRITE, &notify));
    REQUIRE(cte_empty(&k->monitor), E_BOUND);
    cap_embed(k, notify, &k->monitor, EMBED_MONITOR, 0);
    return OK;
}

err_t op_kernel_unbind(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(!cte_empty(&k->monitor), E_UNBOUND);
    cap_unembed(k, &k->monitor);
    return OK;
}

err_t op_kernel_connect(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *frame, *l1;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap(k->current, a[1], &frame));
    TRY(cspace_cap(k->current, a[3], &l1));
    return mailbox_connect(k, a[0], frame, a[2], l1);
}

err_t op_kernel_disconnect(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    return mailbox_disconnect(k, a[0]);
}

err_t op_kernel_peer(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    REQUIRE(a[0] < k->core_count, E_ARG);
    k->ret[0] = mailbox_peer_state(k, a[0]);
    k->ret[1] = k->peer[a[0]].written;
    k->ret[2] = k->peer[a[0]].taken;
    return OK;
}

err_t op_kernel_remote_notify(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dst;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(a[0] < k->core_count && a[0] != k->core && a[1] < MAILBOX_INDICES, E_ARG);
    TRY(cspace_empty_at(k->current, a[2], a[3], CAP_REMOTENOTIFY, &dst));
    const uint64_t base = remote_notify_base(a[0], a[1]);
    REQUIRE(!range_closed(k, base, base + 1, a[0]), E_REVOKED);
    *dst = (struct cte){
        .type = CAP_REMOTENOTIFY, .rights = RIGHT_WRITE | RIGHT_GRANT, .flags = CTE_FOREIGN, .owner = (uint8_t)a[0], .base = base,
        .bytes = 1,
    };
    mdb_insert(&k->mdb, dst);
    return OK;
}

static err_t op_signal(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    return mailbox_signal(k, cap->owner, cap->base & 0xffff);
}

INVOKE_TABLE(invoke_remotenotify, [REMOTE_NOTIFY_SIGNAL] = op_signal);
