/** @file internal.h  Between the parts of libos/lmp. */
#ifndef LMP_INTERNAL_H
#define LMP_INTERNAL_H

#include <os/lmp_channel.h>

static inline struct lmp_channel *lmp_channel_of(struct transport *t)
{
    return (struct lmp_channel *)t;
}

/* --- channel.c --- */

/** Send a message.  @return E_TX_BUSY and others of transport_ops.send */
err_t lmp_channel_send(struct lmp_channel *c, const struct frame *f);

/** Has the peer taken all of the first @p count messages?  If not, ready() is called when it has taken one more.
 * @return OK; E_TX_BUSY no; E_BINDING_MALFORMED it says what cannot be */
err_t lmp_channel_acked(struct lmp_channel *c, uint64_t count);

/** A message that was received counts as taken from now on. */
void lmp_channel_took(struct lmp_channel *c);

/* --- share.c --- */

extern const struct share_ops lmp_share_ops;

/** Send an announcement, and before it the offer, if it has not been sent.  Errors of lmp_channel_send() */
err_t lmp_share_send(struct lmp_channel *c, const struct frame *f);

/** An announcement or an offer was received.
 * @return OK; E_CHANNEL_EMPTY it was an offer, which no binding sees; E_BINDING_MALFORMED; errors of binding_share_map() */
err_t lmp_share_take(struct lmp_channel *c, struct frame *f);

/** The channel is closed. */
void lmp_share_end(struct lmp_channel *c);

#endif
