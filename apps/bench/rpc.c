/** @file rpc.c  Benches of bindings: calls between two processes of one core, over LMP, and within one process.
 *
 * The other process is a copy of this program, `bench as-server`, with this one's priority.  Bindings need threads: these
 * lines come last, because a call of the others would be one of a program with threads afterwards.
 */
#include "bench.h"
#include <os/binding_lmp.h>
#include <os/heap.h>
#include <os/print.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/stock.h>
#include <os/string.h>
#include <os/thread.h>
#include <stubs/echo.h>
#include <stubs/mem.h>

#define NAME "benchrpc"

/* --- the server, in both places --- */

static err_t do_nothing(struct echo_binding *b)
{
    (void)b;
    return OK;
}

static err_t do_bytes(struct echo_binding *b, const uint8_t *data, size_t count)
{
    (void)b, (void)data, (void)count;
    return OK;
}

static err_t do_words(struct echo_binding *binding, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                      uint64_t f, uint64_t g)
{
    (void)binding, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return OK;
}

static err_t do_eight(struct echo_binding *binding, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                      uint64_t f, uint64_t g, uint64_t h)
{
    (void)binding, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    return OK;
}

static err_t do_pass(struct echo_binding *b, cptr_t there, cptr_t *back)
{
    (void)b;
    *back = there;
    return OK;
}

static const struct echo_ops ops = {
    .nothing = do_nothing, .bytes = do_bytes, .words = do_words, .eight = do_eight, .pass = do_pass
};

static err_t start_bindings(void)
{
    static bool started;

    if (!started) {
        TRY(thread_start_library());
        TRY(binding_lmp_start());
        started = true;
    }
    return OK;
}

static err_t serve(void)
{
    struct waitset ws;
    iref_t iref;

    waitset_init(&ws);
    TRY(start_bindings());
    TRY(echo_serve(&ops, NULL, &ws, &iref));
    TRY(binding_publish(&iref, NAME));
    return event_serve(&ws);
}

int echo_server(void)
{
    err_print("bench as-server", serve());
    return 1;
}

/* --- the client --- */

typedef err_t call_fn(struct echo_binding *b, void *arg);

static uint64_t first;                  /* sample of the last measure() */

static err_t measure(struct line *line, struct echo_binding *b, call_fn *call, void *arg)
{
    uint64_t sample[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = clock_now();
        const err_t err = call(b, arg);
        sample[i] = clock_now() - begin;
        TRY(err);
    }
    first = sample[0] - overhead();
    line->value = median(sample, ROUNDS) - overhead();
    return OK;
}

static err_t connect(struct echo_binding **b, uint64_t *pid)
{
    static const char *const words[] = { "bench", "as-server" };
    iref_t iref;

    TRY(start_bindings());
    TRY(process_spawn(2, words, NULL, pid));
    TRY(binding_lookup(NAME, true, &iref));
    return echo_connect(iref, NULL, b);
}

static err_t with_server(struct line *line, call_fn *call, void *arg)
{
    struct echo_binding *b;
    uint64_t pid;
    unsigned status;

    TRY(connect(&b, &pid));
    const err_t err = measure(line, b, call, arg);
    TRY(echo_control(b, IDC_CONTROL_TEARDOWN));
    TRY(process_kill(pid));
    TRY(process_wait(pid, &pid, &status));
    return err;
}

static err_t call_nothing(struct echo_binding *b, void *arg)
{
    (void)arg;
    return echo_rpc_nothing(b);
}

static err_t call_words(struct echo_binding *b, void *arg)
{
    (void)arg;
    return echo_rpc_words(b, 1, 2, 3, 4, 5, 6, 7);
}

/* What a caller does to pass eight words, one of them on the stack, is its own: measured with a function that does
 * nothing, in two instructions, which are not taken off. */
typedef err_t eight_fn(struct echo_binding *binding, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f,
                       uint64_t g, uint64_t h);

