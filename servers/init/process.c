/** @file process.c  Contracts in process.h. */
#include "process.h"
#include <os/print.h>
#include <os/string.h>

/* init's image without what is writable there. */
static err_t map_image(struct proc *p)
{
    const struct bootinfo *boot = init.boot;

    for (uint64_t i = 0; i < boot->segment_count; i++) {
        if (boot->segment[i].flags & MAP_WRITE) {
            continue;
        }
        TRY(tables_map(&p->vspace, &p->test->pool, boot->segment[i].va, boot->segment[i].frame, 0,
                       boot->segment[i].bytes, boot->segment[i].flags, NULL));
    }
    return OK;
}

static err_t make_memory(struct proc *p)
{
    struct supply *pool = &p->test->pool;
    const uint64_t rw = MAP_READ | MAP_WRITE;

    TRY(supply_make(pool, CAP_FRAME, SHOAL_PAGE_SIZE, 1, &p->frame));
    TRY(supply_make(pool, CAP_FRAME, SHOAL_PAGE_SIZE, 1, &p->shared));
    TRY(supply_make(pool, CAP_FRAME, PROC_UPCALL_BYTES + PROC_STACK_BYTES, 1, &p->stack));
    TRY(tables_map(&p->vspace, pool, PROC_FRAME_VA, p->frame, 0, SHOAL_PAGE_SIZE, rw, &p->frame_mapping));
    TRY(tables_map(&p->vspace, pool, PROC_SHARED_VA, p->shared, 0, SHOAL_PAGE_SIZE, rw, NULL));
    TRY(tables_map(&p->vspace, pool, PROC_UPCALL_VA, p->stack, 0, PROC_UPCALL_BYTES, rw, NULL));
    return tables_map(&p->vspace, pool, PROC_STACK_VA, p->stack, PROC_UPCALL_BYTES, PROC_STACK_BYTES, rw, NULL);
}

static err_t make_cspace(struct proc *p)
{
    struct supply *pool = &p->test->pool;
    const uint64_t bytes = object_bytes(CAP_L2CNODE, 0);
    uint64_t offset;

    TRY(supply_make(pool, CAP_L1CNODE, L1_SLOTS_LOG2_MIN, 1, &p->l1));
    TRY(supply_take(pool, bytes, bytes, &offset));
    return cap_retype(pool->ram, CAP_L2CNODE, offset, 0, 1, p->l1, CPTR_L1(0));
}

static err_t fill_cspace(struct proc *p)
{
    TRY(cap_copy(p->l1, TASK_L1, CPTR_NULL, p->l1, RIGHTS_ALL));
    TRY(cap_copy(p->l1, TASK_DISPATCHER, CPTR_NULL, p->disp, RIGHTS_ALL));
    TRY(cap_copy(p->l1, TASK_VSPACE, CPTR_NULL, p->vnode, RIGHTS_ALL));
    return cap_copy(p->l1, TASK_FRAME, CPTR_NULL, p->frame, RIGHTS_ALL);
}

static err_t make_dispatcher(struct proc *p)
{
    cptr_t fault;

    TRY(supply_make(&p->test->pool, CAP_DISPATCHER, 0, 1, &p->disp));
    TRY(supply_slots(&p->test->pool, 1, &fault));
    TRY(cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, p->badge));
    return dispatcher_configure(p->disp, p->l1, p->vnode, p->frame, PROC_FRAME_VA, fault);
}

static err_t make(struct proc *p)
{
    TRY(supply_make(&p->test->pool, CAP_VNODE_L0, 0, 1, &p->vnode));
    tables_init(&p->vspace, p->vnode);
    TRY(map_image(p));
    TRY(make_memory(p));
    TRY(make_cspace(p));
    TRY(make_dispatcher(p));
    return fill_cspace(p);
}

