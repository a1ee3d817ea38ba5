/**
 * @file serial_server_test.c  Sessions, calls and loop of servers/serial with clients that write, read, ask for Ctrl-C,
 * change their minds and die, over a transport and a device that the test brings.
 *
 * Client i writes letter 'a' + i only, what is typed are digits, so the wire tells who wrote what.
 */
#include "state.h"
#include "test.h"
#include <os/mmio.h>
#include <stubs/proc.h>
#include <stubs/serial.h>
#include <stubs/service.h>

#define CLIENTS 10u
#define SLOT    1000u               /* seat i: send, receive, endpoint from SLOT + 10 * i on */
#define REPLY   77u                 /* slots of messages */
#define NOTIFY  78u
#define WRONG   79u

struct serial serial;

/* --- what the server runs on --- */

static struct rpc_seat seat[64];
static bool seat_used[64];
static unsigned objects, slots_used;               /* of slabs; taken one by one */
static bool full[4096], taken[4096];                /* slots */
static uint64_t signalled;                          /* slot of the Notify that was signalled last */

/* Clients of other cores: none in these tests. */
err_t remote_seat_open(struct remote_seats *remote, uint64_t connection, cptr_t page, struct rpc_seat **seat)
{
    (void)remote, (void)connection, (void)page, (void)seat;
    return ERR(E_STATE);
}

err_t remote_seats_deliver(struct remote_seats *remote, uint64_t connection, cptr_t cap)
{
    (void)remote, (void)connection, (void)cap;
    return ERR(E_STATE);
}

err_t name_renew(void *session)
{
    (void)session;
    return OK;
}

err_t remote_seats_wake(struct remote_seats *remote, uint64_t connection, cptr_t client, cptr_t *server)
{
    (void)remote, (void)connection, (void)client, (void)server;
    return ERR(E_STATE);
}

err_t rpc_seat_open(struct rpc_seats *seats, struct rpc_seat **made)
{
    unsigned i = 0;

    while (seat_used[i]) {
        i++;
    }
    seat_used[i] = true;
    seat[i] = (struct rpc_seat){
        .rpc.end = { .send = SLOT + 10 * i, .receive = SLOT + 10 * i + 1, .event = EVENT_SEATS + i },
        .endpoint = SLOT + 10 * i + 2,
    };
    seats->server->session[EVENT_SEATS + i] = &seat[i].rpc;
    *made = &seat[i];
    return OK;
}

void rpc_seat_close(struct rpc_seats *seats, struct rpc_seat *s)
{
    EXPECT(seat_used[s - seat], "a seat is closed once");
    seat_used[s - seat] = false;
    seats->server->session[s->rpc.end.event] = NULL;
    full[s->rpc.end.send] = full[s->rpc.end.receive] = false;
}

err_t rpc_seat_mint(const struct rpc_seat *s, cptr_t root, cptr_t slot)
{
    EXPECT(seat_used[s - seat] && root == CPTR_NULL && !full[slot], "into an empty slot");
    full[slot] = true;
    return OK;
}

void rpc_drop_cap(cptr_t slot)
{
    full[slot] = false;
}

err_t cap_identify(cptr_t root, cptr_t slot, struct cap_info *info)
{
    REQUIRE(root == CPTR_NULL && full[slot], E_CAP_EMPTY);
    *info = (struct cap_info){ .type = slot == WRONG ? CAP_ENDPOINT : CAP_NOTIFY, .rights = RIGHT_WRITE };
    return OK;
}

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    if (cap == CPTR_NULL && op == CNODE_MOVE) {
        EXPECT(full[args.a[2]] && !full[args.a[0]], "move %lu to %lu", args.a[2], args.a[0]);
        full[args.a[0]] = true;
        full[args.a[2]] = false;
    } else if (cap != serial.irq) {
        EXPECT(full[cap], "a Notify is there");
        signalled = cap;
    }
    return (struct sys_result){ .err = OK };
}

err_t stock_refill(struct stock *stock)
{
    (void)stock;
    return OK;
}

void *slab_alloc(struct slab *slab)
{
    objects++;
    return malloc(slab->object_bytes);
}

void slab_free(struct slab *slab, void *object)
{
    (void)slab;
    objects--;
    free(object);
}

err_t slots_alloc(struct slots *s, cptr_t *slot)
{
    (void)s;
    for (*slot = 3000; taken[*slot]; ++*slot) {
    }
    taken[*slot] = true;
    slots_used++;
    return OK;
}

