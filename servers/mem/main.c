/** @file main.c  The memory server of a core (README.md). */
#include "state.h"
#include <os/print.h>
#include <os/startup.h>
#include <os/vspace.h>

struct mem mem;

static err_t add_slab(struct slab *slab, size_t bytes, enum err_code name)
{
    slab_init(slab, bytes, &mem.stock->pool, SLAB_KEEP);
    return stock_add_slab(mem.stock, slab, name);
}

err_t mem_setup(struct stock *stock)
{
    mem.stock = stock;
    TRY(add_slab(&mem.range_slab, sizeof(struct range), E_REFILL_RANGES));
    TRY(add_slab(&mem.root_slab, sizeof(struct mm_root), E_REFILL_ROOTS));
    TRY(add_slab(&mem.account_slab, sizeof(struct account), E_REFILL_ACCOUNTS));
    TRY(add_slab(&mem.session_slab, sizeof(struct session), E_REFILL_SESSIONS));
    mm_init(&mem.mm, &mem.range_slab, &mem.root_slab, &stock->slots);
    accounts_init(&mem.accounts, &mem.account_slab, &mem.range_slab);
    wants_setup();
    mem.server = (struct rpc_server){ .session = mem.events, .events = EVENTS };
    return OK;
}

/* What the layers of libos ask for when they run low: the server is its own.  Not on any account, never given back. */
err_t ram_request(size_t bytes, cptr_t *ram)
{
    uint64_t base;

    return mm_alloc(&mem.mm, bytes, SHOAL_PAGE_SIZE, &base, ram);
}

/* A failed assertion is found by its fault: this server is below all that could show its words. */
void print_sink(const char *text, size_t bytes)
{
    (void)text, (void)bytes;
}

static err_t start(void)
{
    struct account *first;

    TRY(vspace_exclude(os_vspace(), SCRUB_WINDOW, SCRUB_WINDOW_BYTES));
    TRY(mem_setup(os_stock()));
    TRY(scrub_setup(os_stock(), TASK_VSPACE));
    TRY(account_make(&mem.accounts, UINT64_MAX, &first));
    session_first(first);
    return OK;
}

/* Ends only if it cannot start: then its maker sees the fault. */
int main(int argc, char **argv, char **envp)
{
    struct rpc_pending pending = { 0 };

    (void)argc, (void)argv, (void)envp;
    if (!err_ok(start())) {
        return 1;
    }
    for (;;) {
        rpc_server_step(&mem.server, &pending);
    }
}
