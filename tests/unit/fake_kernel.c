/** @file fake_kernel.c  Capabilities, CSpace, retype, delete, revoke.  Contracts in fake_kernel.h. */
#include "fake_kernel_state.h"
#include "test.h"

#include <sys/mman.h>

struct fake fake;

static uint64_t place_of(uint64_t cnode, uint64_t index)
{
    return cnode + index * SLOT_BYTES;
}

struct fcap *fake_at(uint64_t place)
{
    struct fcap *c = fake.bucket[place / SLOT_BYTES % FAKE_BUCKETS];

    while (c && c->place != place) {
        c = c->hash_next;
    }
    return c;
}

struct fcap *fake_put(uint64_t place)
{
    struct fcap *const c = calloc(1, sizeof(*c));

    c->place = place;
    c->hash_next = fake.bucket[place / SLOT_BYTES % FAKE_BUCKETS];
    fake.bucket[place / SLOT_BYTES % FAKE_BUCKETS] = c;
    c->next = fake.first;
    if (c->next) {
        c->next->prev = c;
    }
    fake.first = c;
    fake.caps++;
    return c;
}

static void unhash(struct fcap *c)
{
    struct fcap **at = &fake.bucket[c->place / SLOT_BYTES % FAKE_BUCKETS];

    while (*at != c) {
        at = &(*at)->hash_next;
    }
    *at = c->hash_next;
}

/* --- CSpace --- */

static err_t slot_in_l1(uint64_t l1, uint64_t slots, cptr_t addr, uint64_t *place, bool *in_l1)
{
    const uint64_t index = (addr & ~CPTR_L1_FLAG) >> 8;

    REQUIRE(index < slots && addr != CPTR_NULL, E_CAP_LOOKUP);
    *in_l1 = addr & CPTR_L1_FLAG;
    if (*in_l1) {
        *place = place_of(l1, index);
        return addr & 255 ? ERR(E_CAP_LOOKUP) : OK;
    }
    const struct fcap *const l2 = fake_at(place_of(l1, index));
    REQUIRE(l2, E_CAP_LOOKUP);
    *place = place_of(l2->base, addr & 255);
    return OK;
}

static err_t slot_at(cptr_t root, cptr_t addr, uint64_t *place, bool *in_l1)
{
    struct fcap *r;

    if (root == CPTR_NULL) {
        return slot_in_l1(fake.l1, fake.l1_slots, addr, place, in_l1);
    }
    TRY(fake_cap(root, &r));
    if (r->type == CAP_L1CNODE) {
        return slot_in_l1(r->base, r->bytes / SLOT_BYTES, addr, place, in_l1);
    }
    REQUIRE(r->type == CAP_L2CNODE, E_CAP_TYPE);
    REQUIRE(addr < L2_SLOTS, E_CAP_LOOKUP);
    *in_l1 = false;
    *place = place_of(r->base, addr);
    return OK;
}

err_t fake_cap(cptr_t addr, struct fcap **c)
{
    uint64_t place;
    bool in_l1;

    TRY(slot_in_l1(fake.l1, fake.l1_slots, addr, &place, &in_l1));
    *c = fake_at(place);
    REQUIRE(*c, E_CAP_EMPTY);
    return OK;
}

err_t fake_empty_at(cptr_t root, cptr_t addr, enum cap_type type, uint64_t *place)
{
    bool in_l1;

    TRY(slot_at(root, addr, place, &in_l1));
    REQUIRE(!fake_at(*place), E_SLOT_OCCUPIED);
    REQUIRE(!in_l1 || type == CAP_L2CNODE, E_SLOT_KIND);
    return OK;
}

/* --- who descends from whom --- */

static bool is_object(enum cap_type type)
{
    return type >= CAP_L1CNODE && type <= CAP_NOTIFY;
}

static bool is_copy(const struct fcap *a, const struct fcap *b)
{
    return a != b && a->type == b->type && a->base == b->base && a->bytes == b->bytes && a->gen == b->gen &&
           a->type != CAP_MAPPING;
}

