/** @file server.c  The process servers of other cores: bound to when somebody asks for one. */
#include <os/err.h>
#include <os/process.h>
#include <os/services.h>
#include <os/startup.h>

#include "internal.h"

struct server {
    struct server *next;
    uint64_t core;
    struct rpc_client client;
    uint64_t first, last;               /* child that was started over it; 0: none */
};

static struct {
    struct slab slab;
    bool ready;
    struct server *first;
} servers;

static err_t bind(struct server *s)
{
    return service_bind(&s->client, PROC_SERVICE(s->core));
}

/* A binding to a core that was stopped is closed, and stays so: a new one takes its place. */
static err_t add(uint64_t core, struct server **made)
{
    struct stock *const stock = os_stock();

    if (!servers.ready) {
        slab_init(&servers.slab, sizeof(struct server), &stock->pool, SLAB_KEEP);
        TRY(stock_add_slab(stock, &servers.slab, E_REFILL_SESSIONS));
        servers.ready = true;
    }
    TRY(stock_refill(stock));
    struct server *const s = slab_alloc(&servers.slab);
    REQUIRE(s, E_SLAB_EMPTY);
    *s = (struct server){ .core = core };
    const err_t err = bind(s);
    if (!err_ok(err)) {
        slab_free(&servers.slab, s);
        return err;
    }
    s->next = servers.first;
    servers.first = s;
    *made = s;
    return OK;
}

err_t process_server(uint64_t core, struct rpc_client **client)
{
    struct server *s = servers.first;

    if (core == id_core(os_startup()->pid)) {
        *client = os_proc();
        return OK;
    }
    while (s && (s->core != core || service_ended(&s->client))) {
        s = s->next;
    }
    if (!s) {
        TRY(add(core, &s));
    }
    *client = &s->client;
    return OK;
}

void process_server_child(const struct rpc_client *client, uint64_t pid)
{
    for (struct server *s = servers.first; s; s = s->next) {
        if (&s->client == client) {
            s->first = s->first ? s->first : pid;
            s->last = pid;
        }
    }
}

bool process_server_ended(uint64_t pid)
{
    const struct server *s = servers.first;

    while (s && !(s->first && s->first <= pid && pid <= s->last)) {
        s = s->next;
    }
    return s && service_ended(&s->client);
}
