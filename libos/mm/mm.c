/** @file mm.c  Contracts in os/mm.h. */
#include <os/bug.h>
#include <os/lowlock.h>
#include <os/mm.h>

/* The lock of the ranges guards a whole mm: a root and its free ranges change together. */

static struct mm_root *root_of(struct range *range)
{
    return (struct mm_root *)range;     /* its first member */
}

/* The root that holds all of [base, end), or NULL. */
static struct mm_root *find_root(const struct mm *mm, uint64_t base, uint64_t end)
{
    struct range *const r = range_find(&mm->roots, base);
    return r && base < end && end <= r->end ? root_of(r) : NULL;
}

void mm_init(struct mm *mm, struct slab *range_slab, struct slab *root_slab, struct slots *slots)
{
    *mm = (struct mm){ .root_slab = root_slab, .slots = slots };
    range_tree_init(&mm->roots, RANGES_USED, 0, UINT64_MAX);
    ranges_init(&mm->free, range_slab);
}

static err_t add_root(struct mm *mm, struct mm_root *root)
{
    REQUIRE(range_insert(&mm->roots, &root->range), E_RANGE_OVERLAP);
    const err_t err = ranges_add(&mm->free, root->range.base, root->free, root->range.base, root->range.end);
    if (!err_ok(err)) {
        range_remove(&mm->roots, &root->range);
        return err;
    }
    mm->bytes += root->free;
    return OK;
}

err_t mm_add_root(struct mm *mm, cptr_t ram)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, ram, &info));
    REQUIRE(info.type == CAP_RAM, E_CAP_TYPE);
    REQUIRE(info.rights & RIGHT_OWN, E_CAP_RIGHTS);
    struct mm_root *const root = slab_alloc(mm->root_slab);
    REQUIRE(root, E_SLAB_EMPTY);
    *root = (struct mm_root){ { .base = info.base, .end = info.base + info.bytes }, ram, info.bytes, false };
    os_low_lock(LOW_RANGES);
    const err_t err = add_root(mm, root);
    os_low_unlock(LOW_RANGES);
    if (!err_ok(err)) {
        slab_free(mm->root_slab, root);
    }
    return err;
}

static err_t remove_root(struct mm *mm, uint64_t base, struct mm_root **removed)
{
    struct mm_root *const root = find_root(mm, base, base + 1);

    REQUIRE(root && root->range.base == base, E_MM_ROOT);
    const uint64_t bytes = root->range.end - base;
    REQUIRE(root->free == bytes, E_MM_GRANTED);
    TRY(ranges_remove(&mm->free, base, bytes));
    range_remove(&mm->roots, &root->range);
    mm->bytes -= bytes;
    *removed = root;
    return OK;
}

err_t mm_remove_root(struct mm *mm, uint64_t base, cptr_t *ram)
{
    struct mm_root *root;

    os_low_lock(LOW_RANGES);
    const err_t err = remove_root(mm, base, &root);
    os_low_unlock(LOW_RANGES);
    TRY(err);
    *ram = root->ram;
    slab_free(mm->root_slab, root);
    return OK;
}

static err_t grant(struct mm *mm, const struct range_want *want, cptr_t slot, uint64_t *base)
{
    err_t err = ranges_take(&mm->free, want, base);

    REQUIRE(err_root(err) != E_RANGE_NONE, E_RAM_NONE);
    TRY(err);
    struct mm_root *const root = find_root(mm, *base, *base + want->bytes);
    OS_ASSERT(root);
    err = cap_retype(root->ram, CAP_RAM, *base - root->range.base, want->bytes, 1, CPTR_NULL, slot);
    if (!err_ok(err)) {
        /* Whatever node the taking freed or used is there again. */
        const err_t undo = ranges_add(&mm->free, *base, want->bytes, root->range.base, root->range.end);
        OS_ASSERT(err_ok(undo));
        return err;
    }
    root->free -= want->bytes;
    return OK;
}

err_t mm_alloc(struct mm *mm, uint64_t bytes, uint64_t align, uint64_t *base, cptr_t *ram)
{
    const struct range_want want = { .bytes = bytes, .align = align > SHOAL_PAGE_SIZE ? align : SHOAL_PAGE_SIZE };
    uint64_t at;
    cptr_t slot;

    REQUIRE(bytes && bytes % SHOAL_PAGE_SIZE == 0 && (align & (align - 1)) == 0, E_ARG);
    TRY(slots_alloc(mm->slots, &slot));
    os_low_lock(LOW_RANGES);
    const err_t err = grant(mm, &want, slot, &at);
    os_low_unlock(LOW_RANGES);
    if (!err_ok(err)) {
        slots_free(mm->slots, slot);
        return err;
    }
    *base = at;
    *ram = slot;
    return OK;
}

static err_t take_back(struct mm *mm, uint64_t base, uint64_t bytes)
{
    struct mm_root *const root = find_root(mm, base, base + bytes);

    REQUIRE(root, E_MM_ROOT);
    REQUIRE(!range_meets(&mm->free.tree, base, base + bytes), E_MM_FREE);
    /* First the books, which can fail for want of a node; undoing them cannot. */
    TRY(ranges_add(&mm->free, base, bytes, root->range.base, root->range.end));
    const err_t err = cap_revoke(CPTR_NULL, root->ram, base - root->range.base, bytes);
    if (!err_ok(err)) {
        const err_t undo = ranges_remove(&mm->free, base, bytes);
        OS_ASSERT(err_ok(undo));
        return err;
    }
    root->free += bytes;
    return OK;
}

err_t mm_free(struct mm *mm, uint64_t base, uint64_t bytes)
{
    REQUIRE(bytes && bytes % SHOAL_PAGE_SIZE == 0 && base % SHOAL_PAGE_SIZE == 0, E_ARG);
    os_low_lock(LOW_RANGES);
    const err_t err = take_back(mm, base, bytes);
    os_low_unlock(LOW_RANGES);
    return err;
}

const struct mm_root *mm_root_of(const struct mm *mm, uint64_t base)
{
    return find_root(mm, base, base + 1);
}

void mm_set_lent(struct mm *mm, uint64_t base)
{
    find_root(mm, base, base + 1)->lent = true;
}

const struct mm_root *mm_idle_root(const struct mm *mm)
{
    for (struct range *r = range_from(&mm->roots, 0); r; r = range_from(&mm->roots, r->end)) {
        const struct mm_root *const root = root_of(r);
        if (root->lent && root->free == r->end - r->base) {
            return root;
        }
    }
    return NULL;
}
