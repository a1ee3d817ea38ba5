/** @file process.c  Contracts in os/process.h. */
#include <os/caps.h>
#include <os/err.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/stream.h>
#include <os/string.h>
#include <os/thread.h>
#include <stubs/proc.h>

#include "internal.h"

/* Text on its way to the process server, as much as one call carries. */
struct text {
    union {
        uint64_t word[7];
        char byte[56];
    };
    unsigned bytes;
};

static err_t send_text(struct rpc_client *server, struct text *t)
{
    const uint64_t *const w = t->word;
    const unsigned bytes = t->bytes;

    t->bytes = 0;
    return bytes ? proc_text(server, bytes, w[0], w[1], w[2], w[3], w[4], w[5], w[6]) : OK;
}

static err_t add_string(struct rpc_client *server, struct text *t, const char *string)
{
    size_t at = 0;

    do {
        if (t->bytes == sizeof(t->byte)) {
            TRY(send_text(server, t));
        }
        t->byte[t->bytes++] = string[at];
    } while (string[at++] != '\0');
    return OK;
}

static err_t send_words(struct rpc_client *server, unsigned argc, const char *const *argv, const struct spawn_options *o)
{
    struct text text = { .bytes = 0 };

    TRY(add_string(server, &text, argv[0]));
    for (unsigned i = 0; i < argc; i++) {
        TRY(add_string(server, &text, argv[i]));
    }
    for (unsigned i = 0; i < o->envc; i++) {
        TRY(add_string(server, &text, o->envp[i]));
    }
    return send_text(server, &text);
}

/* The process server gets a copy of its own, which it gives away in turn. */
static err_t pass(struct rpc_client *server, cptr_t cap)
{
    struct slots *const slots = &os_stock()->slots;
    cptr_t copy;

    TRY(stock_refill(os_stock()));
    TRY(slots_alloc(slots, &copy));
    err_t err = cap_copy(CPTR_NULL, copy, CPTR_NULL, cap, RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC | RIGHT_GRANT);
    if (err_ok(err)) {
        err = proc_pass(server, copy);
        if (!err_ok(err)) {
            rpc_drop_cap(copy);         /* if it was not sent */
        }
    }
    slots_free(slots, copy);
    return err;
}

/* Ends of pipes are passed behind what the caller passes; each stream has its own, so that a child can let go of one. */
static err_t send_streams(struct rpc_client *server, const struct spawn_options *o)
{
    const iref_t *const from = o->streams ? o->streams : os_startup()->stream;
    unsigned passed = o->passed_count;
    iref_t to[STREAMS];
    bool caps = false;

    for (unsigned i = 0; i < STREAMS; i++) {
        to[i] = from[i];
        if (STREAM_IS_CAP(from[i])) {
            TRY(pass(server, STREAM_SLOT(from[i])));
            to[i] = STREAM_CAP(PSLOT_PASSED + passed++);
            caps = true;
        }
    }
    /* Else its own, which proc knows; but not that of another core. */
    return o->streams || o->elsewhere || caps ? proc_streams(server, to[0], to[1], to[2]) : OK;
}

static err_t send_all(struct rpc_client *server, unsigned argc, const char *const *argv, const struct spawn_options *o)
{
    TRY(send_words(server, argc, argv, o));
    for (unsigned i = 0; i < o->passed_count; i++) {
        TRY(pass(server, o->passed[i]));
    }
    return send_streams(server, o);
}

err_t process_spawn(unsigned argc, const char *const *argv, const struct spawn_options *options, uint64_t *pid)
{
    static const struct spawn_options none;
    const struct spawn_options *const o = options ? options : &none;
    struct rpc_client *server;

    REQUIRE(argc > 0, E_ARG);
    TRY(process_server(o->elsewhere ? o->core : id_core(os_startup()->pid), &server));
    const err_t err = send_all(server, argc, argv, o);
    if (!err_ok(err)) {
        /* A process without a name cannot be: that is refused, and what was sent is forgotten. */
        err_ignore(proc_spawn(server, 0, 0, 0, 0, pid));
        return err;
    }
    TRY(proc_spawn(server, argc, o->envc, o->limit, o->flags, pid));
    process_server_child(server, *pid);
    return OK;
}

/* Any child: any of this core.  What is no core, or does not run, has no process. */
static err_t server_of(uint64_t pid, struct rpc_client **server, enum err_code none)
{
    const err_t err = process_server(pid ? id_core(pid) : id_core(os_startup()->pid), server);

    REQUIRE(err_root(err) != E_CORE_NONE && err_root(err) != E_CORE_DOWN, none);
    return err;
}

/* A program without threads has neither. */
#pragma weak thread_count
#pragma weak thread_sleep_until

#define LOOK_FIRST 1000u                /* µs */
#define LOOK_LAST  16000u

/* The binding has one call under way: one that waits would keep every other thread from it, the one that is to end the
 * child, too.  So it is asked again and again. */
static err_t wait_beside_others(struct rpc_client *server, uint64_t pid, uint64_t *ended, uint64_t *status)
{
    for (uint64_t us = LOOK_FIRST;; us = us < LOOK_LAST ? 2 * us : us) {
        const err_t err = proc_try_wait(server, pid, ended, status);
        if (err_root(err) != E_AGAIN) {
            return err;
        }
        thread_sleep_until(time_now() + time_hz() * us / 1000000);
    }
}

/* Its core was stopped, and all that ran there ended. */
static err_t killed(uint64_t pid, uint64_t *ended, unsigned *status)
{
    *ended = pid;
    *status = STATUS_KILLED;
    return OK;
}

err_t process_wait(uint64_t pid, uint64_t *ended, unsigned *status)
{
    struct rpc_client *server;
    uint64_t word = 0;

    *status = 0;
    if (process_server_ended(pid)) {
        return killed(pid, ended, status);
    }
    TRY(server_of(pid, &server, E_PROC_CHILD));
    server->cancel = os_proc()->cancel;
    server->cancel_closed = os_proc()->cancel_closed;
    const bool others = thread_count && thread_count() > 1 && !server->cancel;
    const err_t err = others ? wait_beside_others(server, pid, ended, &word) : proc_wait(server, pid, ended, &word);
    if (server != os_proc() && err_root(err) == E_RPC_CLOSED) {
        return killed(pid, ended, status);
    }
    *status = (unsigned)word;
    return err;
}

err_t process_kill(uint64_t pid)
{
    struct rpc_client *server;

    TRY(server_of(pid, &server, E_PROC_PID));
    return proc_kill(server, pid, false);
}

err_t process_kill_tree(uint64_t pid)
{
    struct rpc_client *server;

    TRY(server_of(pid, &server, E_PROC_PID));
    return proc_kill(server, pid, true);
}
