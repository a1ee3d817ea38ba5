/** @file event.c  Handlers of events: contracts in os/event.h. */
#include "core.h"

#include <os/err.h>
#include <os/event.h>
#include <os/startup.h>
#include <os/stock.h>

#define IDS    DF_EVENT_IDS(SHOAL_PAGE_SIZE)        /* of the frame that every process is started with */
#define LEAVES (IDS / 64)
#define GROUPS (LEAVES / 64)

/* The first is there from the beginning: it has the events of the services that all else stands on. */
static struct event_leaf first_leaf;
struct event_leaf *os_event_leaf[LEAVES] = { &first_leaf };
static struct slab leaves;

err_t os_events_init(void)
{
    if (!leaves.object_bytes) {
        slab_init(&leaves, sizeof(struct event_leaf), &os_stock()->pool, 1);
    }
    return stock_add_slab(os_stock(), &leaves, E_REFILL_EVENTS);
}

static void fire_all(struct event_leaf *leaf, uint64_t bits, uint64_t *word)
{
    uint64_t rest = 0;

    for (; bits; bits &= bits - 1) {
        const unsigned i = (unsigned)__builtin_ctzll(bits);
        if (leaf && leaf->handler[i]) {
            leaf->handler[i]->fire(leaf->handler[i]);
        } else {
            rest |= 1ull << i;
        }
    }
    if (rest) {
        /* For event_take(), which looks at this word only; nobody comes by here for them again. */
        __atomic_fetch_or(word, rest, __ATOMIC_RELAXED);
    }
}

void os_events_collect(struct dispatcher_frame *frame)
{
    for (unsigned group = 0; group < GROUPS; group++) {
        if (*(volatile uint64_t *)&frame->summary[group] == 0) {
            continue;
        }
        uint64_t words = __atomic_exchange_n(&frame->summary[group], 0, __ATOMIC_RELAXED);
        for (; words; words &= words - 1) {
            const unsigned at = group * 64 + (unsigned)__builtin_ctzll(words);
            fire_all(os_event_leaf[at], __atomic_exchange_n(&frame->events[at], 0, __ATOMIC_RELAXED), &frame->events[at]);
        }
    }
}

static err_t make_leaf(uint64_t at)
{
    TRY(stock_refill(os_stock()));
    struct event_leaf *const made = slab_alloc(&leaves);
    REQUIRE(made, E_SLAB_EMPTY);
    *made = (struct event_leaf){ 0 };
    (void)enter();
    const bool first = !os_event_leaf[at];
    if (first) {
        os_event_leaf[at] = made;
    }
    thread_enable();
    if (!first) {                       /* another thread was here meanwhile */
        slab_free(&leaves, made);
    }
    return OK;
}

err_t event_register(uint64_t id, struct event_handler *handler)
{
    REQUIRE(id < IDS, E_EVENT);
    if (!os_event_leaf[id / 64]) {
        TRY(make_leaf(id / 64));
    }
    struct event_handler **const at = &os_event_leaf[id / 64]->handler[id % 64];
    (void)enter();
    const bool free = !*at;
    if (free) {
        *at = handler;
        if (event_take(frame_self(), id)) {
            handler->fire(handler);
        }
    }
    thread_enable();
    REQUIRE(free, E_EVENT_USED);
    return OK;
}

void event_unregister(uint64_t id)
{
    (void)enter();
    os_event_leaf[id / 64]->handler[id % 64] = NULL;
    thread_enable();
}

struct waiter {
    struct event_handler handler;
    struct thread *thread;
    bool posted;
};

static void waiter_fire(struct event_handler *handler)
{
    struct waiter *const w = (struct waiter *)((char *)handler - offsetof(struct waiter, handler));

    w->posted = true;
    (void)thread_wake(w->thread);
}

err_t thread_event_wait(uint64_t id, uint64_t deadline)
{
    struct waiter w = { { .fire = waiter_fire }, thread_self(), false };

    TRY(event_register(id, &w.handler));
    (void)enter();
    if (w.posted) {
        thread_enable();
    } else {
        (void)thread_block(BLOCKED_EVENT, NULL, deadline);
    }
    event_unregister(id);
    REQUIRE(w.posted, E_TIMEOUT);
    return OK;
}
