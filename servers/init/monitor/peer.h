/**
 * @file peer.h  Channels between this monitor and those of other cores.
 *
 *   peer.c       the channel: frame, rings, mailboxes, the Notifys that the other core may signal
 *   peer_ops.c   the calls of intermon.if, both ways
 *
 * The Frame of a channel is home's.  Its first half is the two kernels' mailboxes (docs/cores.md), the rings of the two
 * monitors lie behind.  One session carries the requests of both sides, at most UMP_WINDOW_MAX of each under way.
 */
#ifndef MONITOR_PEER_H
#define MONITOR_PEER_H

#include <os/rpc_lmp.h>
#include <os/rpc_ump.h>
#include <shoal/mailbox.h>

#define CHANNEL_BYTES   0x10000ull
#define CHANNEL_RING_AT MAILBOX_PAIR_BYTES
#define PEER_BYTES      0x2000ull       /* of a record: pages */
#define CHANNEL_NOTIFY  1u              /* index by which each side signals the other's end of the channel            */

/** A request of ours on its way to another monitor: the rings take UMP_WINDOW_MAX at once, the others wait in their records. */
struct peer_message {
    struct rpc_posted posted;                                   /**< first                                            */
    void (*answered)(void *arg, struct rpc_message *answer);    /**< NULL: nobody is interested in the answer         */
    void *arg;
    struct peer *sure;          /**< whose record it is; NULL: the slab's                                              */
    struct peer_message *next;  /**< unused                                                                           */
};

#define PEER_SURE 16u                   /* twice what may be under way: a record is free again when the answer has come */

struct peer {
    struct peer *next;
    uint64_t core;
    bool up;                            /**< it has answered                                                          */
    cptr_t frame;                       /**< CHANNEL_BYTES; mapped at:                                                */
    uint64_t address;
    cptr_t l1;                          /**< CSpace of the Notifys that it may signal: address = index                */
    uint64_t used[(MAILBOX_INDICES + 63) / 64];     /**< bitmap of those                                              */
    cptr_t notify, wake;                /**< ours; theirs                                                             */
    uint64_t event;                     /**< of ours                                                                  */
    struct rpc_session session;
    struct ump_session ump;
    struct ump_kept kept[UMP_WINDOW_MAX];
    enum { PEER_UNKNOWN, PEER_WANTED, PEER_REFUSED } want;      /**< while it is not up                               */
    struct peer_message sure[PEER_SURE], *unused;               /**< for peer_send_sure()                             */
};

/** The channel with @p core, made if it is not there, and empty in any case: for a core that is about to start.  Home only.
 * @return errors of the layers */
err_t peer_prepare(uint64_t core, struct peer **peer);

/** The channel over which this core was started.  Errors of the layers */
err_t peer_home(struct peer **peer);

/** What it has of @p peer's, it does not use any more: its core is off. */
void peer_down(struct peer *peer);

/** @return NULL: there is none (yet) */
struct peer *peer_of(uint64_t core);

/** Let @p peer signal @p notify under *index.  @return E_PEER_INDICES; errors of reserve, copy */
err_t peer_publish(struct peer *peer, cptr_t notify, uint64_t *index);
void peer_withdraw(struct peer *peer, uint64_t index);

/** The capability by which it is signalled, made anew if it went with what its core owned. */
void peer_wake_again(struct peer *peer);

/** A record for a channel with @p core, which is not there yet.  Errors of the layers */
err_t peer_begin(uint64_t core, struct peer **peer);

/** The channel's Frame lies at @p base, home's; @p first: nobody uses it yet, and it is zeroed.  Errors of the layers and of
 *  make_foreign */
err_t peer_join(struct peer *peer, uint64_t base, bool first);

/* --- pairs.c --- */

#define PAIR_BYTES 64u                  /**< of a record of monitor.pair_slab                                         */

/** Home: @p core asks for a channel with @p other.  @return E_CORE_DOWN; errors of the layers */
err_t pairs_open(uint64_t core, uint64_t other);
void pairs_of_core_end(uint64_t core);

/** What home says of the channel with @p core.  Errors of peer_join() */
err_t pairs_channel(uint64_t core, uint64_t base, bool first);

/* --- peer_ops.c --- */

/** The same for messages of which only so many are under way: there is always a record for one (PEER_SURE). */
void peer_send_sure(struct peer *peer, const struct rpc_message *m);

/** A channel with @p core is wanted: peer_connected() or peer_refused() is called later.  Home has them all from the start. */
void peer_want(uint64_t core);

/** Send @p m, after what was sent before.  @return E_CORE_DOWN, E_MONITOR_MEMORY; then nobody is called */
err_t peer_send(struct peer *peer, const struct rpc_message *m, void (*answered)(void *, struct rpc_message *), void *arg);

/* --- names.c --- */

/** Home: tell a core that has just come up where the name service is. */
void names_tell(struct peer *peer);

void peer_request(struct rpc_session *session, struct rpc_message *message);
void peer_closed(struct rpc_session *session);

#endif
