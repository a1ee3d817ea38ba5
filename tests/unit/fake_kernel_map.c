/** @file fake_kernel_map.c  Page tables of the fake kernel. */
#include "fake_kernel_state.h"
#include "test.h"

#include <sys/mman.h>

#define ENTRIES 512u

static unsigned shift_of(unsigned level)
{
    return 39 - 9 * level;
}

static struct fpte **pte_at(uint64_t place)
{
    struct fpte **at = &fake.pte[place / 8 % FAKE_BUCKETS];

    while (*at && (*at)->place != place) {
        at = &(*at)->next;
    }
    return at;
}

static struct fcap *link_of(uint64_t vnode)
{
    for (struct fcap *c = fake.first; c; c = c->next) {
        if (c->type == CAP_MAPPING && c->table && c->base == vnode) {
            return c;
        }
    }
    return NULL;
}

static bool in_window(const struct fcap *m)
{
    return !m->table && m->root == fake.root && m->va >= FAKE_WINDOW &&
           m->va + m->bytes <= FAKE_WINDOW + FAKE_WINDOW_BYTES;
}

static bool page_dirty(uint64_t pa)
{
    return pa >= FAKE_RAM_END || fake.dirty[pa / SHOAL_PAGE_SIZE / 8] >> pa / SHOAL_PAGE_SIZE % 8 & 1;
}

/* Make the test program's own memory look like what was just mapped. */
static void show(const struct fcap *m, uint64_t flags)
{
    if (!in_window(m) || !(flags & MAP_WRITE)) {
        return;
    }
    mprotect((void *)m->va, m->bytes, PROT_READ | PROT_WRITE);
    for (uint64_t at = 0; at < m->bytes; at += SHOAL_PAGE_SIZE) {
        memset((void *)(m->va + at), page_dirty(m->base + at) ? 0xa5 : 0, SHOAL_PAGE_SIZE);
        if (m->base + at < FAKE_RAM_END) {
            fake.dirty[(m->base + at) / SHOAL_PAGE_SIZE / 8] |= (uint8_t)(1 << (m->base + at) / SHOAL_PAGE_SIZE % 8);
        }
    }
}

static err_t check_frame(const struct fcap *f, unsigned level, uint64_t first, uint64_t count, uint64_t offset,
                         uint64_t flags)
{
    const uint64_t size = 1ull << shift_of(level), kind = flags & ~7ull;

    REQUIRE(level >= 1, E_CAP_TYPE);
    REQUIRE(count >= 1, E_CAP_COUNT);
    REQUIRE(first < ENTRIES && count <= ENTRIES - first, E_ARG);
    REQUIRE(count * size <= f->bytes && offset <= f->bytes - count * size, E_CAP_RANGE);
    REQUIRE((f->base + offset) % size == 0, E_CAP_ALIGN);
    REQUIRE((flags & ~(uint64_t)MAP_FLAGS_MASK) == 0 && flags & MAP_READ, E_ARG);
    REQUIRE((flags & 6) != 6, E_MAP_WX);
    REQUIRE(f->type == CAP_FRAME ? kind <= MAP_UNCACHED : kind >= MAP_UNCACHED, E_MAP_ATTR);
    REQUIRE((flags & 7 & ~f->rights) == 0, E_CAP_RIGHTS);
    return OK;
}

static err_t check_table(const struct fcap *vnode, const struct fcap *t, uint64_t first, uint64_t count,
                         uint64_t offset, uint64_t flags)
{
    REQUIRE(vnode->type < CAP_VNODE_L3 && t->type == vnode->type + 1, E_CAP_TYPE);
    REQUIRE(first < ENTRIES && count == 1 && offset == 0 && flags == 0, E_ARG);
    REQUIRE(!link_of(t->base), E_VNODE_LINKED);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        REQUIRE(!*pte_at(t->base + i * 8), E_VNODE_LINKED);
    }
    return OK;
}

err_t fake_map(struct fcap *vnode, const uint64_t *a)
{
    const uint64_t first = a[1] & 0xffff, count = a[1] >> 16, offset = a[2], flags = a[3];
    const unsigned level = vnode->type - CAP_VNODE_L0;
    const uint64_t size = 1ull << shift_of(level);
    uint64_t place, va = 0, root = vnode->base;
    struct fcap *source;

    TRY(fake_cap(a[0], &source));
    TRY(fake_empty_at(a[4], a[5], CAP_MAPPING, &place));
    const bool table = source->type != CAP_FRAME && source->type != CAP_DEVFRAME;
    TRY(table ? check_table(vnode, source, first, count, offset, flags)
              : check_frame(source, level, first, count, offset, flags));
    if (level > 0) {
        const struct fcap *const link = link_of(vnode->base);
        REQUIRE(link, E_VNODE_UNLINKED);
        va = link->va;
        root = link->root;
    }
    for (uint64_t i = first; i < first + count; i++) {
        REQUIRE(!*pte_at(vnode->base + i * 8), E_VNODE_OCCUPIED);
    }
    struct fcap *const m = fake_put(place);
    m->type = CAP_MAPPING;
    m->rights = table ? 0 : source->rights;
    m->base = source->base + offset;
    m->bytes = table ? SHOAL_PAGE_SIZE : count * size;
    m->vnode = vnode->base;
    m->va = va + first * size;
    m->root = root;
    m->first = (unsigned)first;
    m->count = (unsigned)count;
    m->level = level;
    m->table = table;
    for (uint64_t i = 0; i < count; i++) {
        struct fpte *const e = calloc(1, sizeof(*e));
        *e = (struct fpte){ NULL, vnode->base + (first + i) * 8, m->base + i * size, flags, m };
        *pte_at(e->place) = e;
    }
    show(m, flags);
    return OK;
}

void fake_unmap(struct fcap *m)
{
    if (in_window(m)) {
        mprotect((void *)m->va, m->bytes, PROT_NONE);
    }
    for (uint64_t i = m->first; i < m->first + m->count; i++) {
        struct fpte **const at = pte_at(m->vnode + i * 8), *const e = *at;
        *at = e->next;
        free(e);
    }
}

err_t fake_protect(struct fcap *m, const uint64_t *a)
{
    const uint64_t first = a[0], count = a[1], flags = a[2];

    REQUIRE(!m->table && (flags & ~7ull) == 0 && flags & MAP_READ, E_ARG);
    REQUIRE(count >= 1, E_CAP_COUNT);
    REQUIRE(count <= m->count && first <= m->count - count, E_ARG);
    REQUIRE((flags & 6) != 6, E_MAP_WX);
    REQUIRE((flags & ~m->rights) == 0, E_CAP_RIGHTS);
    for (uint64_t i = m->first + first; i < m->first + first + count; i++) {
        struct fpte *const e = *pte_at(m->vnode + i * 8);
        e->flags = (e->flags & ~7ull) | flags;
    }
    return OK;
}

bool fake_translate(uint64_t root, uint64_t va, struct fake_place *place)
{
    uint64_t table = root;

    for (unsigned level = 0; level <= 3; level++) {
        const struct fpte *const e = *pte_at(table + (va >> shift_of(level) & 511) * 8);
        if (!e) {
            return false;
        }
        if (!e->mapping->table) {
            *place = (struct fake_place){ e->pa + (va & ((1ull << shift_of(level)) - 1)), e->flags, level };
            return true;
        }
        table = e->pa;
    }
    return false;
}