void slots_free_run(struct slots *s, cptr_t first, unsigned count)
{
    (void)s;
    EXPECT(count == 1 && taken[first] && !full[first], "an empty slot is given back");
    taken[first] = false;
    slots_used--;
}

static char page[16][4096];
static unsigned pages;

err_t pool_take(struct pool *pool, struct pool_page *got)
{
    (void)pool;
    REQUIRE(pages < 16, E_POOL_FULL);
    got->address = page[pages++];
    return OK;
}

err_t rpc_call(struct rpc_client *c, struct rpc_message *m)
{
    (void)c, (void)m;
    test_fail(__FILE__, __LINE__, "nobody calls");      /* clients here take the halves of a call */
    return ERR(E_RPC_CLOSED);
}

struct rpc_client *os_proc(void)
{
    static struct rpc_client manager;

    return &manager;
}

err_t proc_console(struct rpc_client *c, iref_t stream, cptr_t output, cptr_t *answers)
{
    EXPECT(stream == 9 && full[output], "the service, and where to send");
    full[output] = false;
    *answers = c->cap_slot;
    full[*answers] = true;
    return OK;
}

size_t format_text(char *out, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(out, size, format, args);
    va_end(args);
    return (size_t)length;
}

/* --- device: what is typed comes one by one; sends only while `flows` --- */

static char wire[1 << 22], keys[64];
static unsigned wire_bytes, keys_first, keys_used;
static bool flows;

uint32_t mmio_read32(uint64_t address)
{
    if (address & 0xff) {
        return (uint32_t)((keys_used == 0) << 4 | !flows << 5);
    }
    keys_used--;
    return (uint8_t)keys[keys_first++ % sizeof(keys)];
}

void mmio_write32(uint64_t address, uint32_t value)
{
    if ((address & 0xff) == 0) {
        EXPECT(flows, "not while it is full");
        wire[wire_bytes++] = (char)value;
    }
}

static void press(char key)
{
    if (keys_used < sizeof(keys)) {
        keys[(keys_first + keys_used++) % sizeof(keys)] = key;
    }
}

/* --- clients --- */

static struct client_model {
    struct rpc_session *rpc;        /* NULL: not connected */
    uint64_t pid;
    bool waits;
    uint64_t asked;
    unsigned number;                /* of the request under way */
    unsigned written;               /* bytes in answered writes */
    unsigned maybe;                 /* in one that was not answered: it may count or not */
} client_model[CLIENTS];
static uint64_t asks;

static void deliver(struct rpc_session *rpc, struct rpc_message *m)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct client_model *const c = &client_model[i];
        if (c->rpc == rpc) {
            EXPECT(c->waits && (m->number & 0x1fff) == c->number, "an answer to what was asked");
            c->waits = false;
            if (c->number == SERIAL_MESSAGE_WRITE) {
                c->written += c->maybe;
                c->maybe = 0;
            }
            return;
        }
    }
    test_fail(__FILE__, __LINE__, "an answer to nobody");
}

static void serve(struct rpc_session *rpc, struct rpc_message *m)
{
    rpc->serve(rpc, m);
    if ((m->number & (RPC_KEPT | RPC_REPLY)) == RPC_KEPT) {
        rpc->kept = *m;
    } else {
        deliver(rpc, m);
    }
}

void rpc_retry(struct rpc_server *server, struct rpc_session *rpc)
{
    struct rpc_message m = rpc->kept;

    EXPECT(server->session[rpc->end.event] == rpc && m.number != 0, "a request that is kept");
    rpc->kept.number = 0;
    m.number &= (uint16_t)~RPC_KEPT;
    serve(rpc, &m);
}

static void request(struct client_model *c, struct rpc_message *m)
{
    EXPECT(!c->waits || rpc_waits(c->rpc), "who waits is kept");
    c->rpc->kept.number = 0;        /* as the transport does when another request comes */
    c->waits = true;
    c->number = m->number;
    serve(c->rpc, m);
}

static bool connect_client(struct client_model *c, uint64_t pid)
{
    struct rpc_session monitor = { 0 };
    struct rpc_message m;
    cptr_t binding;

    full[REPLY] = true;
    service_connect_request(&m, pid, REPLY);
    m.cap = REPLY;
    service_request(&monitor, &m);
    const err_t err = service_connect_result(&m, &binding);
    EXPECT(!full[REPLY], "taken or dropped");
    if (!err_ok(err)) {
        EXPECT_EQ(err_root(err), E_STREAM_SESSIONS, "too many");
        return false;
    }
    full[binding] = false;          /* the answer takes it along */
    *c = (struct client_model){ .rpc = &serial.sessions->seat->rpc, .pid = pid };
    return true;
}

