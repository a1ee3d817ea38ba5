/**
 * @file transport.h  What a channel does for a binding: carry frames of a few words and at most one capability, in
 * order.
 *
 * send, receive and close are called with the binding's lock held; poll and arm with the events lock held, so they touch
 * memory of the channel only, and make no call but a system call that does not wait.  poll and, of a channel that has
 * one, arm may run beside send and receive.  None of them waits.
 */
#ifndef OS_TRANSPORT_H
#define OS_TRANSPORT_H

#include <os/binding_cap.h>
#include <shoal/cap.h>
#include <shoal/err.h>
#include <stdbool.h>
#include <stdint.h>

#define FRAME_WORDS_MAX 8u

struct frame {
    uint32_t head;                  /**< the binding's                                                                */
    uint8_t words;
    bool give;                      /**< sending: the capability moves, and its slot is the channel's to free or hand on */
    cptr_t cap;                     /**< received: in a slot that is the receiver's; CPTR_NULL: none                  */
    uint64_t word[FRAME_WORDS_MAX]; /**< beyond words: anything                                                       */
};

struct transport;

struct transport_ops {
    uint8_t frame_words;            /**< a frame carries                                                              */
    bool caps;                      /**< carries capabilities                                                         */

    /** @return OK; E_TX_BUSY no credit, or no room for a capability now: ready() tells when it is worth another try;
     *          else the channel is broken: E_RPC_CLOSED the peer is gone; what it was */
    err_t (*send)(struct transport *t, const struct frame *f);

    /** Take the next frame, copied into memory of ours.  @return OK; E_CHANNEL_EMPTY; else the channel is broken, and all
     *  that came before was taken: E_RPC_CLOSED the peer is gone; E_BINDING_MALFORMED it lies; what it was */
    err_t (*receive)(struct transport *t, struct frame *f);

    /** From now on ready() is called when something comes: a frame if @p receive, credit or the peer's end in any case.
     *  @return something is there now: then it may not be called */
    bool (*arm)(struct transport *t, bool receive);

    /** Is something there?  NULL: it is never worth looking before arm. */
    bool (*poll)(struct transport *t);

    /** Tell the peer and release everything, @p t as well.  ready() is not called any more. */
    void (*close)(struct transport *t);
};

struct event_handler;

struct transport {
    const struct transport_ops *ops;
    struct binding *owner;          /**< set by the binding                                                           */
    struct event_handler *handler;  /**< of a struct lmp_channel: its endpoint's event.  NULL: nothing comes in registers */
};

/** For channels: frames or credit have come for @p owner.  Any thread; the events lock is held, or not. */
void transport_ready_entered(struct binding *owner);
void transport_ready(struct binding *owner);

#endif