/* Whether @p c was made from @p parent or from something that was. */
static bool descends(const struct fcap *c, const struct fcap *parent)
{
    if (c == parent || c->base < parent->base || c->base + c->bytes > parent->base + parent->bytes) {
        return false;
    }
    switch (parent->type) {
    case CAP_RAM:
    case CAP_DEVRANGE:
        return c->type != parent->type || c->bytes < parent->bytes || c->gen > parent->gen;
    case CAP_FRAME:
    case CAP_DEVFRAME:
        return c->type == CAP_MAPPING;
    default:
        return c->type == CAP_MAPPING && parent->type != CAP_MAPPING;   /* the link of a VNode */
    }
}

static struct fcap *descendant_in(const struct fcap *parent, uint64_t lo, uint64_t hi)
{
    for (struct fcap *c = fake.first; c; c = c->next) {
        if (descends(c, parent) && c->base < hi && c->base + c->bytes > lo) {
            return c;
        }
    }
    return NULL;
}

/* --- delete --- */

static bool last_of_object(const struct fcap *c)
{
    if (!is_object(c->type)) {
        return false;
    }
    for (const struct fcap *o = fake.first; o; o = o->next) {
        if (is_copy(c, o)) {
            return false;
        }
    }
    return !(c->type == CAP_L1CNODE && c->base == fake.l1);     /* the dispatcher has a copy of its own */
}

/* What a dead object held. */
static void destroy(enum cap_type type, uint64_t base, uint64_t bytes)
{
    for (bool again = true; again;) {
        again = false;
        for (struct fcap *c = fake.first; c; c = c->next) {
            const bool in_cnode = (type == CAP_L1CNODE || type == CAP_L2CNODE) && c->place >= base &&
                                  c->place < base + bytes;
            const bool in_table = c->type == CAP_MAPPING && type >= CAP_VNODE_L0 && type <= CAP_VNODE_L3 &&
                                  (c->vnode == base || (c->table && c->base == base));
            if (in_cnode || in_table) {
                fake_remove(c);
                again = true;       /* the list has changed */
                break;
            }
        }
    }
}

void fake_remove(struct fcap *c)
{
    const bool last = last_of_object(c);
    const struct fcap dead = *c;

    if (c->type == CAP_MAPPING) {
        fake_unmap(c);
    }
    unhash(c);
    *(c->prev ? &c->prev->next : &fake.first) = c->next;
    if (c->next) {
        c->next->prev = c->prev;
    }
    free(c);
    fake.caps--;
    if (last) {
        destroy(dead.type, dead.base, dead.bytes);
    }
}

static bool again(void)
{
    fake.again = test_random(&fake.random) % 4 == 0;
    return fake.again;
}

/* --- operations of CNodes --- */

static err_t op_copy(cptr_t root, const uint64_t *a, bool move)
{
    struct fcap *src;
    uint64_t from, place;
    bool in_l1;

    TRY(slot_at(a[1], a[2], &from, &in_l1));
    src = fake_at(from);
    REQUIRE(src, E_CAP_EMPTY);
    TRY(fake_empty_at(root, a[0], src->type, &place));
    if (move) {
        unhash(src);
        src->place = place;
        src->hash_next = fake.bucket[place / SLOT_BYTES % FAKE_BUCKETS];
        fake.bucket[place / SLOT_BYTES % FAKE_BUCKETS] = src;
        return OK;
    }
    REQUIRE(src->type != CAP_MAPPING, E_CAP_COPY);
    struct fcap *const dst = fake_put(place);
    dst->type = src->type;
    dst->rights = src->rights & a[3];
    dst->base = src->base;
    dst->bytes = src->bytes;
    dst->gen = src->gen;
    return OK;
}

static err_t op_delete(cptr_t root, const uint64_t *a)
{
    uint64_t place;
    bool in_l1;

    TRY(slot_at(root, a[0], &place, &in_l1));
    REQUIRE(!again(), E_AGAIN);
    struct fcap *const c = fake_at(place);
    if (c) {
        fake_remove(c);
    }
    return OK;
}

