#include "channels.h"

#include <os/loopback.h>
#include <os/ump.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static bool make_loopback(struct transport *end[2])
{
    return err_ok(loopback_pair(end));
}

/* --- UMP: memory that both ends share, and a way to tell the other one --- */

#define SLOTS 4u

struct ump_pair {
    pthread_mutex_t lock;
    struct side {
        struct ump_pair *pair;
        struct transport *t;            /* NULL: closed */
    } side[2];
    struct ump_line line[2 + 2 * SLOTS];
};

static void signal_peer(void *arg)
{
    struct side *const s = arg, *const peer = &s->pair->side[s == &s->pair->side[0]];

    pthread_mutex_lock(&s->pair->lock);
    if (peer->t) {
        ump_channel_signalled(peer->t);
    }
    pthread_mutex_unlock(&s->pair->lock);
}

static void released(void *arg)
{
    struct side *const s = arg;
    struct ump_pair *const pair = s->pair;

    pthread_mutex_lock(&pair->lock);
    s->t = NULL;
    const bool last = !pair->side[0].t && !pair->side[1].t;
    pthread_mutex_unlock(&pair->lock);
    if (last) {
        free(pair);
    }
}

bool ump_pair_make(struct transport *end[2])
{
    struct ump_pair *const pair = aligned_alloc(UMP_LINE_BYTES, sizeof(*pair));

    memset(pair, 0, sizeof(*pair));
    pthread_mutex_init(&pair->lock, NULL);
    for (unsigned i = 0; i < 2; i++) {
        pair->side[i].pair = pair;
        if (!err_ok(ump_channel(pair->line, i, SLOTS, signal_peer, released, &pair->side[i], &end[i]))) {
            if (i) {
                end[0]->ops->close(end[0]);         /* frees the pair as well */
            } else {
                free(pair);
            }
            return false;
        }
        pair->side[i].t = end[i];
    }
    return true;
}

const struct channel_kind channel_kinds[] = {
    { "loopback", make_loopback, NULL },
    { "ump", ump_pair_make, NULL },
    { "lmp", fake_lmp_make, fake_lmp_events },
    { NULL, NULL, NULL },
};
