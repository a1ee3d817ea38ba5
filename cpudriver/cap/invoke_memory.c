/* RAM, DevRange, IRQTable, ID: retype.  VNodes and Mappings. */
#include <cap/cspace.h>
#include <cap/invoke.h>
#include <cap/retype.h>
#include <cap/types.h>
#include <cap/vnode.h>

static err_t op_retype(struct kcb *k, struct cte *parent, const uint64_t *a)
{
    const uint64_t type = a[0], offset = a[1], size = a[2], count = a[3];
    struct cte *dst;
    uint64_t bytes;

    TRY(retype_check(k, parent, type, offset, size, count, &bytes));
    TRY(cspace_empty_run(k->current, a[4], a[5], count, (enum cap_type)type, &dst));
    /* As for copies: a CNode in an L1 slot is used without asking for its rights again. */
    REQUIRE(type != CAP_L2CNODE || (parent->rights & (RIGHT_READ | RIGHT_WRITE)) == (RIGHT_READ | RIGHT_WRITE),
            E_CAP_RIGHTS);
    return retype_commit(k, parent, (enum cap_type)type, offset, bytes, count, dst);
}

INVOKE_TABLE(invoke_memory, [MEMORY_RETYPE] = op_retype);

static err_t op_map(struct kcb *k, struct cte *vnode, const uint64_t *a)
{
    struct vnode_map_args map = {
        .vnode = vnode, .first = a[1] & 0xffff, .count = a[1] >> 16, .offset = a[2], .flags = a[3],
    };
    REQUIRE(vnode->rights & RIGHT_WRITE, E_CAP_RIGHTS);
    REQUIRE(map.count <= VNODE_ENTRIES, E_ARG);     /* before it is shifted by anything */
    TRY(cspace_cap(k->current, a[0], &map.source));
    TRY(cspace_empty_near(k->current, a[4], a[5], CAP_MAPPING, &map.dst));
    return vnode_map(k, &map);
}

INVOKE_TABLE(invoke_vnode, [VNODE_MAP] = op_map);

static err_t op_protect(struct kcb *k, struct cte *mapping, const uint64_t *a)
{
    (void)k;
    return mapping_protect(mapping, a[0], a[1], a[2]);
}

INVOKE_TABLE(invoke_mapping, [MAPPING_PROTECT] = op_protect);
