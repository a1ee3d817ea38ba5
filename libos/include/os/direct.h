/**
 * @file direct.h  Calls of a few words that stay in registers from one process to the other and back (LMP, one core).
 *
 * An rpc is *direct* if both its halves are at most eight scalars; idlc makes a client stub and a function for the server
 * that know the words, so no table is read.  The client parks in the system call that sends, the server in the one that
 * answers (event_serve()); neither touches locks, waitset, ring or heap.  That is so while nothing stands in the way: the
 * binding is open and at rest, its ring empty, all that was sent is acknowledged, and no other thread can run.  If
 * anything does, the same words go by the same frames the usual way, and nobody can tell the difference.
 *
 * D1  binding.direct is set only while nobody is inside the binding (binding.users is 0) and it is at rest; who enters it
 *     clears it, who leaves last looks again.  What has to hold for a call to stay in registers is decided there, once.
 * D2  Who enters a binding while a call is under way in registers, makes an ordinary one of it (binding_settle()).
 * D3  While binding.direct is set, the ring is empty, the peer was there when it was last heard of, and it has acknowledged
 *     all that was sent: the channel's event clears it, too.
 * All is under the events lock, which on the target is disabled mode.
 */
#ifndef OS_DIRECT_H
#define OS_DIRECT_H

#include <shoal/err.h>
#include <stdbool.h>
#include <stdint.h>

struct binding;

#define DIRECT_WORDS 8u

/** Words of one half, unused ones 0. */
struct direct_words {
    uint64_t word[DIRECT_WORDS];
};

/** Number and length of a half, as the tag of its message has them in its lower bits. */
#define DIRECT_CALL(number_, words_)     ((uint32_t)(number_) << 8 | (words_))
#define DIRECT_RESPONSE(number_, words_) (((uint32_t)(number_) | 0x8000u) << 8 | (words_))
#define DIRECT_BITS                      24
#define DIRECT_NONE                      UINT32_MAX      /* no tag has that */

/** What a call has for an answer: the first word, and what is needed to judge it; the other words lie where the call's
 *  were. */
struct direct_answer {
    uint64_t code;                  /**< DIRECT_RESPONSE; 0: the call was not served, and nothing was done            */
    uint64_t first;
};

/** Run the handler that answers at once.  Not served: there is none, or a word does not fit */
typedef struct direct_answer direct_serve_fn(struct binding *b, struct direct_words *w);

/** For the server: one for each message of the interface, by number; the first stands for no message. */
struct direct_row {
    direct_serve_fn *serve;
    uint64_t call;
};
struct direct_table {
    const struct direct_row *row;
    uint64_t count;
};

struct direct_result {
    err_t err;
    uint64_t first;                 /**< the answer's first word, if the error is OK                                  */
};

/** The answer's words are not what the interface says: the binding is closed.  @return E_BINDING_MALFORMED */
err_t binding_malformed(struct binding *b);

#endif
