/* rpc_ump_host.c  See rpc_ump_host.h. */
#include "rpc_ump_host.h"
#include "test.h"
#include <os/caps.h>
#include <stdatomic.h>
#include <time.h>

#define NOTIFYS   256u
#define NOTIFY_AT 0x1000u
#define SLOTS_AT  0x100u
#define SLOTS     64u

static _Thread_local struct machine *self;

static struct {
    struct machine *machine;
    uint64_t event;
} notify[NOTIFYS];
static unsigned notifys;
static atomic_uint dropped[SLOTS];

void machine_init(struct machine *m)
{
    memset((void *)m, 0, sizeof(*m));
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->signalled, NULL);
}

void machine_be(struct machine *m)
{
    self = m;
}

cptr_t machine_notify(struct machine *m, uint64_t event)
{
    EXPECT(notifys < NOTIFYS, "the test makes too many");
    notify[notifys].machine = m;
    notify[notifys].event = event;
    return NOTIFY_AT + notifys++;
}

void machine_post(struct machine *m, uint64_t event)
{
    pthread_mutex_lock(&m->lock);
    m->inbox |= 1ull << event;
    m->signals++;
    pthread_cond_signal(&m->signalled);
    pthread_mutex_unlock(&m->lock);
}

unsigned host_dropped(cptr_t slot)
{
    return dropped[slot - SLOTS_AT];
}

/* The kernel writes the frame, and the run upcall clears pending. */
static void interrupt(struct machine *m)
{
    struct dispatcher_frame *const frame = (struct dispatcher_frame *)m->frame;

    frame->events[0] |= m->inbox;
    frame->summary[0] |= m->inbox != 0;
    m->inbox = 0;
}

struct dispatcher_frame *frame_self(void)
{
    return (struct dispatcher_frame *)self->frame;
}

void disable(struct dispatcher_frame *frame)
{
    pthread_mutex_lock(&self->lock);
    interrupt(self);
    pthread_mutex_unlock(&self->lock);
    frame->disabled = 1;
}

void enable(struct dispatcher_frame *frame)
{
    frame->disabled = 0;
}

bool event_take(struct dispatcher_frame *frame, uint64_t id)
{
    const bool there = frame->events[id / 64] >> id % 64 & 1;

    frame->events[id / 64] &= ~(1ull << id % 64);
    return there;
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    if (cap >= NOTIFY_AT && cap < NOTIFY_AT + NOTIFYS && op == NOTIFY_SIGNAL) {
        machine_post(notify[cap - NOTIFY_AT].machine, notify[cap - NOTIFY_AT].event);
        return (struct sys_result){ .err = OK };
    }
    if (cap == CPTR_NULL && op == CNODE_DELETE && args.a[0] >= SLOTS_AT && args.a[0] < SLOTS_AT + SLOTS) {
        dropped[args.a[0] - SLOTS_AT]++;
        return (struct sys_result){ .err = OK };
    }
    if (cap == CPTR_NULL && op == CNODE_MOVE) {
        return (struct sys_result){ .err = OK };
    }
    return (struct sys_result){ .err = ERR(E_OP) };
}

err_t sys_xfer(struct xfer *x)
{
    struct machine *const m = self;
    struct timespec end;
    bool in_time = true;

    if (x->dest != CPTR_NULL || !frame_self()->disabled) {
        return ERR(E_STATE);
    }
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    pthread_mutex_lock(&m->lock);
    while (m->inbox == 0 && in_time && !m->may_not_sleep) {
        m->slept++;
        in_time = pthread_cond_timedwait(&m->signalled, &m->lock, &end) == 0;
    }
    interrupt(m);
    pthread_mutex_unlock(&m->lock);
    if (!in_time) {
        fprintf(stderr, "asleep for 20 s: a wake-up was lost\n");
        abort();
    }
    frame_self()->disabled = 0;
    return ERR(E_WOKEN);
}

uint64_t time_now(void)
{
    struct timespec now;

    pthread_mutex_lock(&self->lock);                    /* who never sleeps is interrupted, too */
    interrupt(self);
    pthread_mutex_unlock(&self->lock);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t time_hz(void)
{
    return 1000000000u;
}

void *connect_machines(struct machine *a, uint64_t event_a, struct machine *b, uint64_t event_b, uint32_t slots,
                       uint64_t poll, struct ump_seat seat[2])
{
    void *const frame = aligned_alloc(UMP_LINE_BYTES, ump_frame_bytes(slots));

    memset(frame, 0, ump_frame_bytes(slots));
    seat[0] = (struct ump_seat){
        .frame = frame, .side = 0, .slots = slots, .event = event_a, .wake = machine_notify(b, event_b), .poll = poll };
    seat[1] = (struct ump_seat){
        .frame = frame, .side = 1, .slots = slots, .event = event_b, .wake = machine_notify(a, event_a), .poll = poll };
    return frame;
}
