/** @file build.c  Making, handing over and undoing a child; contracts in os/spawn.h. */
#include "internal.h"
#include <os/bug.h>
#include <os/err.h>

/* What there is of a child, as bits of spawn.undo. */
enum undo {
    HAS_TASK_L1 = 1,            /* entry of the maker's L1 CNode */
    HAS_SLOTS = 2,              /* s->slots knows the child's CNode */
    HAS_VSPACE = 4,             /* s->vspace has records */
    HAS_DISPATCHER = 8,         /* slot of the maker's */
    HAS_OBJECTS = 16,           /* something was made from the RAM */
};

static cptr_t l1_of(const struct spawn *s)
{
    return spawn_slot(s, TASK_L1);
}

/* An entry of the maker's L1 CNode and a slot, both empty. */
static err_t take_places(struct spawn *s)
{
    struct stock *stock = s->maker->stock;

    TRY(stock_refill(stock));
    REQUIRE(cspace_take(&stock->cspace, &s->task_l1), E_SPAWN_CSPACE);
    s->undo |= HAS_TASK_L1;
    TRY(slots_alloc(&stock->slots, &s->dispatcher));
    s->undo |= HAS_DISPATCHER;
    return OK;
}

static err_t make(struct spawn *s, enum cap_type type, uint64_t offset, uint64_t size, uint64_t count, cptr_t dst)
{
    s->undo |= HAS_OBJECTS;
    return cap_retype(s->ram, type, offset, size, count, CPTR_NULL, dst);
}

static err_t make_cspace(struct spawn *s, const struct spawn_plan *plan)
{
    TRY(make(s, CAP_L2CNODE, plan->task, 0, 1, CPTR_L1(s->task_l1)));
    TRY(make(s, CAP_L1CNODE, plan->l1, L1_SLOTS_LOG2_MIN, 1, l1_of(s)));
    return cap_copy(l1_of(s), CPTR_L1(PL1_TASK), CPTR_NULL, CPTR_L1(s->task_l1), RIGHTS_ALL);
}

/* bytes of kernel objects that share a page */
#define DISPATCHER_BYTES 2048u

static err_t make_objects(struct spawn *s, const struct spawn_plan *plan)
{
    const uint64_t endpoints = plan->kernel_page + DISPATCHER_BYTES;

    TRY(make(s, CAP_VNODE_L0, plan->root, 0, 1, spawn_slot(s, TASK_VSPACE)));
    TRY(make(s, CAP_DISPATCHER, plan->kernel_page, 0, 1, spawn_slot(s, TASK_DISPATCHER)));
    TRY(make(s, CAP_ENDPOINT, endpoints, 0, 3, spawn_slot(s, PSLOT_MONITOR_RECV)));
    TRY(make(s, CAP_FRAME, plan->frame, SHOAL_PAGE_SIZE, 1, spawn_slot(s, TASK_FRAME)));
    TRY(make(s, CAP_RAM, plan->reserve, plan->reserve_bytes, 1, spawn_slot(s, PSLOT_RAM)));
    TRY(make(s, CAP_FRAME, plan->memory, plan->memory_bytes, 1, spawn_slot(s, PSLOT_MEMORY)));
    return cap_copy(CPTR_NULL, s->dispatcher, CPTR_NULL, spawn_slot(s, TASK_DISPATCHER), RIGHTS_ALL);
}
_Static_assert(PSLOT_MEM_RECV == PSLOT_MONITOR_RECV + 1 && PSLOT_PROC_RECV == PSLOT_MONITOR_RECV + 2 &&
               PEVENT_MEM == PEVENT_MONITOR + 1 && PEVENT_PROC == PEVENT_MONITOR + 2 &&
               PSLOT_FROM_MEM == PSLOT_FROM_MONITOR + 1 && PSLOT_FROM_PROC == PSLOT_FROM_MONITOR + 2,
               "made by one retype, bound in one loop");

/* The maker's view of the child's address space: slots in the shared CNode, page tables from a part of the RAM. */
static err_t begin_vspace(struct spawn *s, const struct spawn_plan *plan, uint64_t ram_base)
{
    struct stock *stock = s->maker->stock;

    slots_init(&s->slots, &stock->cnodes, NULL, NULL);
    TRY(slots_adopt(&s->slots, s->task_l1, PSLOT_FREE));
    s->undo |= HAS_SLOTS;
    reserve_init(&s->reserve);
    reserve_add(&s->reserve, &s->chunk, s->ram, ram_base, plan->tables, plan->tables_bytes);
    vspace_init(&s->vspace, spawn_slot(s, TASK_VSPACE), stock, s->maker->slabs, &s->slots, &s->reserve);
    s->undo |= HAS_VSPACE;
    return OK;
}

