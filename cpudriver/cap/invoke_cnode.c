/* CNodes: copy, mint, move, delete, revoke, identify.  cap NULL is the caller's own CSpace. */
#include <cap/copy.h>
#include <cap/cspace.h>
#include <cap/delete.h>
#include <cap/invoke.h>
#include <cap/watch.h>

/* Destination (in `root`) and source of copy, mint and move; @p mask: what the copy's rights will be cut to. */
static err_t decode_pair(struct kcb *k, struct cte *root, const uint64_t *a, uint64_t mask, unsigned source_right,
                         struct cte **src, struct cte **dst)
{
    const unsigned rw = RIGHT_READ | RIGHT_WRITE;
    struct slot_ref to, from;

    TRY(cspace_slot_in(k->current, root, a[0], RIGHT_WRITE, &to));
    REQUIRE(cte_empty(to.slot), E_SLOT_OCCUPIED);
    TRY(cspace_slot_at(k->current, a[1], a[2], source_right, &from));
    TRY(cspace_live(from.slot));
    REQUIRE(!to.in_l1 || from.slot->type == CAP_L2CNODE, E_SLOT_KIND);
    /* Addresses lead through an L1 slot whatever the rights of the CNode there: who was only shown one must not be able to
     * write to it by installing it. */
    REQUIRE(!to.in_l1 || (from.slot->rights & mask & rw) == rw, E_CAP_RIGHTS);
    *src = from.slot;
    *dst = to.slot;
    return OK;
}

static err_t op_copy(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct cte *src, *dst;
    TRY(decode_pair(k, root, a, a[3], RIGHT_READ, &src, &dst));
    REQUIRE(a[3] <= RIGHTS_ALL, E_ARG);
    TRY(cap_check_copy(src));
    REQUIRE(!cap_closed(k, src), E_REVOKED);
    cap_copy(k, src, dst, a[3]);
    return OK;
}

static err_t op_mint(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct cte *src, *dst;
    TRY(decode_pair(k, root, a, a[3], RIGHT_READ, &src, &dst));
    REQUIRE(a[3] <= RIGHTS_ALL, E_ARG);
    REQUIRE(!cap_closed(k, src), E_REVOKED);
    return cap_mint(k, src, dst, a[3], a[4]);
}

static err_t op_move(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct cte *src, *dst;
    TRY(decode_pair(k, root, a, RIGHTS_ALL, RIGHT_READ | RIGHT_WRITE, &src, &dst));
    cap_move(k, src, dst);
    return OK;
}

static err_t op_delete(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct slot_ref ref;
    TRY(cspace_slot_in(k->current, root, a[0], RIGHT_WRITE, &ref));
    return cap_delete(k, ref.slot);
}

err_t cap_check_revoke(const struct cte *slot, uint64_t offset, uint64_t bytes)
{
    TRY(cspace_live(slot));
    REQUIRE(slot->type != CAP_MAPPING, E_CAP_TYPE);
    REQUIRE(!(slot->flags & CTE_FOREIGN), E_FOREIGN);
    REQUIRE(slot->rights & RIGHT_OWN, E_CAP_RIGHTS);
    REQUIRE(bytes != 0 && bytes <= slot->bytes && offset <= slot->bytes - bytes, E_CAP_RANGE);
    return OK;
}

static err_t op_revoke(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct slot_ref ref;
    const uint64_t offset = a[1], bytes = a[2];

    TRY(cspace_slot_in(k->current, root, a[0], RIGHT_WRITE, &ref));
    TRY(cap_check_revoke(ref.slot, offset, bytes));
    const uint64_t lo = ref.slot->base + offset;
    return cap_revoke(k, ref.slot, lo, lo + bytes);
}

static err_t op_identify(struct kcb *k, struct cte *root, const uint64_t *a)
{
    struct slot_ref ref;
    TRY(cspace_slot_in(k->current, root, a[0], RIGHT_READ, &ref));
    TRY(cspace_live(ref.slot));
    const struct cte *const c = ref.slot;
    k->ret[0] = c->type;
    k->ret[1] = c->rights;
    k->ret[2] = cte_addr(c);
    k->ret[3] = c->bytes;
    k->ret[4] = c->type == CAP_L1CNODE ? c->bytes / SLOT_BYTES : c->type == CAP_ENDPOINT ? c->word[0] : 0;
    k->ret[5] = c->owner;
    return OK;
}

INVOKE_TABLE(invoke_cnode, [CNODE_COPY] = op_copy, [CNODE_MINT] = op_mint, [CNODE_MOVE] = op_move,
             [CNODE_DELETE] = op_delete, [CNODE_REVOKE] = op_revoke, [CNODE_IDENTIFY] = op_identify);