static err_t op_revoke(cptr_t root, const uint64_t *a)
{
    const uint64_t offset = a[1], bytes = a[2];
    uint64_t place;
    bool in_l1;

    TRY(slot_at(root, a[0], &place, &in_l1));
    struct fcap *const c = fake_at(place);
    REQUIRE(c, E_CAP_EMPTY);
    REQUIRE(c->rights & RIGHT_OWN, E_CAP_RIGHTS);
    REQUIRE(bytes && bytes <= c->bytes && offset <= c->bytes - bytes, E_CAP_RANGE);
    for (struct fcap *d; (d = descendant_in(c, c->base + offset, c->base + offset + bytes));) {
        fake_remove(d);
        REQUIRE(!again(), E_AGAIN);
    }
    for (bool more = true; more;) {
        more = false;
        for (struct fcap *o = fake.first; o && !more; o = o->next) {
            if (is_copy(c, o)) {
                fake_remove(o);
                more = true;
            }
        }
    }
    return OK;
}

static struct sys_result op_identify(cptr_t root, const uint64_t *a)
{
    uint64_t place;
    bool in_l1;
    const err_t err = slot_at(root, a[0], &place, &in_l1);
    const struct fcap *const c = err_ok(err) ? fake_at(place) : NULL;

    if (!c) {
        return (struct sys_result){ err_ok(err) ? ERR(E_CAP_EMPTY) : err, { 0 } };
    }
    return (struct sys_result){ OK, { c->type, c->rights, c->base, c->bytes } };
}

/* --- retype --- */

static err_t object_bytes(uint64_t type, uint64_t size, uint64_t *bytes)
{
    static const uint64_t fixed[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space, bytes_, parent) [number] = bytes_,
#include <shoal/captypes.def>
#undef CAPTYPE
    };

    REQUIRE(type > CAP_NULL && type < CAP_MAPPING && type != CAP_DEVRANGE && type != CAP_DEVFRAME, E_CAP_TYPE);
    if (type == CAP_L1CNODE) {
        REQUIRE(size >= L1_SLOTS_LOG2_MIN && size <= L1_SLOTS_LOG2_MAX, E_CAP_SIZE);
        *bytes = SLOT_BYTES << size;
    } else {
        *bytes = fixed[type] ? fixed[type] : size;
    }
    REQUIRE(*bytes && (fixed[type] || *bytes % SHOAL_PAGE_SIZE == 0), E_CAP_SIZE);
    return OK;
}

static err_t op_retype(struct fcap *from, const uint64_t *a)
{
    const uint64_t type = a[0], offset = a[1], count = a[3];
    uint64_t bytes, place[RETYPE_MAX_COUNT];

    REQUIRE(from->type == CAP_RAM, E_CAP_TYPE);
    REQUIRE(from->rights & RIGHT_OWN, E_CAP_RIGHTS);
    TRY(object_bytes(type, a[2], &bytes));
    REQUIRE(count >= 1 && count <= RETYPE_MAX_COUNT, E_CAP_COUNT);
    REQUIRE(bytes <= from->bytes && bytes * count <= from->bytes && offset <= from->bytes - bytes * count, E_CAP_RANGE);
    const uint64_t base = from->base + offset;
    REQUIRE(base % (bytes < SHOAL_PAGE_SIZE ? bytes : SHOAL_PAGE_SIZE) == 0, E_CAP_ALIGN);
    REQUIRE(!descendant_in(from, base, base + bytes * count), E_CAP_OVERLAP);
    for (uint64_t i = 0; i < count; i++) {
        TRY(fake_empty_at(a[4], a[5] + i, (enum cap_type)type, &place[i]));
    }
    for (uint64_t i = 0; i < count; i++) {
        struct fcap *const c = fake_put(place[i]);
        c->type = (enum cap_type)type;
        c->rights = from->rights;
        c->base = base + i * bytes;
        c->bytes = bytes;
        c->gen = type == CAP_RAM && bytes == from->bytes ? from->gen + 1 : 0;
    }
    return OK;
}

