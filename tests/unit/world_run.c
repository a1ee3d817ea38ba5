/** @file world_run.c  See world.h: into the kernel and out of it. */
#include "world.h"

/* fake_exit is set here and nowhere else; what the kernel left with stays in fake_left. */
static uint64_t enter(struct world *w, void (*entry)(struct world *, const void *), const void *arg)
{
    fake_left = (struct fake_left){ .how = LEFT_NOT };
    if (setjmp(fake_exit) == 0) {
        entry(w, arg);
        return 0;
    }
    return WORLD_LEFT;
}

static void new_stamp(struct world *w)
{
    w->stamp++;
    fake_cpu.tpidr = w->stamp * 256 + 34;
}

/* SAVE_CALLER of entry.S */
static void save_caller(struct world *w)
{
    new_stamp(w);
    for (unsigned i = 0; i < 14; i++) {
        w->k->saved[i] = w->stamp * 256 + 19 + i;
    }
    memset(w->k->ret, 0, sizeof w->k->ret);
}

/* SAVE_ALL of entry.S */
static void save_all(struct world *w)
{
    struct dispatcher_frame *const f = w->k->current->frame;
    uint64_t *const word = f->disabled ? f->disabled_area.x : f->enabled.x;
    new_stamp(w);
    for (unsigned i = 0; i < sizeof(struct save_area) / 8; i++) {
        word[i] = w->stamp * 256 + i;
    }
}

bool world_kept(const struct save_area *area, uint64_t stamp)
{
    for (unsigned i = 19; i < 31; i++) {
        if (area->x[i] != stamp * 256 + i) {
            return false;
        }
    }
    return area->sp == stamp * 256 + 31 && area->pc == stamp * 256 + 32 && area->tpidr == stamp * 256 + 34;
}

/* svc_return of entry.S */
static void svc_return(struct kcb *k, err_t status)
{
    if (k->resched) {
        syscall_leave(k, status);
    }
}

static uint64_t status_of_call;

static void do_invoke(struct world *w, const void *arg)
{
    (void)arg;
    const err_t status = invoke(w->k);
    status_of_call = status.trail;
    svc_return(w->k, status);
}

uint64_t world_syscall_args(struct world *w, cptr_t cap, uint64_t op, const uint64_t *a)
{
    w->k->arg[0] = cap;
    w->k->arg[1] = op;
    memcpy(&w->k->arg[2], a, 6 * sizeof *a);
    save_caller(w);
    return enter(w, do_invoke, NULL) ? WORLD_LEFT : status_of_call;
}

static void do_xfer(struct world *w, const void *arg)
{
    (void)arg;
    const err_t status = xfer(w->k);
    status_of_call = status.trail;
    svc_return(w->k, status);
}

uint64_t world_xfer_args(struct world *w, const struct xfer_args *a)
{
    w->k->arg[0] = a->dest;
    w->k->arg[1] = a->accept;
    w->k->arg[2] = a->deadline;
    w->k->arg[3] = a->tag;
    memcpy(&w->k->arg[4], a->word, sizeof a->word);
    w->k->arg[12] = a->cap;
    save_caller(w);
    return enter(w, do_xfer, NULL) ? WORLD_LEFT : status_of_call;
}

static void do_yield(struct world *w, const void *arg)
{
    (void)arg;
    sys_yield(w->k);
}

void world_yield(struct world *w)
{
    save_caller(w);
    enter(w, do_yield, NULL);
}

static void do_interrupt(struct world *w, const void *arg)
{
    (void)arg;
    exception_irq(w->k);
}

void world_interrupt(struct world *w, uint32_t intid)
{
    save_all(w);
    fake_irq = intid;
    enter(w, do_interrupt, NULL);
}

void world_timer(struct world *w)
{
    if (fake_timer > fake_now) {
        fake_now = fake_timer;
    }
    world_interrupt(w, WORLD_TIMER);
}

struct fault_args {
    uint64_t esr, far;
};

static void do_fault(struct world *w, const void *arg)
{
    const struct fault_args *const f = arg;
    exception_fault(w->k, f->esr, f->far);
}

void world_fault(struct world *w, uint64_t esr, uint64_t far)
{
    const struct fault_args f = { esr, far };
    save_all(w);
    enter(w, do_fault, &f);
}

static void do_schedule(struct world *w, const void *arg)
{
    (void)arg;
    syscall_leave(w->k, OK);
}

void world_schedule(struct world *w)
{
    save_caller(w);
    enter(w, do_schedule, NULL);
}

unsigned world_events(const struct proc *p, uint64_t *last)
{
    unsigned found = 0;
    p->f->pending = 0;
    for (unsigned s = 0; s < DF_SUMMARY_WORDS; s++) {
        const uint64_t summary = p->f->summary[s];
        p->f->summary[s] = 0;
        for (unsigned i = 0; i < 64; i++) {
            if (!(summary >> i & 1)) {
                continue;
            }
            const uint64_t word = p->f->events[s * 64 + i];
            p->f->events[s * 64 + i] = 0;
            for (unsigned b = 0; b < 64; b++) {
                if (word >> b & 1) {
                    *last = (s * 64 + i) * 64 + b;
                    found++;
                }
            }
        }
    }
    return found;
}
