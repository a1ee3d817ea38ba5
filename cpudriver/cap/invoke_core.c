/* CoreControl: the machine, and its other cores.  Exists on the boot core only. */
#include <cap/cspace.h>
#include <cap/invoke.h>
#include <core/cores.h>

static err_t op_power_off(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(a[0] <= 255, E_ARG);
    plat_power_off(&k->plat, (unsigned)a[0]);
}

static err_t op_reset(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    (void)a;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    plat_reset(&k->plat);
}

static err_t op_start(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    struct cte *loan, *image, *channel = NULL;
    REQUIRE(cap->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    TRY(cspace_cap(k->current, a[1], &loan));
    TRY(cspace_cap(k->current, a[2], &image));
    if (a[3] != CPTR_NULL) {
        TRY(cspace_cap(k->current, a[3], &channel));
    }
    return core_power_on(k, a[0], loan, image, channel, &k->ret[0]);
}

static err_t op_state(struct kcb *k, struct cte *cap, const uint64_t *a)
{
    REQUIRE(cap->rights & RIGHT_READ, E_CAP_RIGHTS);
    return core_power_state(k, a[0], &k->ret[0]);
}

INVOKE_TABLE(invoke_corecontrol, [CORE_POWER_OFF] = op_power_off, [CORE_RESET] = op_reset, [CORE_START] = op_start,
             [CORE_STATE] = op_state);
