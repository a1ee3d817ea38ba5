/**
 * @file transport.h  What a channel does for a binding: carry frames of a few words and at most one capability, in
 * order.
 *
 * send, receive and close are called with the binding's lock held; poll and arm with the events lock held, so they touch
 * memory of the channel only, and make no call but a system call that does not wait.  poll and, of a channel that has
 * one, arm may run beside send and receive.  None of them waits, except for memory where a channel shares some: receive
 * maps what the peer offers, close gives it back.
 */
#ifndef OS_TRANSPORT_H
#define OS_TRANSPORT_H

#include <os/binding_cap.h>
#include <os/wire.h>

#define FRAME_WORDS_MAX 8u

/* Heads that mean something to channels; others are the binding's alone. */
#define FRAME_SHARED 0x4003u    /* announces a packet in shared memory (struct share_ops) */
#define FRAME_OFFER  0x4004u    /* from channel to channel: a capability of memory to share; no binding sees it */

struct frame {
    uint32_t head;                  /**< the binding's                                                                */
    uint8_t words;
    bool give;                      /**< sending: the capability moves, and its slot is the channel's to free or hand on */
    cptr_t cap;                     /**< received: in a slot that is the receiver's; CPTR_NULL: none                  */
    uint64_t word[FRAME_WORDS_MAX]; /**< beyond words: anything                                                       */
};

struct transport;

/**
 * Memory that both sides see, for packets too long for frames: a part for each direction, in which one packet lies at a
 * time.  Its sender asks for room(), writes it there, and sends a frame with FRAME_SHARED; the part is in use from then
 * until the receiver says taken().  The receiver may only read it; what it reads is the peer's, who may change it, or
 * take it away, at any time.  Called with the binding's lock held; room() may ask for memory, and so wait for the
 * memory server.
 */
struct share_ops {
    /** Room for @p bytes, until the next call.  Memory is shared from the first time on, and more when it gets too small.
     *  @return OK; E_TX_BUSY the last packet is not taken yet: ready() tells when it is worth another try; else there is no
     *          room for a packet of this length now, and it goes in frames */
    err_t (*room)(struct transport *t, size_t bytes, uint64_t **at);

    /** A frame with FRAME_SHARED was the last that was received: where its packet lies, if it has @p bytes.
     *  @return NULL: the peer shares no memory, or not so much */
    const uint64_t *(*packet)(struct transport *t, size_t bytes);

    /** How to read it; NULL: as any memory, the peer is no other than us. */
    wire_fetch_fn *fetch;

    /** It was read.  The next receive() implies it. */
    void (*taken)(struct transport *t);
};

struct transport_ops {
    uint8_t frame_words;            /**< a frame carries                                                              */
    bool caps;                      /**< carries capabilities                                                         */
    const struct share_ops *share;  /**< NULL: all packets go in frames                                               */

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

    /** Let the peer run now, as far as that can be done; without the binding's lock.  NULL: it cannot. */
    void (*yield)(void);

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
