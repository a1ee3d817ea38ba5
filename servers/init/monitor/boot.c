/** @file boot.c  From init alone to a core with memory server, process server and monitor; contract in monitor.h. */
#include "connection.h"
#include "cores.h"
#include "crossing.h"
#include "monitor.h"
#include "peer.h"
#include "../commands.h"
#include "../state.h"
#include <os/bug.h>
#include <os/err.h>
#include <os/print.h>
#include <os/spawn.h>
#include <os/string.h>
#include <stubs/mem.h>

#define MONITOR_L1  40u             /* entries of init's L1 CNode from here on are the stock's                        */
#define STOCK_BYTES 0x200000ull
#define ROOT_ENTRY  (1ull << level_shift(0))
#define MEM_ACCOUNT 1u              /* the memory server's first: without a limit, ours                               */

struct monitor monitor;

/* A server that init builds itself. */
struct server {
    struct image image;
    struct spawn_request request;
    struct spawn_plan plan;
    struct spawn spawn;
};

/* More for init's own layers, out of the pool that the kernel gave it. */
static err_t pool_ram(uint64_t bytes, cptr_t *ram)
{
    return supply_make(&init.pool, CAP_RAM, bytes, 1, ram);
}

err_t ram_request(size_t bytes, cptr_t *ram)
{
    REQUIRE(monitor.server.session, E_RAM_NONE);        /* the self-tests have memory of their own */
    return pool_ram(bytes, ram);
}

static err_t add_slab(struct slab *slab, size_t bytes)
{
    slab_init(slab, bytes, &monitor.stock.pool, SLAB_KEEP);
    return stock_add_slab(&monitor.stock, slab, E_REFILL_SESSIONS);
}

static err_t begin_layers(void)
{
    struct stock_config config = {
        .l1 = TASK_L1, .dispatcher = TASK_DISPATCHER, .root = TASK_VSPACE, .l1_log2 = L1_SLOTS_LOG2_MIN,
        .l1_used = MONITOR_L1, .first_slot = PSLOT_FREE, .pool_base = VSPACE_POOL,
    };
    struct cap_info info;

    monitor.server = (struct rpc_server){ .session = monitor.session, .events = MONITOR_EVENTS };
    monitor.latest_iref = monitor.latest_connection = init.boot->core << ID_CORE_SHIFT;
    TRY(pool_ram(STOCK_BYTES, &config.ram));
    TRY(cap_identify(CPTR_NULL, config.ram, &info));
    config.ram_base = info.base;
    config.ram_bytes = info.bytes;
    TRY(stock_init(&monitor.stock, &config));
    TRY(vspace_slabs_init(&monitor.slabs, &monitor.stock));
    TRY(vspace_init_own(&monitor.vspace, TASK_VSPACE, &monitor.stock, &monitor.slabs));
    TRY(vspace_exclude(&monitor.vspace, VSPACE_LOW, DEVICE_TREE_VA + ROOT_ENTRY - VSPACE_LOW));
    TRY(vspace_exclude(&monitor.vspace, INIT_FRAME_VA & ~(ROOT_ENTRY - 1), ROOT_ENTRY));
    TRY(add_slab(&monitor.client_slab, sizeof(struct client)));
    TRY(add_slab(&monitor.service_slab, sizeof(struct service)));
    TRY(rpc_seats_init(&monitor.own, NULL, &monitor.stock, &monitor.vspace, TASK_DISPATCHER, MONITOR_OWN,
                       MONITOR_SEATS));
    TRY(add_slab(&monitor.peer_message_slab, sizeof(struct peer_message)));
    TRY(add_slab(&monitor.connection_slab, sizeof(struct connection)));
    TRY(add_slab(&monitor.sending_slab, SENDING_BYTES));
    TRY(add_slab(&monitor.pair_slab, PAIR_BYTES));
    TRY(add_slab(&monitor.revoking_slab, REVOKING_BYTES));
    monitor.next_event = MONITOR_PEERS;
    return rpc_seats_init(&monitor.seats, &monitor.server, &monitor.stock, &monitor.vspace, TASK_DISPATCHER,
                          MONITOR_SEATS, MONITOR_PEERS);
}

err_t monitor_make(enum cap_type type, uint64_t size, cptr_t slot, struct ram_block *block)
{
    const err_t err = reserve_make(&monitor.stock.reserve, type, size, CPTR_NULL, slot, block);

    if (err_root(err) != E_RESERVE_NONE || type != CAP_FRAME) {
        return err;
    }
    TRY(stock_obtain(&monitor.stock, size));
    return reserve_make(&monitor.stock.reserve, type, size, CPTR_NULL, slot, block);
}

err_t monitor_memory(uint64_t bytes, uint64_t *address)
{
    struct ram_block block;
    cptr_t frame;

    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &frame));
    TRY(monitor_make(CAP_FRAME, bytes, frame, &block));
    TRY(vspace_map(&monitor.vspace, frame, 0, bytes, MAP_READ | MAP_WRITE, address));
    memset((void *)*address, 0, bytes);
    return OK;
}

