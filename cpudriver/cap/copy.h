/** @file copy.h  Copy, mint and move capabilities.  No object changes by it; only who can name it, and with what rights. */
#ifndef CAP_COPY_H
#define CAP_COPY_H

#include <core/kcb.h>
#include <shoal/err.h>

/** Whether @p src may be copied: not a Mapping (it describes one place), not the receive side of an Endpoint. */
err_t cap_check_copy(const struct cte *src);

/** Put a copy of @p src, with the rights also in @p mask, into the empty slot @p dst.  cap_check_copy was passed. */
void cap_copy(struct kcb *k, struct cte *src, struct cte *dst, uint64_t mask);

/** As cap_copy with checks, and a badge: an Endpoint's send cap that has none gets @p badge (not 0); a receive cap gives
 *  a send cap, with any badge.  Send caps never have RIGHT_OWN, or a client could revoke its server's endpoint.
 * @return E_CAP_COPY, E_CAP_BADGE */
err_t cap_mint(struct kcb *k, struct cte *src, struct cte *dst, uint64_t mask, uint64_t badge);

/** A copy of @p src into @p dst, a slot inside a kernel object or the KCB, whose loss embed_lost(@p embed) will see.
 *  @p flags: CTE_WEAK or 0. */
void cap_embed(struct kcb *k, struct cte *src, struct cte *dst, unsigned embed, unsigned flags);

#endif
