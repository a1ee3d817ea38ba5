/**
 * @file endpoint.h  Endpoints and the slow path of xfer.  The fast one, with the same meaning, is
 * arch/aarch64/fastpath.S.
 */
#ifndef DISPATCH_ENDPOINT_H
#define DISPATCH_ENDPOINT_H

#include <core/kcb.h>
#include <shoal/err.h>
#include <shoal/syscall.h>

/** Bind @p ep to a dispatcher, an event id and a ring of 2^@p log2 messages at @p offset in @p frame.
 * @return E_DEAD its ring or dispatcher was lost; E_BOUND; E_EVENT; E_ARG log2; E_CAP_ALIGN offset not a multiple of 128;
 *         E_CAP_RANGE the ring does not fit; E_CAP_RIGHTS the frame is not readable and writable */
err_t endpoint_bind(struct kcb *k, struct endpoint *ep, struct cte *dispatcher, uint64_t event, struct cte *frame,
                    uint64_t offset, uint64_t log2);

/** xfer for the current dispatcher, arguments in kcb->arg.  Returns if it goes on in its thread: OK, or the error of the
 *  send (E_CAP_LOOKUP, E_CAP_EMPTY, E_CAP_TYPE, E_CAP_RIGHTS, E_TAG, E_UNBOUND, E_DEAD, E_FULL, E_CAP_COPY,
 *  E_RECV_SLOT); otherwise leaves the kernel. */
err_t xfer(struct kcb *k);

/** A message from the kernel: fault report of five words through the send cap in @p slot.  Lost if the ring is full,
 *  which cannot be if each dispatcher that reports there has a slot of the ring to itself. */
void endpoint_report(struct kcb *k, const struct cte *slot, const uint64_t *words);

#endif
