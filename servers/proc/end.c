/** @file end.c  The end of a process: design page memory-and-paging, section 3; contracts in proc.h. */
#include "crash.h"
#include "proc.h"
#include <os/err.h>
#include <os/startup.h>
#include <stubs/mem.h>
#include <stubs/monitor.h>

/* Its children go on without a parent; those that have ended were kept for it. */
static void orphan_children(struct process *p)
{
    for (struct process *c = proc.first, *after; c && p->children > 0; c = after) {
        after = c->after;
        if (c->parent != p) {
            continue;
        }
        if (c->state == PROCESS_ENDED) {
            process_remove(c);
        } else {
            c->parent = NULL;
            p->children--;
        }
    }
}

void process_finish(struct process *p, unsigned status)
{
    p->state = PROCESS_ENDING;
    p->status = status;
    draft_drop(p);
    if (p->seat) {
        rpc_seat_close(&proc.seats, p->seat);
        p->seat = NULL;
    }
    /* Each of the two works whatever became of the other; neither fails for a process that exists. */
    err_ignore(monitor_process_end(os_monitor(), p->pid));
    err_ignore(mem_account_destroy(os_mem(), p->account));
    slots_free(&os_stock()->slots, p->dispatcher);      /* empty: it was made of the account's memory */
    p->dispatcher = CPTR_NULL;
    orphan_children(p);
    p->state = PROCESS_ENDED;
    if (p->entry) {
        boot_ended(p);
    }
    if (p->parent) {
        process_retry(p->parent);           /* it may wait for this; then the record is gone */
    } else {
        process_remove(p);
    }
}

void process_remote_gone(struct process *p)
{
    draft_drop(p);
    rpc_seat_close(&proc.seats, p->seat);
    orphan_children(p);
    slab_free(&proc.process_slab, p);
}

void process_end_by_force(struct process *p)
{
    err_ignore(monitor_process_stop(os_monitor(), p->pid));     /* it has stopped already, or it does now */
    process_finish(p, STATUS_KILLED);
}

void processes_end_all(void)
{
    struct process *p = proc.last;

    proc.ending = true;
    while (p) {
        if (p->state == PROCESS_RUNNING && p->dispatcher) {
            process_end_by_force(p);
            p = proc.last;                          /* records may have gone */
        } else {
            p = p->before;
        }
    }
}

static err_t read_regs(void *context, uint64_t first, uint64_t regs[5])
{
    return dispatcher_read_regs(((struct process *)context)->dispatcher, first, regs);
}

static err_t peek(void *context, uint64_t address, uint64_t words[4])
{
    return dispatcher_peek(((struct process *)context)->dispatcher, address, words);
}

static void line(void *context, const char *text)
{
    (void)context;
    log_line("%s\n", text);
}

err_t process_stopped(uint64_t pid, const uint64_t fault[5], uint64_t x0)
{
    struct process *const p = process_find(pid);
    uint64_t brk;

    REQUIRE(p && p->state == PROCESS_RUNNING && p->dispatcher, E_PROC_PID);
    if (crash_brk(fault[0], fault[4], &brk) && brk == BRK_EXIT) {
        process_finish(p, (unsigned)x0 & 0x7f);
        return OK;
    }
    const struct image *const image = &p->program->image;
    const struct crash crash = {
        .name = p->name, .pid = pid, .cause = fault[0], .address = fault[1], .pc = fault[2], .sp = fault[3],
        .syndrome = fault[4], .stack = p->stack, .file = image->file, .file_bytes = image->bytes, .context = p,
        .read_regs = read_regs, .peek = peek, .line = line,
    };
    crash_report(&crash);
    p->told = log_end();
    process_finish(p, crash_status(fault[0]));
    return OK;
}