err_t monitor_event(uint64_t *event)
{
    REQUIRE(monitor.next_event < MONITOR_EVENTS, E_RPC_SEATS);
    *event = monitor.next_event++;
    return OK;
}

/* RAM from the pool with zero content: nobody knows what it held before. */
static err_t zero_ram(uint64_t bytes, cptr_t *ram)
{
    uint64_t address;
    cptr_t frame;

    TRY(pool_ram(bytes, ram));
    TRY(slots_alloc(&monitor.stock.slots, &frame));
    TRY(cap_retype(*ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame));
    TRY(vspace_map(&monitor.vspace, frame, 0, bytes, MAP_READ | MAP_WRITE, &address));
    memset((void *)address, 0, bytes);
    TRY(vspace_unmap(&monitor.vspace, address, bytes));
    TRY(cap_revoke(CPTR_NULL, *ram, 0, bytes));
    slots_free(&monitor.stock.slots, frame);
    return OK;
}

/* What mem and proc start with; another core has little, and they get more from its mem when they need it. */
static uint64_t server_reserve(void)
{
    return init.boot->core == 0 ? SPAWN_RESERVE_MAX : SPAWN_RESERVE_MAX / 4;
}

static err_t find(struct server *s, const char *name, uint64_t pid)
{
    TRY(image_find(&s->image, init.archive, init.archive_bytes, name));
    TRY(image_frame(&s->image, TASK_ARCHIVE, (uint64_t)s->image.file - ARCHIVE_VA));
    s->request.image = &s->image;
    s->request.name = name;
    s->request.pid = pid;
    TRY(slots_alloc(&monitor.stock.slots, &s->request.fault));
    TRY(cap_mint(CPTR_NULL, s->request.fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, pid));
    return OK;
}

static err_t build(struct server *s, cptr_t ram)
{
    static struct spawn_maker maker;

    maker = (struct spawn_maker){ &monitor.stock, &monitor.vspace, &monitor.slabs };
    return spawn_build(&s->spawn, &maker, &s->plan, ram);
}

static err_t start(struct server *s, struct client *c)
{
    TRY(spawn_finish(&s->spawn));
    c->dispatcher = s->spawn.dispatcher;
    TRY(kernel_set_ceiling(TASK_KERNEL, c->dispatcher, SERVER_PRIORITY));
    TRY(dispatcher_set_priority(c->dispatcher, SERVER_PRIORITY));
    return dispatcher_start(c->dispatcher);
}

/* The memory server: made of the pool, bound to init by the endpoints it is started with. */
static err_t start_mem(void)
{
    static struct server s;
    struct rpc_seat *seat;
    struct client *c;
    cptr_t ram;

    TRY(rpc_seat_open(&monitor.own, &seat));
    TRY(find(&s, "mem", PID_MEM));
    s.request.reserve_bytes = server_reserve();
    s.request.argv = s.request.envp = (const char *const[]){ NULL };
    TRY(slots_alloc(&monitor.stock.slots, &s.request.monitor));
    TRY(rpc_seat_mint(seat, CPTR_NULL, s.request.monitor));
    TRY(spawn_plan(&s.plan, &s.request));
    TRY(zero_ram(s.plan.bytes, &ram));
    TRY(build(&s, ram));
    TRY(cap_delete(CPTR_NULL, s.request.monitor));
    TRY(cap_mint(CPTR_NULL, seat->rpc.end.send, CPTR_NULL, spawn_slot(&s.spawn, PSLOT_MONITOR_RECV),
                 RIGHT_WRITE | RIGHT_GRANT, 0));
    monitor.mem.end = seat->rpc.end;
    TRY(client_new(PID_MEM, 0, 0, &c));
    return start(&s, c);
}

static err_t give_ram(void)
{
    for (uint64_t i = 0; i < init.boot->ram_count; i++) {
        TRY(mem_root_add(&monitor.mem, CPTR(INIT_L2_RAM, i)));
    }
    return OK;
}

/* A binding to the memory server on which nobody waits: through it clients are bound. */
static err_t offer_mem(void)
{
    struct service *s;
    cptr_t reply, got;

    TRY(service_new(client_find(PID_MEM), service_name("mem"), CPTR_NULL, &s));
    TRY(slots_alloc(&monitor.stock.slots, &reply));
    TRY(rpc_seat_mint(s->seat, CPTR_NULL, reply));
    monitor.mem.cap_slot = s->seat->rpc.end.send;
    TRY(mem_connect(&monitor.mem, MEM_ACCOUNT, true, reply, &got));
    TRY(slots_delete(&monitor.stock.slots, reply));
    monitor.mem_service = s;
    return OK;
}

static void number(char *text, size_t bytes, uint64_t n)
{
    (void)format_text(text, bytes, "%lu", n);
}

