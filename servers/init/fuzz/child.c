/** @file child.c  The process that fires; see fuzz.h.  No globals: it runs in a child. */
#include "fuzz.h"

#define LIVE 48

struct fuzz {
    volatile struct shared *page;
    uint64_t random;
    cptr_t live[LIVE];          /**< addresses where something was found or made, most recently; may be stale         */
    enum cap_type type;         /**< of the capability at hand; CAP_TYPE_COUNT: not known                             */
};

/* xorshift64* (Vigna) */
static uint64_t next(struct fuzz *f)
{
    f->random ^= f->random >> 12;
    f->random ^= f->random << 25;
    f->random ^= f->random >> 27;
    return f->random * 0x2545f4914f6cdd1dull;
}

static uint64_t below(struct fuzz *f, uint64_t n)
{
    return (next(f) >> 20) % n;
}

/* A slot of the sandbox, occupied or not. */
static cptr_t slot(struct fuzz *f)
{
    const uint64_t cnode = 1 + below(f, FUZZ_CNODES);
    const cptr_t any = CPTR(cnode, below(f, 4) ? below(f, 64) : below(f, L2_SLOTS));

    return any - CPTR(1, FUZZ_SELF) < 4 ? CPTR(1, FUZZ_SLOTS_USED) : any;
}

static void remember(struct fuzz *f, cptr_t cap)
{
    f->live[below(f, LIVE)] = cap;
}

/* What the child itself stands on ends most rounds early, if it is touched; so not often. */
static cptr_t address(struct fuzz *f)
{
    switch (below(f, 128)) {
    case 0:
        return CPTR(0, below(f, 8));            /* its own dispatcher, VSpace, … */
    case 1:
        return CPTR_L1(below(f, 12));
    case 2:
        return CPTR(1, FUZZ_SELF + below(f, 4));
    case 3:
    case 4:
        return CPTR_NULL;
    case 5:
    case 6:
        return next(f);
    default:
        return below(f, 4) ? f->live[below(f, LIVE)] : slot(f);
    }
}

static uint64_t edge(struct fuzz *f)
{
    static const uint64_t edges[] = {
        0, 1, 2, 7, 8, 63, 64, 65, 127, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097, 8192, 16384, 65535, 65536,
        0x1ffff, 0x20000, 0x1fffff, 0x200000, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        1ull << 47, (1ull << 48) - 1, 1ull << 48, 1ull << 52, 1ull << 55, 1ull << 56, 1ull << 63, ~0ull, ~0ull - 1,
        ~0ull - 4095, 0xffff000000000000, 0x40000000ull << 8,
    };
    return edges[below(f, sizeof(edges) / sizeof(edges[0]))];
}

static uint64_t argument(struct fuzz *f)
{
    switch (below(f, 10)) {
    case 0:
    case 1:
        return edge(f);
    case 2:
        return next(f);
    case 3:
    case 4:
        return below(f, 24);
    case 5:
        return below(f, 64) * SHOAL_PAGE_SIZE;
    case 6:
        return edge(f) + below(f, 3) - 1;
    default:
        return address(f);
    }
}

static struct sys_result call(struct fuzz *f, cptr_t cap, uint64_t op, struct sys_args args)
{
    /* now and then one argument is spoilt, so that what is nearly right is tried, too */
    if (below(f, 12) == 0) {
        args.a[below(f, 6)] = argument(f);
    }
    f->page->result[FUZZ_CALLS]++;
    const struct sys_result r = sys_invoke(cap, op, args);
    if (err_ok(r.err)) {
        const enum cap_type type = cap == CPTR_NULL ? CAP_NULL : f->type;
        f->page->result[FUZZ_OK]++;
        if (op < FUZZ_OPS && type < CAP_TYPE_COUNT) {
            f->page->more[type * FUZZ_OPS + op]++;
        }
        if (type == CAP_NULL && op <= CNODE_MOVE) {
            remember(f, args.a[0]);
        }
    }
    return r;
}

#define CALL(f, cap, op, ...) call(f, cap, op, (struct sys_args){ { __VA_ARGS__ } })

static void wild(struct fuzz *f)
{
    struct sys_args args;

    f->type = CAP_TYPE_COUNT;
    for (unsigned i = 0; i < 6; i++) {
        args.a[i] = argument(f);
    }
    (void)call(f, address(f), below(f, 10) ? below(f, 13) : argument(f), args);
}

