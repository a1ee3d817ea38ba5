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
 * Both are under the events lock, which on the target is disabled mode.
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

/** For the server: one for each message of the interface, by number; the first stands for no message. */
struct direct_row {
    /** Run the handler that answers at once on the words of the call; they are those of the answer then.  @return false:
     *  there is none, or a word does not fit; nothing was done */
    bool (*serve)(struct binding *b, struct direct_words *w);
    uint32_t call, response;
};

/** Make the call with these words, and wait, as long as the binding's timeout.  @p w: the answer's words then, of which
 *  nothing was checked but how many there are.  @return errors of binding_call_start() and binding_call_finish() */
err_t binding_call_words(struct binding *b, uint32_t call, uint32_t response, struct direct_words *w);

/** The answer's words are not what the interface says: the binding is closed.  @return E_BINDING_MALFORMED */
err_t binding_malformed(struct binding *b);

#endif