/* The child's bindings to us and to the memory server, as a manager. */
static err_t bind_proc(struct server *s, struct client *c, uint64_t account)
{
    cptr_t reply, got;

    TRY(cap_mint(CPTR_NULL, c->seat->rpc.end.send, CPTR_NULL, spawn_slot(&s->spawn, PSLOT_MONITOR_RECV),
                 RIGHT_WRITE | RIGHT_GRANT, 0));
    TRY(rpc_seat_mint(c->seat, CPTR_NULL, spawn_slot(&s->spawn, PSLOT_MONITOR)));
    TRY(slots_alloc(&monitor.stock.slots, &reply));
    TRY(cap_mint(CPTR_NULL, reply, CPTR_NULL, spawn_slot(&s->spawn, PSLOT_MEM_RECV), RIGHT_WRITE | RIGHT_GRANT, 0));
    monitor.mem.cap_slot = spawn_slot(&s->spawn, PSLOT_MEM);
    TRY(mem_connect(&monitor.mem, account, true, reply, &got));
    return slots_delete(&monitor.stock.slots, reply);
}

static err_t start_proc(void)
{
    static struct server s;
    static char offset[24], bytes[24], core[24], first[24];
    static const char *argv[] = { "proc", offset, bytes, core, first, NULL };
    struct spawn_cap passed[2] = { { TASK_ARCHIVE, RIGHTS_ALL }, { CPTR_NULL, RIGHTS_ALL } };
    uint64_t account;
    struct client *c;
    cptr_t ram;

    TRY(find(&s, "proc", PID_PROC));
    number(offset, sizeof(offset), init.boot->archive_offset);
    number(bytes, sizeof(bytes), init.boot->archive_bytes);
    number(core, sizeof(core), init.boot->core);
    number(first, sizeof(first), init.boot->argument[0]);
    s.request.argc = 5;
    s.request.argv = argv;
    s.request.envp = (const char *const[]){ NULL };
    s.request.reserve_bytes = server_reserve();
    TRY(slots_alloc(&monitor.stock.slots, &passed[1].cap));
    TRY(cap_mint(CPTR_NULL, passed[1].cap, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    s.request.passed = passed;
    s.request.passed_count = 2;
    TRY(spawn_plan(&s.plan, &s.request));
    TRY(mem_account_new(&monitor.mem, UINT64_MAX, &account));
    TRY(slots_alloc(&monitor.stock.slots, &ram));
    monitor.mem.cap_slot = ram;
    TRY(mem_account_alloc(&monitor.mem, account, s.plan.bytes, SHOAL_PAGE_SIZE, &ram));
    TRY(build(&s, ram));
    TRY(client_new(PID_PROC, PROCESS_MANAGER | PROCESS_DRIVER, account, &c));
    TRY(bind_proc(&s, c, account));
    TRY(slots_delete(&monitor.stock.slots, passed[1].cap));
    return start(&s, c);
}

void monitor_wake_at(uint64_t ticks)
{
    if (monitor.server.deadline == 0 || ticks < monitor.server.deadline) {
        monitor.server.deadline = ticks;
    }
}

static err_t connect_home(void)
{
    return init.boot->core == 0 ? OK : peer_home(&monitor.home);
}

static err_t attend_to_mem(void)
{
    return lending_setup(MEM_ACCOUNT);
}

static err_t run_alone(void)
{
    static const struct {
        const char *what;
        err_t (*run)(void);
    } step[] = {
        { "init: set up its layers", begin_layers },
        { "init: set up capabilities across cores", crossing_setup },
        { "init: open the channel with the boot core", connect_home },
        { "init: start mem", start_mem },
        { "init: give mem its RAM", give_ram },
        { "init: bind to mem", offer_mem },
        { "init: start proc", start_proc },
        { "init: attend to mem", attend_to_mem },
    };

    ends_setup();
    for (unsigned i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
        const err_t err = step[i].run();
        if (!err_ok(err)) {
            err_print(step[i].what, err);
            return err;
        }
    }
    TRY(kernel_set_ceiling(TASK_KERNEL, TASK_DISPATCHER, 255));
    return dispatcher_set_priority(TASK_DISPATCHER, SERVER_PRIORITY);
}

_Noreturn void monitor_run(void)
{
    struct rpc_pending pending = { 0 };
    const err_t err = run_alone();

    if (init.boot->core != 0 && !err_ok(err)) {
        core_say_up(err);                               /* else when proc has offered its service: ops.c */
    } else if (err_ok(err) && init.boot->core == 0) {
        cores_start_all();
    } else if (!err_ok(err)) {
        power_off(1);
    }
    for (;;) {
        rpc_server_step(&monitor.server, &pending);
        if (monitor.server.deadline && time_now() >= monitor.server.deadline) {
            monitor.server.deadline = 0;
            cores_look();
            lending_look();
        }
        if (crossing_step()) {
            monitor_wake_at(1);                         /* go on at once, after a look at the clients */
        }
        core_leave_step();
        death_step();
    }
}