/* ---- calls that make sense for the type -------------------------------------------------------------------------- */

static void retype(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    const uint64_t type = info->type == CAP_RAM ? below(f, CAP_NOTIFY + 1)
                          : info->type == CAP_DEVRANGE ? (below(f, 2) ? CAP_DEVRANGE : CAP_DEVFRAME)
                          : info->type;
    const uint64_t unit = info->type == CAP_ID ? 1 : type == CAP_NOTIFY ? 64 : type == CAP_ENDPOINT ? 256
                          : type == CAP_DISPATCHER ? 2048 : SHOAL_PAGE_SIZE;
    const uint64_t units = info->bytes / unit;
    const uint64_t size = type == CAP_L1CNODE ? 6 + below(f, 3) : unit * (1 + below(f, 4));

    const cptr_t dst = slot(f);
    if (err_ok(CALL(f, cap, MEMORY_RETYPE, type, units ? below(f, units) * unit : 0, size, 1 + below(f, 4), CPTR_NULL,
                    dst).err)) {
        remember(f, dst);
    }
}

static void revoke(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    const uint64_t offset = below(f, 4) ? 0 : below(f, info->bytes + 1);
    const uint64_t bytes = below(f, 4) ? info->bytes - offset : below(f, info->bytes + 1);

    for (unsigned i = 0; i < 40; i++) {
        if (err_root(CALL(f, CPTR_NULL, CNODE_REVOKE, cap, offset, bytes).err) != E_AGAIN) {
            break;
        }
    }
}

static void on_vnode(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    const uint64_t flags[] = { 0, MAP_READ, MAP_READ | MAP_WRITE, MAP_READ | MAP_EXEC, MAP_READ | MAP_UNCACHED,
                               MAP_READ | MAP_WRITE | MAP_DEVICE };
    const bool leaf = info->type == CAP_VNODE_L3 || below(f, 8) == 0;
    const cptr_t what = below(f, 4) == 0 ? address(f)
                        : leaf ? CPTR(1, FUZZ_FRAME + (below(f, 2) ? 3 : below(f, 4)))
                        : CPTR(1, FUZZ_VNODE + 1 + (info->type - CAP_VNODE_L0));
    const uint64_t first = info->type == CAP_VNODE_L0 ? below(f, 4) : below(f, 512);
    const uint64_t count = leaf ? 1 + below(f, 3) : 1;
    const cptr_t dst = slot(f);

    if (err_ok(CALL(f, cap, VNODE_MAP, what, first | count << 16, leaf ? below(f, 4) * SHOAL_PAGE_SIZE : 0,
                    leaf ? flags[below(f, 3) ? 1 + below(f, 4) : below(f, 6)] : 0, CPTR_NULL, dst).err)) {
        remember(f, dst);
    }
}

static void on_dispatcher(struct fuzz *f, cptr_t cap)
{
    const uint64_t op = below(f, DISPATCHER_STATUS + 1);

    if ((op == DISPATCHER_STOP || op == DISPATCHER_HOLD) && below(f, 4)) {
        return;                 /* often enough itself, or the sibling */
    }
    if (op == DISPATCHER_CONFIGURE) {
        (void)CALL(f, cap, op, below(f, 2) ? TASK_L1 : CPTR(1, FUZZ_L1),
                   below(f, 2) ? TASK_VSPACE : CPTR(1, FUZZ_VNODE), CPTR(1, FUZZ_FRAME + below(f, 4)),
                   f->page->arg[FUZZ_ARG_SCRIBBLE], CPTR(1, FUZZ_SEND + below(f, 2)));
    } else {
        (void)CALL(f, cap, op, below(f, 4) ? below(f, 40) : address(f));
    }
}

static void on_endpoint(struct fuzz *f, cptr_t cap)
{
    if (below(f, 2)) {
        (void)CALL(f, cap, ENDPOINT_BIND, below(f, 2) ? TASK_DISPATCHER : CPTR(1, FUZZ_DISPATCHER + below(f, 2)),
                   below(f, 300), CPTR(1, FUZZ_FRAME + below(f, 4)), below(f, 3) * 128, below(f, 5));
    } else {
        (void)CALL(f, cap, ENDPOINT_SET_RECV_SLOT, slot(f));
    }
}

static void on_notify(struct fuzz *f, cptr_t cap)
{
    (void)CALL(f, cap, below(f, NOTIFY_UNBIND + 1), below(f, 2) ? TASK_DISPATCHER : CPTR(1, FUZZ_DISPATCHER),
               below(f, 2) ? below(f, 300) : argument(f));
}

