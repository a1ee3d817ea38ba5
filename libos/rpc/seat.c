/** @file seat.c  Endpoints, rings and slots for bindings; contracts in os/rpc_lmp.h. */
#include <os/bug.h>
#include <os/err.h>
#include <os/rpc_lmp.h>
#include <os/string.h>

#define ENDPOINT_BYTES 256u

static uint64_t ring_bytes(const struct rpc_seats *seats)
{
    return RING_BYTES(seats->ring_log2);
}

enum seat_slot { SEAT_ENDPOINT, SEAT_SEND, SEAT_RECEIVE, SEAT_SLOTS };

err_t rpc_seats_init(struct rpc_seats *seats, struct rpc_server *server, struct stock *stock, struct vspace *vspace,
                     cptr_t dispatcher, uint64_t first_event, uint64_t end_event)
{
    *seats = (struct rpc_seats){
        .server = server, .stock = stock, .vspace = vspace, .dispatcher = dispatcher,
        .next_event = first_event, .end_event = end_event, .ring_log2 = SEAT_RING_LOG2,
    };
    slab_init(&seats->slab, sizeof(struct rpc_seat), &stock->pool, SLAB_KEEP);
    return stock_add_slab(stock, &seats->slab, E_REFILL_SESSIONS);
}

/* A page for rings, mapped. */
static err_t add_ring_page(struct rpc_seats *seats)
{
    struct stock *const stock = seats->stock;
    struct ram_block ram;
    cptr_t slot;

    TRY(slots_alloc(&stock->slots, &slot));
    err_t err = reserve_make(&stock->reserve, CAP_FRAME, SHOAL_PAGE_SIZE, CPTR_NULL, slot, &ram);
    if (err_ok(err)) {
        err = vspace_map(seats->vspace, slot, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &seats->page);
        if (!err_ok(err)) {
            const err_t undo = reserve_unmake(&stock->reserve, &ram);
            OS_ASSERT(err_ok(undo));                /* ours alone, and nothing is mapped */
        }
    }
    if (!err_ok(err)) {
        slots_free(&stock->slots, slot);
        return err;
    }
    seats->page_frame = slot;
    seats->page_used = 0;
    return OK;
}

/* A page that endpoints are made of. */
static err_t add_endpoint_page(struct rpc_seats *seats)
{
    struct ram_block ram;

    TRY(reserve_take(&seats->stock->reserve, 1, SHOAL_PAGE_SIZE, &ram));
    seats->page_ram = ram.chunk->ram;
    seats->ram_offset = ram.chunk->offset + (uint64_t)ram.first * SHOAL_PAGE_SIZE;
    seats->ram_used = 0;
    return OK;
}

static err_t find_room(struct rpc_seats *seats)
{
    REQUIRE(seats->next_event < seats->end_event, E_RPC_SEATS);
    if (seats->page == 0 || seats->page_used + ring_bytes(seats) > SHOAL_PAGE_SIZE) {
        TRY(add_ring_page(seats));
    }
    if (seats->page_ram == CPTR_NULL || seats->ram_used + ENDPOINT_BYTES > SHOAL_PAGE_SIZE) {
        TRY(add_endpoint_page(seats));
    }
    return OK;
}

static err_t make_seat(struct rpc_seats *seats, struct rpc_seat **made)
{
    cptr_t slot;

    TRY(find_room(seats));
    TRY(slots_alloc_run(&seats->stock->slots, SEAT_SLOTS, &slot));
    struct rpc_seat *const s = slab_alloc(&seats->slab);
    if (!s) {
        slots_free_run(&seats->stock->slots, slot, SEAT_SLOTS);
        return ERR(E_SLAB_EMPTY);
    }
    *s = (struct rpc_seat){
        .rpc.end = { .send = slot + SEAT_SEND, .ring = (void *)(seats->page + seats->page_used),
                     .mask = (1u << seats->ring_log2) - 1, .event = seats->next_event++,
                     .receive = slot + SEAT_RECEIVE },
        .endpoint = slot + SEAT_ENDPOINT, .ram = seats->page_ram, .ram_offset = seats->ram_offset + seats->ram_used,
        .ring_frame = seats->page_frame, .ring_offset = seats->page_used,
    };
    seats->page_used += ring_bytes(seats);
    seats->ram_used += ENDPOINT_BYTES;
    *made = s;
    return OK;
}

static err_t make_endpoint(const struct rpc_seats *seats, const struct rpc_seat *s)
{
    TRY(cap_retype(s->ram, CAP_ENDPOINT, s->ram_offset, 0, 1, CPTR_NULL, s->endpoint));
    TRY(endpoint_bind(s->endpoint, seats->dispatcher, s->rpc.end.event, s->ring_frame, s->ring_offset, seats->ring_log2));
    return endpoint_set_recv_slot(s->endpoint, s->rpc.end.receive);
}

static void put_back(struct rpc_seats *seats, struct rpc_seat *s)
{
    const err_t err = cap_revoke(CPTR_NULL, s->ram, s->ram_offset, ENDPOINT_BYTES);

    OS_ASSERT(err_ok(err));                         /* a range of our own RAM */
    s->next = seats->unused;
    seats->unused = s;
}

err_t rpc_seat_open(struct rpc_seats *seats, struct rpc_seat **seat)
{
    struct rpc_seat *s;

    TRY(stock_refill(seats->stock));
    if (!seats->unused) {
        TRY(make_seat(seats, &s));
    } else {
        s = seats->unused;
        seats->unused = s->next;
    }
    memset((void *)(uintptr_t)s->rpc.end.ring, 0, ring_bytes(seats));
    s->rpc = (struct rpc_session){ .end = s->rpc.end, .closings = s->rpc.closings, .handler = s->rpc.handler };
    /* A new endpoint each time: who still held a capability to the last one would reach the next peer's binding. */
    const err_t err = make_endpoint(seats, s);
    if (!err_ok(err)) {
        put_back(seats, s);
        return err;
    }
    if (seats->server) {
        seats->server->session[s->rpc.end.event] = &s->rpc;
    }
    *seat = s;
    return OK;
}

err_t rpc_seat_mint(const struct rpc_seat *seat, cptr_t root, cptr_t slot)
{
    return cap_mint(root, slot, CPTR_NULL, seat->endpoint, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0);
}

void rpc_seat_close(struct rpc_seats *seats, struct rpc_seat *seat)
{
    if (seat->close) {
        seat->close(seats, seat);
        return;
    }
    if (seats->server) {
        rpc_session_leave(seats->server, &seat->rpc);
    }
    /* The endpoint first: a peer that lives could fill the receive slot once more. */
    put_back(seats, seat);
    rpc_drop_cap(seat->rpc.end.receive);
    rpc_drop_cap(seat->rpc.end.send);
}
