/** @file memory.c  Contracts in memory.h. */
#include "memory.h"
#include "tests/children.h"
#include <os/print.h>
#include <os/string.h>
#include <stubs/mem.h>

static err_t build(struct memory *m, cptr_t reply, cptr_t service)
{
    static struct image image;
    static struct spawn_plan plan;
    struct test *const t = m->test;
    const cptr_t fault = test_slot(t);
    const struct spawn_request request = {
        .image = &image, .name = "mem", .pid = 1, .monitor = reply, .fault = fault, .reserve_bytes = SPAWN_RESERVE_MAX,
        .argv = (const char *const[]){ NULL }, .envp = (const char *const[]){ NULL },
    };

    TRY(maker_begin(t, &m->maker));
    TRY(image_find(&image, init.archive, init.archive_bytes, "mem"));
    TRY(cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, m->proc.badge));
    TRY(spawn_plan(&plan, &request));
    const cptr_t ram = test_ram(t, plan.bytes, SHOAL_PAGE_SIZE);
    TRY(maker_scrub(t, ram, plan.bytes, test_slot(t)));
    TRY(spawn_build(&m->spawn, &m->maker.maker, &plan, ram));
    TRY(cap_mint(CPTR_NULL, service, CPTR_NULL, spawn_slot(&m->spawn, PSLOT_MONITOR_RECV), RIGHT_WRITE | RIGHT_GRANT,
                 1));
    m->proc.disp = m->spawn.dispatcher;
    TRY(spawn_finish(&m->spawn));
    (void)proc_priority(&m->proc, init.priority);
    return dispatcher_start(m->proc.disp);
}

/* init's side of a binding, but for the service's capability. */
static bool own_side(struct memory *m, struct memory_client *c)
{
    const uint64_t event = MEMORY_EVENT + m->bindings++;
    const cptr_t receive = test_slot(m->test);

    if (!own_endpoint(m->test, &c->back, event, 1)) {
        return false;
    }
    EXPECT_OK(m->test, endpoint_set_recv_slot(c->back.recv, receive));
    c->rpc = (struct rpc_client){
        .end = { .ring = c->back.ring.control, .mask = c->back.ring.mask, .event = event, .receive = receive },
    };
    return true;
}

static bool give_ram(struct memory *m)
{
    for (uint64_t i = 0; i < init.boot->ram_count; i++) {
        const cptr_t slot = CPTR(INIT_L2_RAM, i);
        struct cap_info info = { 0 };
        EXPECT_OK(m->test, cap_identify(CPTR_NULL, slot, &info));
        EXPECT_OK(m->test, mem_root_add(&m->manager.rpc, slot));
        m->base[i] = info.base;
        m->bytes[i] = info.bytes;
        m->total += info.bytes;
    }
    return m->test->wrong == 0;
}

bool memory_holds(const struct memory *m, uint64_t bytes, uint64_t align)
{
    const uint64_t records = 2ull << 20;

    for (uint64_t i = 0; i < init.boot->ram_count; i++) {
        const uint64_t first = (m->base[i] + records + align - 1) & ~(align - 1);
        if (first + bytes + records <= m->base[i] + m->bytes[i]) {
            return true;
        }
    }
    return false;
}

bool memory_start(struct test *t, struct memory *m)
{
    *m = (struct memory){ .test = t, .proc = { .test = t, .badge = t->next_badge++ } };
    const cptr_t service = test_slot(t);

    if (!own_side(m, &m->manager)) {
        return false;
    }
    const err_t err = build(m, mint_send(t, m->manager.back.recv, RIGHT_WRITE | RIGHT_GRANT, 1), service);
    EXPECT_OK(t, err);
    m->manager.rpc.end.send = service;
    return err_ok(err) && give_ram(m);
}

uint64_t memory_unused(struct memory *m)
{
    uint64_t total = 0, unused = 0;

    EXPECT_OK(m->test, mem_limits(&m->manager.rpc, &total, &unused));
    CHECK_EQ(m->test, total, m->total);
    return unused;
}

void memory_stop(struct memory *m)
{
    uint64_t total = 1, unused = 1;

    for (uint64_t i = 0; i < init.boot->ram_count; i++) {
        cptr_t ram = CPTR_NULL;
        m->manager.rpc.cap_slot = CPTR(INIT_L2_RAM, i);
        EXPECT_OK(m->test, mem_root_remove(&m->manager.rpc, m->base[i], &ram));
        CHECK_EQ(m->test, ram, m->manager.rpc.cap_slot);
    }
    EXPECT_OK(m->test, mem_limits(&m->manager.rpc, &total, &unused));
    CHECK(m->test, total == 0 && unused == 0, "%lu bytes are left, %lu unused", total, unused);
    EXPECT_OK(m->test, dispatcher_stop(m->proc.disp));
}

bool memory_connect(struct memory *m, struct memory_client *c, uint64_t account, bool manager)
{
    struct test *const t = m->test;

    if (!own_side(m, c)) {
        return false;
    }
    const cptr_t reply = mint_send(t, c->back.recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    m->manager.rpc.cap_slot = test_slot(t);
    err_t err = mem_connect(&m->manager.rpc, account, manager, reply, &c->rpc.end.send);
    if (err_ok(err)) {
        err = cap_delete(CPTR_NULL, reply);
    }
    m->manager.rpc.cap_slot = CPTR_NULL;
    EXPECT_OK(t, err);
    return err_ok(err);
}

bool memory_connect_child(struct memory *m, struct proc *p, struct proc_endpoint *back, uint64_t event,
                          uint64_t account, cptr_t *service, cptr_t *receive)
{
    struct test *const t = m->test;

    if (!proc_endpoint(p, back, event, 1)) {
        return false;
    }
    *receive = CPTR(0, p->next_slot++);
    *service = CPTR(0, p->next_slot++);
    EXPECT_OK(t, endpoint_set_recv_slot(back->recv, *receive));
    const cptr_t reply = mint_send(t, back->recv, RIGHT_WRITE | RIGHT_GRANT, 1);
    cptr_t got = CPTR_NULL;
    err_t err = mem_connect(&m->manager.rpc, account, false, reply, &got);
    if (err_ok(err)) {
        err = cap_delete(CPTR_NULL, reply);
    }
    if (err_ok(err)) {
        err = cap_move(p->l1, *service, CPTR_NULL, got);
    }
    EXPECT_OK(t, err);
    return err_ok(err);
}