static void on_irq(struct fuzz *f, cptr_t cap)
{
    const uint64_t op = below(f, IRQ_SET_TARGET + 1);
    (void)CALL(f, cap, op, op == IRQ_BIND ? CPTR(1, FUZZ_NOTIFY + below(f, 4)) : below(f, 3));
}

/* Through a CNode of the sandbox instead of the own CSpace: addresses are indices, or of two levels. */
static void on_cnode(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    const cptr_t dst = info->type == CAP_L2CNODE ? below(f, L2_SLOTS) : below(f, 2) ? CPTR_L1(below(f, 64)) : slot(f);

    (void)CALL(f, cap, below(f, CNODE_IDENTIFY + 1), dst, below(f, 3) ? CPTR_NULL : address(f), address(f),
               below(f, 2) ? RIGHTS_ALL : argument(f), below(f, 5));
}

static void by_type(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    switch (info->type) {
    case CAP_RAM:
    case CAP_DEVRANGE:
    case CAP_ID:
        retype(f, cap, info);
        break;
    case CAP_VNODE_L0:
    case CAP_VNODE_L1:
    case CAP_VNODE_L2:
    case CAP_VNODE_L3:
        on_vnode(f, cap, info);
        break;
    case CAP_MAPPING:
        (void)CALL(f, cap, MAPPING_PROTECT, below(f, 3), 1 + below(f, 3), below(f, 8));
        break;
    case CAP_DISPATCHER:
        on_dispatcher(f, cap);
        break;
    case CAP_ENDPOINT:
        on_endpoint(f, cap);
        break;
    case CAP_NOTIFY:
        on_notify(f, cap);
        break;
    case CAP_IRQ:
        on_irq(f, cap);
        break;
    case CAP_L1CNODE:
    case CAP_L2CNODE:
        on_cnode(f, cap, info);
        break;
    default:
        wild(f);
        break;
    }
}

/* Copies, moves and deletions of whatever is there. */
static void shuffle(struct fuzz *f, cptr_t cap, const struct cap_info *info)
{
    switch (below(f, 12)) {
    case 0:
    case 1:
    case 2:
        (void)CALL(f, CPTR_NULL, CNODE_COPY, slot(f), CPTR_NULL, cap, below(f, 3) ? RIGHTS_ALL : below(f, 32));
        break;
    case 3:
        (void)CALL(f, CPTR_NULL, CNODE_MINT, slot(f), CPTR_NULL, cap, RIGHTS_ALL, below(f, 4));
        break;
    case 4:
    case 5:
        (void)CALL(f, CPTR_NULL, CNODE_MOVE, slot(f), CPTR_NULL, cap);
        break;
    case 6:
        revoke(f, cap, info);
        break;
    case 7:
        if (info->type == CAP_L2CNODE) {
            (void)CALL(f, CPTR_NULL, CNODE_MOVE, CPTR_L1(4 + below(f, 8)), CPTR_NULL, cap);
            break;
        }
        /* fall through */
    default:
        for (unsigned i = 0; i < 40; i++) {
            if (err_root(CALL(f, CPTR_NULL, CNODE_DELETE, cap).err) != E_AGAIN) {
                break;
            }
        }
        break;
    }
}

static void sensible(struct fuzz *f)
{
    const cptr_t cap = address(f);
    f->type = CAP_TYPE_COUNT;
    const struct sys_result r = CALL(f, CPTR_NULL, CNODE_IDENTIFY, cap);
    const struct cap_info info = { (enum cap_type)r.r[0], r.r[1], r.r[2], r.r[3], r.r[4], r.r[5] };

    if (!err_ok(r.err)) {
        return;
    }
    remember(f, cap);
    f->type = info.type;
    for (uint64_t i = below(f, 3); i < 3; i++) {
        by_type(f, cap, &info);
    }
    if (below(f, 2)) {
        shuffle(f, cap, &info);
    }
}

/* ---- the other system calls -------------------------------------------------------------------------------------- */