static void close_client(struct client_model *c)
{
    struct rpc_session *const rpc = c->rpc;

    serial.events[rpc->end.event] = NULL;
    rpc->kept.number = 0;
    *c = (struct client_model){ .rpc = NULL };
    rpc->closed(rpc);
}

static void write_some(struct client_model *c, uint64_t *random)
{
    const unsigned count = (unsigned)(test_random(random) % (STREAM_CALL_BYTES + 1));
    const char letter = (char)('a' + (c - client_model));
    struct rpc_message m;
    uint64_t w[7];

    memset(w, letter, sizeof(w));
    for (unsigned i = 0; i < count; i++) {
        if (test_random(random) % 16 == 0) {
            ((char *)w)[i] = '\n';
        }
        c->maybe += ((char *)w)[i] == letter;
    }
    serial_write_request(&m, count, w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    request(c, &m);
}

static const struct client_model *asker(void)
{
    const struct client_model *last = NULL;

    for (unsigned i = 0; i < CLIENTS; i++) {
        if (client_model[i].rpc && client_model[i].asked > (last ? last->asked : 0)) {
            last = &client_model[i];
        }
    }
    return last;
}

static void interrupt(void)
{
    const struct client_model *const want = asker();

    settle();                       /* what was typed before */
    if (keys_used > 0) {
        return;
    }
    signalled = 0;
    press(CTRL('C'));
    settle();
    const struct session *const s = want ? want->rpc->state : NULL;
    EXPECT_EQ(signalled, want ? s->notify : 0, "who asked last and lives");
    for (unsigned i = 0; i < CLIENTS && want; i++) {
        const struct client_model *const c = &client_model[i];
        EXPECT(!c->rpc || !c->waits || c->number != SERIAL_MESSAGE_READ || ((struct session *)c->rpc->state)->blocked,
               "reads that wait are ended");
    }
}

static void step(struct client_model *c, uint64_t *random)
{
    struct rpc_message m;

    if (!c->rpc) {
        connect_client(c, 100 + test_random(random) % 4);
        return;
    }
    if (c->waits && test_random(random) % 8) {
        return;                     /* else it dies, or breaks the rules */
    }
    switch (test_random(random) % 12) {
    case 0:
        close_client(c);
        break;
    case 1:
        serial_mode_request(&m, test_random(random) % 3);
        request(c, &m);
        break;
    case 2:
        serial_on_interrupt_request(&m, NOTIFY);
        m.cap = test_random(random) % 4 ? NOTIFY : WRONG;
        full[m.cap] = true;
        const bool right = m.cap == NOTIFY;
        request(c, &m);
        c->asked = right ? ++asks : c->asked;
        EXPECT(!full[NOTIFY] && !full[WRONG], "taken or dropped");
        break;
    case 3:
    case 4:
    case 5:
        serial_read_request(&m, test_random(random) % (STREAM_CALL_BYTES + 2));
        request(c, &m);
        break;
    default:
        write_some(c, random);
    }
}

static void start(void)
{
    memset(&serial, 0, sizeof(serial));
    memset(client_model, 0, sizeof(client_model));
    memset(full, 0, sizeof(full));
    memset(taken, 0, sizeof(taken));
    wire_bytes = slots_used = keys_used = objects = pages = 0;
    asks = 0;
    serial.stock = calloc(1, sizeof(struct stock));
    serial.irq = 5;
    serial.server = (struct rpc_server){ .session = serial.events, .events = EVENTS };
    serial.seats.server = &serial.server;
    serial.session_slab.object_bytes = sizeof(struct session);
    terminal_init(&serial.terminal);
    serial.device.registers = 0x1000;
}

static void finish(void)
{
    flows = true;
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (client_model[i].rpc) {
            close_client(&client_model[i]);
        }
    }
    settle();
    EXPECT(!serial.sessions && !serial.first_blocked && objects == 0, "nobody is left: %u objects", objects);
    EXPECT(slots_used <= 1, "%u slots, and one is that of connect", slots_used);
    for (unsigned i = 0; i < 64; i++) {
        EXPECT(!seat_used[i], "seat %u", i);
    }
    free(serial.stock);
}

