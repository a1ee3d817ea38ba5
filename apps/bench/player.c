/** @file player.c  The games of bench --cores; contracts in cores.h.  What is measured is what the ring costs: so there is nothing
 * around it, and nobody checks what the words say. */
#include "cores.h"
#include <os/dispatcher.h>
#include <os/err.h>
#include <os/services.h>

static void wake(void *arg)
{
    err_ignore(notify_signal(((struct player *)arg)->wake));
}

void player_init(struct player *p, void *shared, unsigned side, cptr_t other, uint64_t event)
{
    *p = (struct player){ .shared = shared, .wake = other, .event = event };
    ump_ring_init(&p->ring, (char *)shared + SHARED_RING, side, SHARED_SLOTS, wake, p);
}

/* --- raw --- */

static void await(struct ump_line *line, uint64_t n)
{
    while (__c11_atomic_load(&line->word[0], __ATOMIC_ACQUIRE) != n) {
    }
}

static void raw(struct ump_line *mine, struct ump_line *theirs, uint64_t rounds, bool first)
{
    const uint64_t from = __c11_atomic_load(&mine->word[0], __ATOMIC_RELAXED);

    for (uint64_t n = from + 1; n <= from + rounds; n++) {
        if (!first) {
            await(theirs, n);
        }
        __c11_atomic_store(&mine->word[0], n, __ATOMIC_RELEASE);
        if (first) {
            await(theirs, n);
        }
    }
}

/* --- messages --- */

/* Polling, or asleep whenever nothing is there. */
static err_t take(struct player *p, bool sleeps)
{
    uint64_t word[UMP_WORDS];
    uint32_t head;
    unsigned words;

    for (;;) {
        const err_t err = ump_ring_receive(&p->ring, &head, word, &words);
        if (err_ok(err) || err_root(err) != E_CHANNEL_EMPTY) {
            return err;
        }
        if (sleeps) {
            if (!ump_ring_arm(&p->ring, true)) {
                (void)event_wait(p->event, XFER_NO_DEADLINE);
            }
            ump_ring_disarm(&p->ring);
        }
    }
}

static err_t put(struct player *p)
{
    static const uint64_t word[UMP_WORDS];

    for (;;) {
        const err_t err = ump_ring_send(&p->ring, 0, word, 1);
        if (err_root(err) != E_TX_BUSY) {
            return err;
        }
    }
}

err_t player_serve(struct player *p, enum game game, uint64_t rounds)
{
    if (game == GAME_RAW) {
        raw(&p->shared->ball, &p->shared->back, rounds, true);
        return OK;
    }
    for (uint64_t i = 0; i < rounds; i++) {
        TRY(put(p));
        if (game != GAME_STREAM) {
            TRY(take(p, game == GAME_ASLEEP));
        }
    }
    return game == GAME_STREAM ? take(p, false) : OK;       /* one comes back when all have arrived */
}

err_t player_return(struct player *p, enum game game, uint64_t rounds)
{
    if (game == GAME_RAW) {
        raw(&p->shared->back, &p->shared->ball, rounds, false);
        return OK;
    }
    for (uint64_t i = 0; i < rounds; i++) {
        TRY(take(p, game == GAME_ASLEEP));
        if (game != GAME_STREAM) {
            TRY(put(p));
        }
    }
    return game == GAME_STREAM ? put(p) : OK;
}