static void transfer(struct fuzz *f)
{
    struct xfer x = {
        .dest = below(f, 4) ? CPTR(1, FUZZ_SEND + below(f, 2)) : address(f),
        .accept = (uint64_t)XFER_NO_PARK,
        .tag = below(f, 8) ? below(f, 9) : argument(f),
        .cap = address(f),
    };
    const bool parks = below(f, 3) == 0;

    if (below(f, 4) == 0) {
        x.tag |= TAG_CAP | (below(f, 2) ? TAG_GIVE : 0);
    }
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = next(f);
    }
    f->page->result[FUZZ_CALLS]++;
    if (!parks) {
        x.deadline = below(f, 8) ? XFER_KEEP_DEADLINE : argument(f);
        f->page->result[FUZZ_OK] += err_ok(sys_xfer(&x));
        return;
    }
    /* soon woken, if by nothing else */
    const uint64_t accept[] = { (uint64_t)XFER_ANY, 7, EVENT_NONE, argument(f) };
    x.accept = accept[below(f, 4)];
    x.dest = below(f, 2) ? x.dest : CPTR_NULL;
    x.deadline = time_now() + below(f, 2000);
    struct dispatcher_frame *frame = frame_self();
    disable(frame);
    const err_t err = sys_xfer(&x);
    if (err_root(err) != E_WOKEN) {
        enable(frame);
    }
    f->page->result[FUZZ_OK] += err_ok(err);
}

#define RAW_CALL(immediate, x0)                                                                                        \
    __asm__ volatile("svc %[number]" : "+r"(x0) : [number] "i"(immediate)                                              \
                     : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", \
                       "x16", "x17", "x18", "cc", "memory")

static void other_call(struct fuzz *f)
{
    register uint64_t x0 __asm__("x0") = argument(f);

    f->page->result[FUZZ_CALLS]++;
    switch (below(f, 12)) {
    case 0:
        if (below(f, 4) == 0) {
            RAW_CALL(SVC_RESUME, x0);       /* into whatever lies in the enabled area */
        }
        break;
    case 5:
    case 6:
    case 7:
        RAW_CALL(SVC_YIELD, x0);
        break;
    case 1:
        RAW_CALL(SVC_DEBUG, x0);
        break;
    case 2:
        RAW_CALL(5, x0);
        break;
    case 3:
        RAW_CALL(0x8000, x0);
        break;
    case 4:
        RAW_CALL(0xffff, x0);
        break;
    default:
        RAW_CALL(0x100, x0);
        break;
    }
}

/* The frame and the rings are the user's own memory: the kernel believes nothing there. */
static void scribble(struct fuzz *f)
{
    volatile uint64_t *const pages = (volatile uint64_t *)f->page->arg[FUZZ_ARG_SCRIBBLE];

    for (unsigned i = 0; i < 8; i++) {
        const uint64_t at = below(f, 4) ? below(f, 64) : below(f, 512);
        pages[below(f, 3) * 1024 + at] = argument(f);
    }
    /* its own, but for the save areas and entry points, which would only end the round */
    volatile uint64_t *const own = (volatile uint64_t *)frame_self();
    own[below(f, 2)] = argument(f);
    own[DF_SUMMARY / 8 + below(f, 512 - DF_SUMMARY / 8)] = argument(f);
}

void fuzz_child(volatile struct shared *page)
{
    /* A resume or an idle park may lead back to here: not the same calls again. */
    struct fuzz f = {
        .page = page,
        .random = (page->arg[FUZZ_ARG_SEED] ^ page->result[FUZZ_CALLS] * 0x9e3779b97f4a7c15ull) | 1,
        .type = CAP_TYPE_COUNT,
    };

    for (unsigned i = 0; i < LIVE; i++) {
        f.live[i] = CPTR(1, 1 + i % (FUZZ_SELF - 1));
    }
    while (page->result[FUZZ_CALLS] < page->arg[FUZZ_ARG_CALLS]) {
        const uint64_t kind = below(&f, 100);
        if (kind < 25) {
            wild(&f);
        } else if (kind < 85) {
            sensible(&f);
        } else if (kind < 94) {
            transfer(&f);
        } else if (kind < 98) {
            other_call(&f);
        } else {
            scribble(&f);
        }
    }
    page->result[FUZZ_DONE] = 1;
    child_exit();
}

void fuzz_sibling(struct dispatcher_frame *frame)
{
    (void)frame;
    struct xfer x = { .dest = CPTR(1, FUZZ_SEND), .accept = (uint64_t)XFER_IDLE, .tag = 3, .word = { 1, 2, 3 } };

    if (!err_ok(sys_xfer(&x))) {
        x.dest = CPTR_NULL;
        err_ignore(sys_xfer(&x));
    }
}
