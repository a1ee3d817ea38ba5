/** @file names.c  The binding to the name service, and what goes over it; contracts in os/names.h. */
#include <os/err.h>
#include <os/names.h>
#include <os/services.h>
#include <os/string.h>
#include <stubs/monitor.h>
#include <stubs/naming.h>

#include "internal.h"

#define WORDS (NAME_BYTES / 8)

static struct {
    struct rpc_client client;
    struct rpc_seat *seat;
    bool bound;
    bool closed;                        /* by the name service's end; replaced when nobody uses it any more */
    unsigned users;
} binding;

/* --- the binding --- */

static err_t replace(iref_t service)
{
    if (binding.closed) {
        REQUIRE(binding.users == 0, E_RPC_CLOSED);
        service_unbind(&binding.client, binding.seat);
        binding.client = (struct rpc_client){ .cap_slot = CPTR_NULL };
        binding.bound = binding.closed = false;
    }
    if (!binding.bound) {
        REQUIRE(service, E_RPC_CLOSED);
        TRY(service_bind_any(&binding.client, service, &binding.seat));
        binding.bound = true;
    }
    return OK;
}

/* The monitor is asked before the lock is taken: it may answer late, and other threads of the binding that has been closed go on
 * meanwhile. */
static err_t enter(bool wait)
{
    iref_t service = 0;

    if (!binding.bound || binding.closed) {
        TRY(monitor_lookup(os_monitor(), service_name("names"), wait, &service));
    }
    services_lock();
    const err_t err = replace(service);
    binding.users += err_ok(err);
    services_unlock();
    return err;
}

static void leave(err_t err)
{
    services_lock();
    binding.users--;
    binding.closed |= err_root(err) == E_RPC_CLOSED;
    services_unlock();
}

err_t os_names(err_t (*what)(struct rpc_client *names, void *arg), void *arg, bool wait)
{
    for (;;) {
        err_t err = enter(wait);
        if (err_ok(err)) {
            err = what(&binding.client, arg);
            leave(err);
        }
        /* Bound to one that ended meanwhile: the monitor has heard of that, or will. */
        const bool ended = wait && err_root(err) == E_MONITOR_SERVICE;
        if (err_root(err) != E_RPC_CLOSED && !ended) {
            return err;
        }
    }
}

/* --- calls --- */

struct name_call {
    uint64_t word[WORDS];
    bool wait;
    iref_t service;
    uint64_t pid;
};

static err_t prepare(struct name_call *call, const char *name)
{
    const size_t bytes = strlen(name);

    REQUIRE(bytes < NAME_BYTES, E_NAMES_NAME);
    *call = (struct name_call){ .wait = false };
    memcpy(call->word, name, bytes);
    return OK;
}

static err_t lookup(struct rpc_client *c, void *arg)
{
    struct name_call *const n = arg;

    return naming_lookup(c, n->word[0], n->word[1], n->word[2], n->word[3], n->wait, &n->service);
}

static err_t publish(struct rpc_client *c, void *arg)
{
    const struct name_call *const n = arg;

    return naming_publish(c, n->word[0], n->word[1], n->word[2], n->word[3], n->service);
}

static err_t withdraw(struct rpc_client *c, void *arg)
{
    const struct name_call *const n = arg;

    return naming_withdraw(c, n->word[0], n->word[1], n->word[2], n->word[3]);
}

static err_t next(struct rpc_client *c, void *arg)
{
    struct name_call *const n = arg;
    uint64_t *const w = n->word;

    return naming_next(c, w[0], w[1], w[2], w[3], &w[0], &w[1], &w[2], &w[3], &n->service, &n->pid);
}

err_t name_lookup(const char *name, bool wait, iref_t *service)
{
    struct name_call call;

    TRY(prepare(&call, name));
    call.wait = wait;
    TRY(os_names(lookup, &call, wait));
    *service = call.service;
    return OK;
}

err_t name_next(const char *name, struct name_entry *entry)
{
    struct name_call call;

    TRY(prepare(&call, name));
    TRY(os_names(next, &call, false));
    memcpy(entry->name, call.word, NAME_BYTES);
    entry->name[NAME_BYTES - 1] = '\0';
    entry->service = call.service;
    entry->pid = call.pid;
    return OK;
}

/* --- what was published: for a name service that is started again --- */

static struct {
    struct name_call call[NAMES_OF_PROCESS];
    unsigned count;
} own;

static struct name_call *own_find(const struct name_call *call)
{
    for (unsigned i = 0; i < own.count; i++) {
        if (memcmp(own.call[i].word, call->word, NAME_BYTES) == 0) {
            return &own.call[i];
        }
    }
    return NULL;
}

static err_t own_add(const struct name_call *call)
{
    struct name_call *at = own_find(call);

    if (!at) {
        REQUIRE(own.count < NAMES_OF_PROCESS, E_NAMES_LIMIT);
        at = &own.call[own.count++];
    }
    *at = *call;
    return OK;
}

static void own_forget(const struct name_call *call)
{
    struct name_call *const at = own_find(call);

    if (at) {
        *at = own.call[--own.count];
    }
}

/* Kept first: a name service that comes in between asks for it. */
err_t name_publish(const char *name, iref_t service)
{
    struct name_call call;

    TRY(prepare(&call, name));
    call.service = service;
    services_lock();
    err_t err = own_add(&call);
    services_unlock();
    TRY(err);
    err = os_names(publish, &call, false);
    if (err_root(err) == E_MONITOR_SERVICE) {
        return OK;
    }
    if (!err_ok(err)) {
        services_lock();
        own_forget(&call);
        services_unlock();
    }
    return err;
}

err_t name_withdraw(const char *name)
{
    struct name_call call;

    TRY(prepare(&call, name));
    services_lock();
    own_forget(&call);
    services_unlock();
    return os_names(withdraw, &call, false);
}

static bool take(unsigned i, struct name_call *call)
{
    services_lock();
    const bool any = i < own.count;
    if (any) {
        *call = own.call[i];
    }
    services_unlock();
    return any;
}

err_t name_renew(void *session)
{
    struct name_call call;
    err_t first = OK;

    (void)session;
    for (unsigned i = 0; take(i, &call); i++) {
        const err_t err = os_names(publish, &call, false);
        first = err_ok(first) ? err : first;
    }
    return first;
}
