/** @file make.c  From words to a process that runs; contract in proc.h.
 *
 * All it is made of is granted on its account, so that destroying the account is the whole of removing it.
 */
#include "proc.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/fault.h>
#include <os/string.h>
#include <stubs/mem.h>
#include <stubs/monitor.h>

#define FAULT_SEND (PSLOT_PASSED + 1)       /* to the monitor's fault endpoint, no badge yet: init gave it to us */

/* What a process takes to set up paging before its first fault, and what the stock then has in hand. */
#define PAGING_BYTES (1024u * 1024)

/* A process that is being made, and how far it has come. */
struct making {
    const struct make *make;
    struct process *p;
    struct spawn_cap passed[PASSED_MAX];
    struct spawn_request request;
    struct spawn_plan plan;
    struct spawn spawn;
    cptr_t ram, fault;                      /* slots of ours */
    bool has_account, built, known;         /* known: to the monitor */
};

static void fill_request(struct making *m)
{
    const struct make *const make = m->make;
    const struct draft *const d = make->draft;

    for (unsigned i = 0; d && i < d->passed_count; i++) {
        m->passed[i] = (struct spawn_cap){ d->passed[i], RIGHTS_ALL };
    }
    memcpy(m->p->stream, d && d->has_streams ? d->stream : make->stream, sizeof(m->p->stream));
    m->request = (struct spawn_request){
        .image = &m->p->program->image, .name = m->p->name, .pid = m->p->pid,
        .stream = { m->p->stream[0], m->p->stream[1], m->p->stream[2] },
        .argc = make->argc, .argv = make->argv, .envc = make->envc, .envp = make->envp, .fault = m->fault,
        .passed = m->passed, .passed_count = d ? d->passed_count : 0, .lazy = true,
    };
}

static err_t take_memory(struct making *m)
{
    TRY(mem_account_new(os_mem(), m->make->limit ? m->make->limit : UINT64_MAX, &m->p->account));
    m->has_account = true;
    os_mem()->cap_slot = m->ram;
    cptr_t got;
    TRY(mem_account_alloc(os_mem(), m->p->account, m->plan.bytes, SHOAL_PAGE_SIZE, &got));
    if (m->plan.lazy_bytes == 0) {
        return OK;
    }
    return mem_account_commit(os_mem(), m->p->account, m->plan.bytes + os_commit_room(m->plan.lazy_bytes) + PAGING_BYTES);
}

/* The child's binding to the monitor: each side gets a send capability to the other's endpoint. */
static err_t bind_monitor(struct making *m)
{
    struct rpc_client *const monitor = os_monitor();
    cptr_t got;

    TRY(cap_mint(CPTR_NULL, PSLOT_FROM_MONITOR, CPTR_NULL, spawn_slot(&m->spawn, PSLOT_MONITOR_RECV),
                 RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    monitor->cap_slot = spawn_slot(&m->spawn, PSLOT_MONITOR);
    const err_t err = monitor_process_new(monitor, m->p->pid, m->make->flags, m->p->account, PSLOT_FROM_MONITOR, &got);
    m->known = err_ok(err);
    if (!m->known) {
        rpc_drop_cap(PSLOT_FROM_MONITOR);
    }
    return err;
}

static err_t make(struct making *m)
{
    struct process *const p = m->p;

    fill_request(m);
    TRY(spawn_plan(&m->plan, &m->request));
    p->stack = m->plan.stack_va;
    TRY(take_memory(m));
    TRY(cap_mint(CPTR_NULL, m->fault, CPTR_NULL, FAULT_SEND, RIGHT_READ | RIGHT_WRITE, p->pid));
    const err_t err = spawn_build(&m->spawn, &proc.maker, &m->plan, m->ram);
    rpc_drop_cap(m->fault);
    TRY(err);
    m->built = true;
    TRY(bind_monitor(m));
    TRY(spawn_finish(&m->spawn));
    m->built = false;
    p->dispatcher = m->spawn.dispatcher;
    return monitor_process_start(os_monitor(), p->pid, m->make->priority, p->dispatcher);
}

static void undo(struct making *m)
{
    struct process *const p = m->p;

    if (m->known) {
        err_ignore(monitor_process_end(os_monitor(), p->pid));
    }
    if (m->built) {
        const err_t err = spawn_abort(&m->spawn);
        OS_ASSERT(err_ok(err));             /* all of it is ours, and the kernel does not refuse to delete */
    }
    if (m->has_account) {
        err_ignore(mem_account_destroy(os_mem(), p->account));      /* it exists, and we are a manager */
    }
    if (p->dispatcher) {
        slots_free(&os_stock()->slots, p->dispatcher);
        p->dispatcher = CPTR_NULL;
    }
    process_remove(p);
}

err_t process_make(const struct make *what, struct process **made)
{
    static struct making m;
    struct slots *const slots = &os_stock()->slots;
    struct program *program;

    REQUIRE(!proc.ending, E_PROC_ENDING);
    REQUIRE(!what->parent || what->parent->children < PROC_CHILDREN, E_PROC_CHILDREN);
    TRY(stock_refill(os_stock()));
    TRY(program_find(what->name, &program));
    m = (struct making){ .make = what };
    TRY(slots_alloc_run(slots, 2, &m.ram));
    m.fault = m.ram + 1;
    m.p = process_add(program->name, what->parent);
    err_t err = m.p ? OK : ERR(E_SLAB_EMPTY);
    if (m.p) {
        m.p->program = program;
        m.p->flags = what->flags;
        err = make(&m);
        if (!err_ok(err)) {
            undo(&m);
        }
    }
    /* The account keeps the memory; what we need no more is its capability. */
    rpc_drop_cap(m.ram);
    slots_free_run(slots, m.ram, 2);
    *made = m.p;
    return err;
}