static err_t op_set_cspace(const uint64_t *a)
{
    struct fcap *l1;

    TRY(fake_cap(a[0], &l1));
    REQUIRE(l1->type == CAP_L1CNODE, E_CAP_TYPE);
    const uint64_t old = fake.l1, old_bytes = fake.l1_slots * SLOT_BYTES;
    fake.l1 = l1->base;
    fake.l1_slots = l1->bytes / SLOT_BYTES;
    for (const struct fcap *c = fake.first; c; c = c->next) {
        if (c->type == CAP_L1CNODE && c->base == old) {
            return OK;
        }
    }
    destroy(CAP_L1CNODE, old, old_bytes);
    return OK;
}

/* --- entry --- */

bool fake_injected(unsigned kind)
{
    if (!(fake.fail_kinds & kind)) {
        return false;
    }
    fake.calls++;
    return fake.calls == fake.fail_at;
}

static unsigned kind_of_cnode_op(uint64_t op)
{
    static const unsigned kind[] = {
        [CNODE_COPY] = FAKE_COPY, [CNODE_MINT] = FAKE_COPY, [CNODE_MOVE] = FAKE_MOVE, [CNODE_DELETE] = FAKE_DELETE,
        [CNODE_REVOKE] = FAKE_REVOKE, [CNODE_IDENTIFY] = FAKE_IDENTIFY,
    };
    return op < sizeof(kind) / sizeof(kind[0]) ? kind[op] : 0;
}

static struct sys_result cnode_op(cptr_t root, uint64_t op, const uint64_t *a)
{
    struct sys_result s = { .err = ERR(E_OP) };
    /* A deletion that was begun goes on: only the first call of it can be refused. */
    const bool goes_on = fake.again && (op == CNODE_DELETE || op == CNODE_REVOKE);

    fake.again = false;
    if (!goes_on && fake_injected(kind_of_cnode_op(op))) {
        s.err = ERR(E_STATE);
    } else if (op == CNODE_COPY || op == CNODE_MOVE) {
        s.err = op_copy(root, a, op == CNODE_MOVE);
    } else if (op == CNODE_DELETE) {
        s.err = op_delete(root, a);
    } else if (op == CNODE_REVOKE) {
        s.err = op_revoke(root, a);
    } else if (op == CNODE_IDENTIFY) {
        s = op_identify(root, a);
    }
    return s;
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    struct sys_result s = { .err = ERR(E_OP) };
    struct fcap *c = NULL;

    if (cap != CPTR_NULL) {
        s.err = fake_cap(cap, &c);
        if (!err_ok(s.err)) {
            return s;
        }
    }
    if (!c || c->type == CAP_L1CNODE || c->type == CAP_L2CNODE) {
        return cnode_op(cap, op, args.a);
    }
    if (c->type == CAP_RAM && op == MEMORY_RETYPE) {
        s.err = fake_injected(FAKE_RETYPE) ? ERR(E_STATE) : op_retype(c, args.a);
    } else if (c->type >= CAP_VNODE_L0 && c->type <= CAP_VNODE_L3 && op == VNODE_MAP) {
        s.err = fake_injected(FAKE_MAP) ? ERR(E_STATE) : fake_map(c, args.a);
    } else if (c->type == CAP_MAPPING && op == MAPPING_PROTECT) {
        s.err = fake_injected(FAKE_PROTECT) ? ERR(E_STATE) : fake_protect(c, args.a);
    } else if (c->type == CAP_DISPATCHER && op == DISPATCHER_SET_CSPACE) {
        s.err = fake_injected(FAKE_SET_CSPACE) ? ERR(E_STATE) : op_set_cspace(args.a);
    } else if (c->type == CAP_DISPATCHER || c->type == CAP_ENDPOINT) {
        s.err = fake_injected(FAKE_DISPATCH) ? ERR(E_STATE) : fake_dispatch(c, op, args.a);
    } else {
        s.err = ERR(E_OP);
    }
    return s;
}
