/* What monitors need of their kernels so that capabilities can cross cores. */
#include <cap/cspace.h>
#include <cap/foreign.h>
#include <cap/husk.h>
#include <cap/invoke_kernel.h>
#include <cap/types.h>
#include <cap/watch.h>

#define WRITABLE(cap) REQUIRE((cap)->rights & RIGHT_WRITE, E_CAP_RIGHTS)

/* r0 … r3 of operations that name a capability by its content. */
static void tell(struct kcb *k, const struct cte *c)
{
    k->ret[0] = cte_type(c);
    k->ret[1] = cte_addr(c);
    k->ret[2] = c->bytes;
    k->ret[3] = c->owner;
}

err_t op_kernel_to_husk(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *ram;
    WRITABLE(cap);
    TRY(cspace_cap(k->current, a[0], &ram));
    REQUIRE(a[1] < k->core_count && a[1] != k->core, E_ARG);
    TRY(husk_check(k, ram));
    k->ret[0] = husk_make(k, ram, a[1]);
    return OK;
}

err_t op_kernel_from_husk(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dst;
    WRITABLE(cap);
    TRY(cspace_empty_at(k->current, a[1], a[2], CAP_RAM, &dst));
    return husk_take(k, a[0], dst);
}

err_t op_kernel_drop_husk(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    WRITABLE(cap);
    return husk_drop(k, a[0]);
}

err_t op_kernel_make_foreign(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dst;
    WRITABLE(cap);
    TRY(cspace_empty_at(k->current, a[3], a[4], CAP_FRAME, &dst));
    return foreign_make(k, a[0] & 0xff, a[0] >> 8 & 0xff, a[0] >> 16, a[1], a[2], dst);
}

err_t op_kernel_make_root(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *dst;
    WRITABLE(cap);
    TRY(cspace_empty_at(k->current, a[2], a[3], CAP_RAM, &dst));
    return foreign_root(k, a[0], a[1], dst);
}

err_t op_kernel_watch(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *c;
    WRITABLE(cap);
    TRY(cspace_cap(k->current, a[0], &c));
    REQUIRE(a[1] <= 1, E_ARG);
    return watch_set(k, c, a[1] == 1);
}

err_t op_kernel_lonely(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    WRITABLE(cap);
    const struct cte *const c = watch_take_lonely(k);
    REQUIRE(c, E_CAP_EMPTY);
    tell(k, c);
    return OK;
}

err_t op_kernel_revoke_begin(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    const struct dcb *d = k->current;
    struct cte *disp, *slot;
    WRITABLE(cap);
    if (a[0] != CPTR_NULL) {
        TRY(cspace_cap_of(k->current, a[0], CAP_DISPATCHER, RIGHT_WRITE, &disp));
        d = cte_object(disp);
    }
    TRY(cspace_cap(d, a[1], &slot));
    TRY(cap_check_revoke(slot, a[2], a[3]));
    const uint64_t lo = slot->base + a[2];
    return sweep_revoke(k, slot, lo, lo + a[3], &k->ret[0]);
}

err_t op_kernel_purge_begin(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    const uint64_t type = a[1], base = a[2], bytes = a[3];
    WRITABLE(cap);
    REQUIRE(a[0] < k->core_count && a[0] != k->core && type < CAP_TYPE_COUNT, E_ARG);
    if (type == CAP_NULL) {
        return sweep_purge(k, a[0], 0, SPACE_BASE(SPACE_CORE + 1), &k->ret[0]);
    }
    REQUIRE(bytes != 0 && bytes < SPACE_BASE(1) && base <= SPACE_BASE(1) - bytes, E_CAP_RANGE);
    const uint64_t lo = SPACE_BASE(cap_type_info[type].space) | base;
    return sweep_purge(k, a[0], lo, lo + bytes, &k->ret[0]);
}

err_t op_kernel_sweep(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    WRITABLE(cap);
    return sweep_step(k, a[0]);
}

err_t op_kernel_sweep_left(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *left;
    uint64_t next;
    WRITABLE(cap);
    TRY(sweep_left(k, a[0], a[1], &left, &next));
    tell(k, left);
    k->ret[4] = (left->flags & CTE_HUSK) != 0;
    k->ret[5] = next;
    return OK;
}

err_t op_kernel_sweep_end(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    WRITABLE(cap);
    return sweep_end(k, a[0]);
}
