/** @file main.c  The serial server (README.md): start, device and clients together. */
#include "state.h"
#include <os/err.h>
#include <os/names.h>
#include <os/print.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/monitor.h>

struct serial serial;

/* The last words of a failed assertion: nothing else runs any more. */
void print_sink(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes && serial.device.registers; i++) {
        if (text[i] == '\n') {
            pl011_send_now(&serial.device, '\r');
        }
        pl011_send_now(&serial.device, text[i]);
    }
}

/* --- start --- */

static err_t get_device(enum monitor_device what, cptr_t *slot)
{
    cptr_t got;

    TRY(slots_alloc(&serial.stock->slots, slot));
    os_monitor()->cap_slot = *slot;
    return monitor_device(os_monitor(), what, &got);
}

static err_t start_device(void)
{
    uint64_t address, event;
    cptr_t registers, notify;

    TRY(notify_new(&notify, &event));
    TRY(get_device(DEVICE_CONSOLE_IRQ, &serial.irq));
    TRY(irq_bind(serial.irq, notify));
    serial.interrupt = (struct rpc_session){ .end.event = event, .notified = device_interrupt };
    serial.events[event] = &serial.interrupt;
    /* From here on the kernel prints no more. */
    TRY(get_device(DEVICE_CONSOLE_REGISTERS, &registers));
    TRY(vspace_map(os_vspace(), registers, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE | MAP_DEVICE, &address));
    pl011_start(&serial.device, address, &serial.terminal.in);
    return irq_ack(serial.irq);
}

static void monitor_gone(struct rpc_session *session)
{
    (void)session;                      /* those who are connected stay so */
}

/* The monitor calls service.connect for each client. */
static err_t offer(iref_t *service)
{
    struct rpc_seat *seat;

    TRY(rpc_seat_open(&serial.seats, &seat));
    seat->rpc.serve = service_request;
    seat->rpc.closed = monitor_gone;
    return service_offer(seat, "serial", service);
}

static err_t start(void)
{
    iref_t service;

    serial.stock = os_stock();
    serial.server = (struct rpc_server){ .session = serial.events, .events = EVENTS };
    terminal_init(&serial.terminal);
    slab_init(&serial.session_slab, sizeof(struct session), &serial.stock->pool, SLAB_KEEP);
    TRY(stock_add_slab(serial.stock, &serial.session_slab, E_REFILL_SESSIONS));
    TRY(rpc_seats_init(&serial.seats, &serial.server, serial.stock, os_vspace(), TASK_DISPATCHER, EVENT_SEATS, EVENTS));
    TRY(remote_seats_init(&serial.remote, &serial.seats));
    TRY(start_device());
    TRY(offer(&service));
    return session_open_manager(service);
}

/* Ends only if it cannot start: then its maker sees the status. */
int main(int argc, char **argv, char **envp)
{
    struct rpc_pending pending = { 0 };

    (void)argc, (void)argv, (void)envp;
    const err_t err = start();
    if (!err_ok(err)) {
        err_print("serial", err);
        return 1;
    }
    for (;;) {
        settle();
        rpc_server_step(&serial.server, &pending);
    }
}