static err_t nothing_of_eight(struct echo_binding *binding, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                              uint64_t f, uint64_t g, uint64_t h)
{
    (void)binding, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    return OK;
}

static eight_fn *volatile eight = nothing_of_eight;

static err_t pass_eight(struct echo_binding *b, void *arg)
{
    return ((eight_fn *)arg)(b, 1, 2, 3, 4, 5, 6, 7, 8);
}

static err_t call_eight(struct echo_binding *b, void *arg)
{
    (void)arg;
    return echo_rpc_eight(b, 1, 2, 3, 4, 5, 6, 7, 8);
}

static uint8_t data[65536];

static err_t call_bytes(struct echo_binding *b, void *arg)
{
    return echo_rpc_bytes(b, data, *(const size_t *)arg);
}

static err_t call_pass(struct echo_binding *b, void *arg)
{
    cptr_t *const cap = arg;

    return echo_rpc_pass(b, *cap, cap);
}

err_t rpc_empty(struct line *line)
{
    (void)format_text(line->remark, sizeof(line->remark), "lmp-fast-roundtrip and 150");
    return with_server(line, call_nothing, NULL);
}

err_t rpc_words(struct line *line)
{
    return with_server(line, call_words, NULL);
}

err_t rpc_eight(struct line *line)
{
    struct line passing;

    TRY(measure(&passing, NULL, pass_eight, (void *)eight));
    TRY(with_server(line, call_eight, NULL));
    const uint64_t all = line->value;
    line->value = all - passing.value + 2;
    (void)format_text(line->remark, sizeof(line->remark), "%lu with what the caller does to pass them", all);
    return OK;
}

static err_t bytes(struct line *line, size_t count)
{
    return with_server(line, call_bytes, &count);
}

err_t rpc_64(struct line *line)
{
    return bytes(line, 64);
}

err_t rpc_1k(struct line *line)
{
    return bytes(line, 1024);
}

/* What one copy costs, for comparison. */
static err_t copy_data(struct echo_binding *b, void *arg)
{
    static uint8_t copy[sizeof(data)];

    (void)b, (void)arg;
    memcpy(copy, data, sizeof(data));
    return OK;
}

err_t rpc_64k(struct line *line)
{
    TRY(measure(line, NULL, copy_data, NULL));
    const uint64_t copy = line->value;
    const err_t err = bytes(line, sizeof(data));
    (void)format_text(line->remark, sizeof(line->remark), "memcpy of as much: %lu; the first call: %lu", copy, first);
    return err;
}

err_t rpc_cap(struct line *line)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t ram, frame;

    TRY(ram_request(SHOAL_PAGE_SIZE, &ram));
    TRY(binding_new_slot(&frame));
    TRY(cap_retype(ram, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, frame));
    const err_t err = with_server(line, call_pass, &frame);
    binding_drop_cap(frame);
    TRY(mem_free(os_mem(), ram));
    slots_free(slots, ram);
    return err;
}

/* --- loopback: the other thread serves --- */

static uint64_t serve_loop(void *ws)
{
    while (err_ok(event_dispatch(ws))) {
    }
    return 0;
}

err_t loopback_empty(struct line *line)
{
    _Alignas(16) static char stack[16384];
    const struct thread_options options = { .stack = stack, .stack_bytes = sizeof(stack) };
    struct echo_binding *b;
    struct waitset ws;
    struct thread *t;
    iref_t iref;

    waitset_init(&ws);
    TRY(start_bindings());
    TRY(echo_serve(&ops, NULL, &ws, &iref));
    TRY(thread_create(&t, serve_loop, &ws, &options));
    TRY(echo_connect(iref, NULL, &b));
    const err_t err = measure(line, b, call_nothing, NULL);
    TRY(echo_control(b, IDC_CONTROL_TEARDOWN));
    TRY(waitset_destroy(&ws));
    TRY(thread_join(t, NULL));
    return err;
}