bool proc_make(struct test *t, struct proc *p, child_fn entry)
{
    *p = (struct proc){ .test = t, .badge = t->next_badge++, .next_slot = TASK_FREE, .next_va = PROC_FREE_VA };
    if (p->badge >= FAULTS_MAX) {
        CHECK(t, false, "too many children");
        return false;
    }
    const err_t err = make(p);
    EXPECT_OK(t, err);
    if (!err_ok(err) || !proc_priority(p, init.priority)) {
        return false;
    }
    p->frame_map = test_map(t, p->frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    p->page = test_map(t, p->shared, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    if (!p->frame_map || !p->page) {
        return false;
    }
    frame_init(p->frame_map, (uint64_t)entry, PROC_SHARED_VA, PROC_STACK_VA + PROC_STACK_BYTES,
               PROC_UPCALL_VA + PROC_UPCALL_BYTES);
    memset((void *)(uintptr_t)p->page, 0, SHOAL_PAGE_SIZE);
    return true;
}

bool proc_run(struct test *t, struct proc *p, child_fn entry)
{
    if (!proc_make(t, p, entry)) {
        return false;
    }
    const err_t err = dispatcher_start(p->disp);
    EXPECT_OK(t, err);
    return err_ok(err);
}

bool proc_priority(struct proc *p, uint64_t priority)
{
    struct test *t = p->test;
    err_t err = kernel_set_ceiling(TASK_KERNEL, p->disp, priority);

    if (err_ok(err)) {
        err = dispatcher_set_priority(p->disp, priority);
    }
    EXPECT_OK(t, err);
    return err_ok(err);
}

static cptr_t give(struct proc *p, cptr_t cap, uint64_t rights, bool mint, uint64_t badge)
{
    const cptr_t slot = CPTR(0, p->next_slot++);
    const err_t err = mint ? cap_mint(p->l1, slot, CPTR_NULL, cap, rights, badge)
                           : cap_copy(p->l1, slot, CPTR_NULL, cap, rights);

    EXPECT_OK(p->test, err);
    return err_ok(err) ? slot : CPTR_NULL;
}

cptr_t proc_give(struct proc *p, cptr_t cap, uint64_t rights)
{
    return give(p, cap, rights, false, 0);
}

cptr_t proc_give_minted(struct proc *p, cptr_t cap, uint64_t rights, uint64_t badge)
{
    return give(p, cap, rights, true, badge);
}

uint64_t proc_map(struct proc *p, cptr_t frame, uint64_t offset, uint64_t bytes, uint64_t map_flags)
{
    const uint64_t va = p->next_va;
    const err_t err = tables_map(&p->vspace, &p->test->pool, va, frame, offset, bytes, map_flags, NULL);

    EXPECT_OK(p->test, err);
    p->next_va += ((bytes + 4095) & ~4095ull) + SHOAL_PAGE_SIZE;
    return err_ok(err) ? va : 0;
}

void faults_collect(void)
{
    struct ring_message m;

    while (ring_take(&init.fault_ring, &m)) {
        if (m.badge < FAULTS_MAX) {
            init.fault[m.badge] = (struct fault){
                true, m.word[FAULT_W_CAUSE], m.word[FAULT_W_ADDRESS], m.word[FAULT_W_PC], m.word[FAULT_W_SP],
                m.word[FAULT_W_SYNDROME],
            };
        }
    }
}

bool proc_fault(struct proc *p, struct fault *fault)
{
    const uint64_t deadline = hang_deadline();

    for (;;) {
        faults_collect();
        if (init.fault[p->badge].present) {
            *fault = init.fault[p->badge];
            init.fault[p->badge].present = false;
            return true;
        }
        if (!event_wait(EVENT_FAULT, deadline)) {
            struct dispatcher_info info = { 0 };
            err_ignore(dispatcher_status(p->disp, &info));
            test_wrong(p->test, __FILE__, __LINE__, "child %u does not end (state %lu)", p->badge, info.state);
            return false;
        }
    }
}

bool proc_finish(struct proc *p)
{
    return proc_expect_fault(p, FAULT_BREAKPOINT, 0);
}

bool proc_expect_fault(struct proc *p, enum fault_cause cause, uint64_t address)
{
    struct test *t = p->test;
    struct fault f;

    if (!proc_fault(p, &f)) {
        return false;
    }
    const bool right = f.cause == (uint64_t)cause && (cause == FAULT_BREAKPOINT || f.address == address);
    CHECK(t, right, "child %u: cause %lu, address %#lx, pc %#lx, syndrome %#lx; wanted cause %u, address %#lx",
          p->badge, f.cause, f.address, f.pc, f.syndrome, cause, address);
    return right;
}

static bool endpoint(struct test *t, struct proc_endpoint *ep, uint64_t event, unsigned log2_slots, cptr_t disp)
{
    const uint64_t bytes = (RING_BYTES(log2_slots) + 4095) & ~4095ull;

    *ep = (struct proc_endpoint){ .event = event };
    ep->recv = test_make(t, CAP_ENDPOINT, 0, 1);
    ep->ring_frame = test_make(t, CAP_FRAME, bytes, 1);
    void *ring = test_map(t, ep->ring_frame, 0, bytes, MAP_READ | MAP_WRITE, NULL);
    if (ep->recv == CPTR_NULL || !ring) {
        return false;
    }
    memset(ring, 0, bytes);
    ep->ring = ring_at(ring, log2_slots);
    const err_t err = endpoint_bind(ep->recv, disp, event, ep->ring_frame, 0, log2_slots);
    EXPECT_OK(t, err);
    return err_ok(err);
}

bool proc_endpoint(struct proc *p, struct proc_endpoint *ep, uint64_t event, unsigned log2_slots)
{
    if (!endpoint(p->test, ep, event, log2_slots, p->disp)) {
        return false;
    }
    ep->ring_va = proc_map(p, ep->ring_frame, 0, (RING_BYTES(log2_slots) + 4095) & ~4095ull, MAP_READ | MAP_WRITE);
    return ep->ring_va != 0;
}

bool own_endpoint(struct test *t, struct proc_endpoint *ep, uint64_t event, unsigned log2_slots)
{
    return endpoint(t, ep, event, log2_slots, TASK_DISPATCHER);
}
