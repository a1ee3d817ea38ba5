/** @file ends.c  Processes that stopped; contracts in monitor.h.  All have one fault endpoint, badged with their number:
 * each stops after its report and the monitor runs before any of them, so its ring never fills. */
#include "cores.h"
#include "monitor.h"
#include "../commands.h"
#include "../state.h"
#include <os/caps.h>
#include <os/err.h>
#include <os/print.h>
#include <stubs/manager.h>

static void tell(void)
{
    while (!monitor.report_busy && monitor.manager && monitor.report_first) {
        struct client *const c = monitor.report_first;
        struct rpc_message m;

        monitor.report_first = c->report_next;
        if (!monitor.report_first) {
            monitor.report_last = &monitor.report_first;
        }
        c->reported = false;
        manager_stopped_request(&m, c->pid, c->fault[FAULT_W_CAUSE], c->fault[FAULT_W_ADDRESS], c->fault[FAULT_W_PC],
                                c->fault[FAULT_W_SP], c->fault[FAULT_W_SYNDROME], c->x0);
        monitor.report_busy = err_ok(rpc_post(&monitor.manager->rpc, &m));
    }
}

/* What it was asked beside that. */
static struct {
    struct rpc_message message;
    enum { NOT_ASKED, WAITS, ASKED } state;
} other;

static void ask_other(void)
{
    if (other.state == WAITS && !monitor.report_busy && monitor.manager) {
        other.state = ASKED;
        monitor.report_busy = err_ok(rpc_post(&monitor.manager->rpc, &other.message));
    }
}

static void answered(struct rpc_session *session, struct rpc_message *m)
{
    (void)session;
    monitor.report_busy = false;
    if (other.state == ASKED) {
        other.state = NOT_ASKED;
        err_ignore(manager_end_all_result(m));
        core_processes_ended();
    } else {
        err_ignore(manager_stopped_result(m));  /* it knows no such process: then nobody has to hear of it */
    }
    ask_other();
    tell();
}

void ends_post(const struct rpc_message *m)
{
    other.message = *m;
    other.state = WAITS;
    ask_other();
}

static void manager_gone(struct rpc_session *session)
{
    (void)session;
    print("init: the process server is gone\n");
    power_off(1);
}

/* mem, proc: without them the core is lost. */
static void fatal(uint64_t pid, const uint64_t *word)
{
    print("init: %s (process %lu) ended: cause %lu, address %#lx, pc %#lx, sp %#lx, syndrome %#lx\n",
          pid == PID_MEM ? "mem" : "proc", pid, word[FAULT_W_CAUSE], word[FAULT_W_ADDRESS], word[FAULT_W_PC],
          word[FAULT_W_SP], word[FAULT_W_SYNDROME]);
    power_off(1);
}

static void stopped(uint64_t pid, const uint64_t *word)
{
    struct client *const c = client_find(pid);
    uint64_t regs[5] = { 0 };

    if (pid == PID_MEM || pid == PID_PROC) {
        fatal(pid, word);
    }
    if (!c || c->reported) {
        return;
    }
    for (unsigned i = 0; i < 5; i++) {
        c->fault[i] = word[i];
    }
    if (word[FAULT_W_CAUSE] == FAULT_BREAKPOINT) {          /* the status of an exit */
        err_ignore(dispatcher_read_regs(c->dispatcher, 0, regs));
    }
    c->x0 = regs[0];
    c->reported = true;
    c->report_next = NULL;
    *monitor.report_last = c;
    monitor.report_last = &c->report_next;
}

static void notified(struct rpc_session *session)
{
    struct ring_message message;

    (void)session;
    while (ring_take(&init.fault_ring, &message)) {
        stopped(message.badge, message.word);
    }
    tell();
}

void ends_setup(void)
{
    monitor.report_last = &monitor.report_first;
    monitor.faults = (struct rpc_session){ .notified = notified };
    monitor.session[EVENT_FAULT] = &monitor.faults;
}

void ends_forget(struct client *c)
{
    struct client **link = &monitor.report_first;

    if (!c->reported) {
        return;
    }
    while (*link != c) {
        link = &(*link)->report_next;
    }
    *link = c->report_next;
    if (!*link) {
        monitor.report_last = link;
    }
}

err_t ends_manager(cptr_t listen, struct rpc_seat **seat)
{
    REQUIRE(!monitor.manager, E_MONITOR_NAME);
    TRY(rpc_seat_open(&monitor.seats, seat));
    const err_t err = cap_move(CPTR_NULL, (*seat)->rpc.end.send, CPTR_NULL, listen);
    if (!err_ok(err)) {
        rpc_seat_close(&monitor.seats, *seat);
        return err;
    }
    (*seat)->rpc.answered = answered;
    (*seat)->rpc.closed = manager_gone;
    monitor.manager = *seat;
    return OK;
}