static err_t bind_endpoints(struct spawn *s, const struct spawn_plan *plan)
{
    const cptr_t disp = spawn_slot(s, TASK_DISPATCHER), memory = spawn_slot(s, PSLOT_MEMORY);
    const uint64_t rings = plan->stack_offset + plan->stack_bytes;

    TRY(dispatcher_configure(disp, l1_of(s), spawn_slot(s, TASK_VSPACE), spawn_slot(s, TASK_FRAME), plan->frame_va,
                             plan->request->fault));
    for (unsigned i = 0; i < 3; i++) {
        const cptr_t endpoint = spawn_slot(s, PSLOT_MONITOR_RECV + i);
        TRY(endpoint_bind(endpoint, disp, PEVENT_MONITOR + i, memory, rings + i * PRING_BYTES, PRING_LOG2));
        TRY(endpoint_set_recv_slot(endpoint, PSLOT_FROM_MONITOR + i));
    }
    return OK;
}

static err_t give(struct spawn *s, unsigned slot, cptr_t cap, uint64_t rights)
{
    if (cap == CPTR_NULL) {
        return OK;
    }
    return cap_copy(CPTR_NULL, spawn_slot(s, slot), CPTR_NULL, cap, rights);
}

static err_t give_caps(struct spawn *s, const struct spawn_request *r)
{
    TRY(give(s, PSLOT_MONITOR, r->monitor, RIGHTS_ALL));
    TRY(give(s, PSLOT_MEM, r->mem, RIGHTS_ALL));
    TRY(give(s, PSLOT_PROC, r->proc, RIGHTS_ALL));
    for (unsigned i = 0; i < r->passed_count; i++) {
        TRY(give(s, PSLOT_PASSED + i, r->passed[i].cap, r->passed[i].rights));
    }
    return OK;
}

static err_t build(struct spawn *s, const struct spawn_plan *plan)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, s->ram, &info));
    REQUIRE(info.type == CAP_RAM && info.rights & RIGHT_OWN && info.bytes >= plan->bytes, E_SPAWN_RAM);
    TRY(err_wrap(take_places(s), E_SPAWN_OBJECTS));
    TRY(err_wrap(make_cspace(s, plan), E_SPAWN_OBJECTS));
    TRY(err_wrap(make_objects(s, plan), E_SPAWN_OBJECTS));
    TRY(err_wrap(begin_vspace(s, plan, info.base), E_SPAWN_MAP));
    TRY(err_wrap(build_vspace(s, plan), E_SPAWN_MAP));
    TRY(err_wrap(build_content(s, plan, info.base), E_SPAWN_WRITE));
    TRY(err_wrap(bind_endpoints(s, plan), E_SPAWN_ENDPOINTS));
    return err_wrap(give_caps(s, plan->request), E_SPAWN_CAPS);
}

err_t spawn_build(struct spawn *s, const struct spawn_maker *maker, const struct spawn_plan *plan, cptr_t ram)
{
    *s = (struct spawn){ .maker = maker, .ram = ram, .ram_bytes = plan->bytes };
    const err_t err = build(s, plan);

    if (!err_ok(err)) {
        err_ignore(spawn_abort(s));         /* s->undo says what is left; our caller may try again */
    }
    return err_wrap(err, E_SPAWN);
}

/* The records of the child's address space; the child has its own from now on, or there is none any more. */
static void forget_vspace(struct spawn *s)
{
    if (s->undo & HAS_VSPACE) {
        vspace_forget(&s->vspace);
    }
    if (s->undo & HAS_SLOTS) {
        err_ignore(slots_disown(&s->slots, s->task_l1));       /* E_ARG: it is there, see HAS_SLOTS */
    }
    s->undo &= ~(unsigned)(HAS_VSPACE | HAS_SLOTS);
}

/* The capability in the entry of the maker's L1 CNode, and the entry. */
static err_t give_entry(struct spawn *s)
{
    if (s->undo & HAS_TASK_L1) {
        TRY(cap_delete(CPTR_NULL, CPTR_L1(s->task_l1)));
        cspace_give(&s->maker->stock->cspace, s->task_l1);
        s->undo &= ~(unsigned)HAS_TASK_L1;
    }
    return OK;
}

err_t spawn_finish(struct spawn *s)
{
    forget_vspace(s);
    TRY(err_wrap(give_entry(s), E_SPAWN));
    s->undo = 0;                            /* the Dispatcher's slot is the caller's now */
    return OK;
}

static err_t undo(struct spawn *s)
{
    TRY(close_window(s));
    forget_vspace(s);
    if (s->undo & HAS_OBJECTS) {
        TRY(cap_revoke(CPTR_NULL, s->ram, 0, s->ram_bytes));
        s->undo &= ~(unsigned)HAS_OBJECTS;
    }
    TRY(give_entry(s));
    if (s->undo & HAS_DISPATCHER) {
        slots_free(&s->maker->stock->slots, s->dispatcher);
        s->undo &= ~(unsigned)HAS_DISPATCHER;
    }
    return OK;
}

err_t spawn_abort(struct spawn *s)
{
    return err_wrap(undo(s), E_SPAWN_UNDO);
}
