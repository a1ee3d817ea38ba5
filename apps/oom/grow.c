/** @file grow.c  What is kept for good once it is made.  Contracts in oom.h. */
#include "inject.h"
#include "oom.h"

#include <os/event.h>

#define MOST 1000u

int grow(const struct growth *g)
{
    struct books before = { .slots = 0 }, after = { .slots = 0 };
    unsigned refused = 0;
    uint64_t nth = 0;
    err_t err = OK;

    CHECK_OK(start_all());
    do {
        books_take(&before);
        inject_arm(++nth);
        err = g->run();
        inject_disarm();
        CHECK(err_ok(err) || (inject_failed() && is_short(err)), "the error is %s (%lx)", err_name(err_root(err)),
              err.trail);
        if (!err_ok(err)) {
            refused++;
            books_take(&after);
            books_compare(&before, &after);
        }
    } while (inject_failed() && nth < MOST && !went_wrong());
    if (went_wrong()) {
        print("  allocation %lu failed: %s, called from 0x%lx\n", nth, inject_failed(), inject_caller());
    }
    CHECK(refused > 0 && nth < MOST, "%lu allocations, %u errors", nth - 1, refused);
    print("  %s: %lu allocations, %u errors\n", g->name, nth - 1, refused);
    return went_wrong();
}

static err_t simple(void)
{
    void *const block = heap_alloc(MIB / 2);

    REQUIRE(block, E_HEAP);
    memset(block, 1, MIB / 2);
    return OK;
}

/* A table of handlers for each sixty-four events. */
static err_t events(void)
{
    static struct event_handler handler;
    static uint64_t next = 12000;

    TRY(event_register(next, &handler));
    event_unregister(next);
    next += 64;
    return OK;
}

static err_t notifys(void)
{
    cptr_t notify;
    uint64_t event;

    return notify_new(&notify, &event);
}

const struct growth simple_growth = { "simple", simple }, event_growth = { "events", events },
                    notify_growth = { "notifys", notifys };