TEST(serial, random_clients)
{
    uint64_t random = test_seed();

    start();
    for (unsigned i = 0; i < 60000; i++) {
        step(&client_model[test_random(&random) % CLIENTS], &random);
        if (test_random(&random) % 3 == 0) {
            press("0123456789\r\n\b\x04\x15"[test_random(&random) % 15]);
        }
        if (test_random(&random) % 50 == 0) {
            interrupt();
        }
        flows = test_random(&random) % 400 ? flows : !flows;
        if (test_random(&random) % 4 == 0) {
            settle();
        }
        EXPECT(serial.terminal.out.used <= TERMINAL_OUT, "bounded");
    }
    flows = true;
    settle();
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(!client_model[i].waits || client_model[i].number == SERIAL_MESSAGE_READ, "only readers wait");
    }
    finish();
}

/* What was written comes out, all of it: clients that only write, and a device that stops now and then. */
TEST(serial, writers)
{
    uint64_t random = test_seed() + 10;
    unsigned want[CLIENTS] = { 0 }, got[CLIENTS] = { 0 };

    start();
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(connect_client(&client_model[i], i), "connected");
    }
    for (unsigned i = 0; i < 20000; i++) {
        struct client_model *const c = &client_model[test_random(&random) % CLIENTS];
        if (!c->waits) {
            write_some(c, &random);
        }
        flows = test_random(&random) % 200 ? flows : !flows;
        if (test_random(&random) % 4 == 0) {
            settle();
        }
    }
    flows = true;
    settle();
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT(!client_model[i].waits, "all are answered");
        want[i] = client_model[i].written;
    }
    finish();
    for (unsigned i = 0; i < wire_bytes; i++) {
        if (wire[i] >= 'a' && wire[i] < 'a' + (char)CLIENTS) {
            got[wire[i] - 'a']++;
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        EXPECT_EQ(got[i], want[i], "letters of client %u", i);
    }
}

TEST(serial, refusals)
{
    struct client_model *const c = &client_model[0];
    struct rpc_message m;

    start();
    EXPECT(connect_client(c, 1), "connected");
    static const struct { uint64_t write, most, mode; enum err_code want; } row[] = {
        { 57, 0, 0, E_STREAM_SIZE }, { ~0ull, 0, 0, E_STREAM_SIZE }, { 0, 57, 0, E_STREAM_SIZE },
        { 0, ~0ull, 0, E_STREAM_SIZE }, { 0, 0, 2, E_STREAM_MODE }, { 0, 0, ~0ull, E_STREAM_MODE },
    };
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (row[i].write) {
            serial_write_request(&m, row[i].write, 0, 0, 0, 0, 0, 0, 0);
        } else if (row[i].most) {
            serial_read_request(&m, row[i].most);
        } else {
            serial_mode_request(&m, row[i].mode);
        }
        request(c, &m);
        EXPECT(m.number & RPC_ERROR && m.word[0] == row[i].want, "row %u: %#lx", i, m.word[0]);
    }
    serial_read_request(&m, 0);
    request(c, &m);
    EXPECT(m.number & RPC_ERROR && m.word[0] == E_STREAM_SIZE, "nothing wanted");
    for (unsigned i = 1; i < SESSIONS_OF_PID; i++) {
        EXPECT(connect_client(&client_model[i], 1), "connected");
    }
    EXPECT(!connect_client(&client_model[SESSIONS_OF_PID], 1), "one process, four bindings");
    EXPECT(connect_client(&client_model[SESSIONS_OF_PID], 2), "another");
    finish();
}

TEST(serial, manager)
{
    start();
    EXPECT(err_ok(session_open_manager(9)), "the process server has a session");
    struct rpc_session *const rpc = &serial.sessions->seat->rpc;
    EXPECT(full[rpc->end.send] && serial.events[rpc->end.event] == rpc, "with an answer's way");
    serial.events[rpc->end.event] = NULL;
    rpc->closed(rpc);
    finish();
}

TEST(serial, losses_are_told)
{
    start();
    flows = true;
    serial.device.lost = ~0ull;
    serial.device.damaged = ~0ull;
    settle();
    wire[wire_bytes] = 0;
    EXPECT(strstr(wire, "18446744073709551615 damaged characters\r\n"), "\"%s\"", wire);
    const unsigned bytes = wire_bytes;
    settle();
    EXPECT_EQ(wire_bytes, bytes, "once");
    finish();
}
