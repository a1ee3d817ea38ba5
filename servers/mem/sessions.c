/** @file sessions.c  Contracts in state.h. */
#include "state.h"
#include <os/bug.h>
#include <os/startup.h>
#include <os/string.h>

/* A record that is nobody's, and its endpoint, if there is one. */
static void put_back(struct session *s)
{
    if (s->endpoint_ram.chunk) {
        const err_t err = reserve_unmake(&mem.stock->reserve, &s->endpoint_ram);
        OS_ASSERT(err_ok(err));
        s->endpoint_ram.chunk = NULL;
    }
    s->next = mem.unused;
    mem.unused = s;
}

static void session_closed(struct rpc_session *rpc)
{
    struct session *const s = rpc->state;
    struct account *const account = account_find(&mem.accounts, s->account);

    grant_settle();
    wants_forget(s);
    if (account) {
        account->sessions--;
    }
    if (s->endpoint_ram.chunk) {                /* first: a peer that lives could fill the receive slot once more */
        put_back(s);
    }
    rpc_drop_cap(s->rpc.end.receive);           /* what came with a message that nobody will read */
    rpc_drop_cap(s->rpc.end.send);
}

void sessions_end(const struct account *account)
{
    for (unsigned i = 0; i < mem.sessions && account->sessions > 0; i++) {
        struct rpc_session *const rpc = mem.events[SESSION_EVENT + i];
        if (rpc && ((struct session *)rpc->state)->account == account->id) {
            rpc_session_leave(&mem.server, rpc);
            session_closed(rpc);
        }
    }
}

void session_first(struct account *account)
{
    struct session *const s = &mem.first;

    *s = (struct session){
        .rpc = { .end = { .send = PSLOT_MONITOR, .ring = (void *)os_startup()->rings, .mask = (1u << PRING_LOG2) - 1,
                          .event = PEVENT_MONITOR, .receive = PSLOT_FROM_MONITOR },
                 .serve = mem_request, .closed = session_closed, .state = s },
        .account = account->id, .manager = true,
    };
    account->sessions++;
    mem.events[PEVENT_MONITOR] = &s->rpc;
}

/* What lasts of a session: slots, ring, event id. */
static err_t furnish(struct session *s)
{
    uint64_t ring;
    cptr_t slot[4];
    struct ram_block ram;

    TRY(slots_alloc_run(&mem.stock->slots, 4, slot));
    for (unsigned i = 1; i < 4; i++) {
        slot[i] = slot[0] + i;
    }
    err_t err = reserve_make(&mem.stock->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, slot[0], &ram);
    if (!err_ok(err)) {
        slots_free_run(&mem.stock->slots, slot[0], 4);
        return err;
    }
    err = vspace_map(os_vspace(), slot[0], 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &ring);
    if (!err_ok(err)) {
        const err_t undo = reserve_unmake(&mem.stock->reserve, &ram);
        OS_ASSERT(err_ok(undo));
        slots_free_run(&mem.stock->slots, slot[0], 4);
        return err;
    }
    *s = (struct session){
        .rpc = { .end = { .send = slot[2], .ring = (void *)ring, .mask = (1u << PRING_LOG2) - 1,
                          .event = SESSION_EVENT + mem.sessions++, .receive = slot[3] },
                 .serve = mem_request, .closed = session_closed, .state = s },
        .ring_frame = slot[0], .endpoint = slot[1],
    };
    return OK;
}

static err_t take_record(struct session **taken)
{
    struct session *s = mem.unused;

    if (s) {
        mem.unused = s->next;
    } else {
        REQUIRE(mem.sessions < SESSIONS_MAX, E_MEM_SESSIONS);
        s = slab_alloc(&mem.session_slab);
        REQUIRE(s, E_SLAB_EMPTY);
        const err_t err = furnish(s);
        if (!err_ok(err)) {
            slab_free(&mem.session_slab, s);
            return err;
        }
    }
    *taken = s;
    return OK;
}

/* A new endpoint each time: whoever still held a capability to the last one would reach the next client's session. */
static err_t make_endpoint(struct session *s)
{
    memset((void *)(uintptr_t)s->rpc.end.ring, 0, RING_BYTES(PRING_LOG2));
    TRY(reserve_make(&mem.stock->reserve, CAP_ENDPOINT, 0, CPTR_NULL, s->endpoint, &s->endpoint_ram));
    TRY(endpoint_bind(s->endpoint, TASK_DISPATCHER, s->rpc.end.event, s->ring_frame, 0, PRING_LOG2));
    return endpoint_set_recv_slot(s->endpoint, s->rpc.end.receive);
}

static err_t open_session(struct session *s, cptr_t reply, cptr_t service)
{
    TRY(make_endpoint(s));
    TRY(cap_mint(CPTR_NULL, service, CPTR_NULL, s->endpoint, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    return cap_move(CPTR_NULL, s->rpc.end.send, CPTR_NULL, reply);
}

err_t session_open(struct account *account, bool manager, cptr_t reply, cptr_t *service)
{
    struct cap_info info;
    struct session *s;
    cptr_t slot;

    REQUIRE(err_ok(cap_identify(CPTR_NULL, reply, &info)) && info.type == CAP_ENDPOINT && info.rights & RIGHT_WRITE,
            E_MEM_ENDPOINT);
    REQUIRE(account->sessions < ACCOUNT_SESSIONS, E_MEM_SESSIONS);
    TRY(slots_alloc(&mem.stock->slots, &slot));
    err_t err = take_record(&s);
    if (err_ok(err)) {
        err = open_session(s, reply, slot);
        if (!err_ok(err)) {
            put_back(s);
        }
    }
    if (!err_ok(err)) {
        slots_free(&mem.stock->slots, slot);
        return err;
    }
    account->sessions++;
    s->account = account->id;
    s->manager = manager;
    mem.events[s->rpc.end.event] = &s->rpc;
    mem.out = (struct outgoing){ .kind = OUT_SERVICE, .slot = slot };
    *service = slot;
    return OK;
}
