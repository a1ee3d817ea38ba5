/**
 * @file mailbox.h  Signals from one core's kernel to another's.
 *
 * For each ordered pair of cores there is one block that the sending kernel alone writes.  An entry is the index of a Notify
 * on the receiving core.  The counts are of 64 bits and never wrap.
 *
 * B1  An index has at most one entry under way: last[index] > taken of the other direction says that it has.  There are no more
 *     indices than entries, so the ring cannot overflow, and nobody's signals can keep another's out.
 * B2  `written` is stored with release behind the entry, and loaded with acquire before it: who sees the count sees the entry.
 * B3  `taken` is stored with release (STLR) when the entries have been taken and their Notifys posted, before any user code of
 *     the receiving core runs; the sender loads it with acquire (LDAR) after the user's last store-release.  So if the sender
 *     skips a signal because an earlier one is under way, the receiver's next look (LDAR) sees what the signal was about.  It is
 *     store buffering with all four accesses sequentially consistent: LDAPR or plain accesses would lose wake-ups.
 * B4  DSB ISHST stands between the stores and the doorbell, DSB SY between its acknowledgement and the loads: an interrupt is
 *     no memory access, so nothing else orders the two.
 *
 * What lies in the block is not believed: own counts are kept in the KCB, indices are masked by the CSpace lookup.
 */
#ifndef DISPATCH_MAILBOX_H
#define DISPATCH_MAILBOX_H

#include <core/kcb.h>
#include <shoal/err.h>
#include <shoal/mailbox.h>

#define MAILBOX_ENTRIES 1024u
#define MAILBOX_BATCH   32u         /* entries taken in one kernel entry; more ring the own doorbell again */

enum mailbox_state { MAILBOX_UP = 1, MAILBOX_DEAD = 2 };

struct mailbox {
    uint64_t written;               /**< entries ever put here                                                        */
    uint64_t state;                 /**< enum mailbox_state; 0: the writer is not connected yet                       */
    uint64_t reserved0_[6];
    uint64_t taken;                 /**< entries that the writer has taken from the other direction: a line of its own */
    uint64_t reserved1_[7];
    uint32_t entry[MAILBOX_ENTRIES];
    uint64_t last[MAILBOX_ENTRIES]; /**< by index: `written` behind its last post; 0: never posted                    */
};
_Static_assert(sizeof(struct mailbox) <= MAILBOX_PAIR_BYTES / 2 && MAILBOX_INDICES <= MAILBOX_ENTRIES, "a block");

/** Connect with core @p core, over @p frame from @p offset on; @p l1 names the Notifys it may signal.
 * @return E_ARG no such core, or this one; E_BOUND; E_CAP_TYPE, E_CAP_RIGHTS of the two (readable and writable); E_CAP_ALIGN
 *         @p offset no multiple of a page; E_CAP_RANGE.  Zeroes this core's block. */
err_t mailbox_connect(struct kcb *k, uint64_t core, struct cte *frame, uint64_t offset, struct cte *l1);

/** Undo it.  @return E_ARG; E_NO_PEER; E_AGAIN: call again.  A CNode that dies by it is left to cap_reap. */
err_t mailbox_disconnect(struct kcb *k, uint64_t core);

/** enum peer_state of @p core, which exists. */
uint64_t mailbox_peer_state(const struct kcb *k, uint64_t core);

/** Signal the Notify that core @p core knows as @p index (below MAILBOX_INDICES).  @return E_NO_PEER, E_DEAD.  O(1) */
err_t mailbox_signal(struct kcb *k, uint64_t core, uint64_t index);

/** The doorbell has been acknowledged: take what has come.  O(cores + MAILBOX_BATCH) */
void mailbox_doorbell(struct kcb *k);

/** This kernel is about to end by panic: tell all it is connected with.  Trusts as little of @p k as it can. */
void mailbox_die(struct kcb *k);

#endif
