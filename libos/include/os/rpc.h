/**
 * @file rpc.h  What the stubs without heap and waitset need (idl/compiler/emit_rpc.c).  A transport implements rpc_call()
 * and rpc_drop_cap(), takes requests from its peer and hands them to the server's generated ..._serve().
 *
 * On the wire: a request has its message's number, 1 … 0x1fff; a reply the same number with RPC_REPLY, and an error
 * instead of a reply RPC_ERROR as well: it has one word, the err_t, and no capability.  Each scalar is one word, in the
 * order of the interface, signed numbers sign-extended; the error that an rpc returns as its first out argument is no
 * word of the reply.
 */
#ifndef OS_RPC_H
#define OS_RPC_H

#include <shoal/cap.h>
#include <shoal/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPC_WORDS 8u
#define RPC_REPLY 0x8000u
#define RPC_ERROR 0x4000u
#define RPC_KEPT  0x2000u           /* never on the wire: a request whose answer comes later */

/** Names an exported service on all cores. */
typedef uint64_t iref_t;

/** irefs and numbers of processes: each core counts in the lower half, and is the upper half itself. */
#define ID_CORE_SHIFT 32

static inline uint64_t id_core(uint64_t id)
{
    return id >> ID_CORE_SHIFT;
}

/** A message in the memory of its sender or its receiver only: what is received is copied before it is looked at. */
struct rpc_message {
    union {
        struct {
            uint16_t number;
            uint8_t length;     /**< words used                                                                       */
            bool give;          /**< sending: the capability moves to the receiver instead of being copied; received:
                                     anything                                                                         */
        };
        uint64_t head;          /**< the three at once: RPC_HEAD()                                                    */
    };
    cptr_t cap;                 /**< received: the slot it came to, which is the receiver's; CPTR_NULL: none          */
    uint64_t word[RPC_WORDS];   /**< beyond length: received, anything; sending, it may go along: what the receiver may see */
};

#define RPC_HEAD(number_, length_) ((uint64_t)(number_) | (uint64_t)(length_) << 16)
#define RPC_GIVE                   (1ull << 24)

_Static_assert(sizeof(struct rpc_message) == 80, "docs/idl.md says so");

/** A client's binding to one service. */
struct rpc_client;

/** Send @p m and wait; @p m is then the reply, whatever the server sent.  A capability to give away is gone if this
 *  succeeds, and possibly if it does not.
 * @return errors of the transport; then @p m holds no reply and no capability came */
err_t rpc_call(struct rpc_client *c, struct rpc_message *m);

/** Delete a capability that was received and that nobody wants, and free its slot. */
void rpc_drop_cap(cptr_t cap);

/* --- for the stubs --- */

enum rpc_cap { RPC_NO_CAP, RPC_CAP };

static inline bool rpc_fits(const struct rpc_message *m, unsigned length, enum rpc_cap cap)
{
    return m->length == length && (m->cap != CPTR_NULL) == (cap == RPC_CAP);
}

/** Whether @p word is a sign-extended number of @p bits, less than 64. */
static inline bool rpc_fits_signed(uint64_t word, unsigned bits)
{
    return word + (1ull << (bits - 1)) < 1ull << bits;
}

/** The received capability; from now on the caller answers for it. */
static inline cptr_t rpc_take_cap(struct rpc_message *m)
{
    const cptr_t cap = m->cap;

    m->cap = CPTR_NULL;
    return cap;
}

static inline void rpc_drop_received(struct rpc_message *m)
{
    if (m->cap != CPTR_NULL) {
        rpc_drop_cap(rpc_take_cap(m));
    }
}

/** Make the request @p m a reply without a capability; the words are the caller's to fill in. */
static inline void rpc_reply(struct rpc_message *m, unsigned length)
{
    m->number |= RPC_REPLY;
    m->length = (uint8_t)length;
    m->cap = CPTR_NULL;
    m->give = false;
}

/** rpc_reply() to the request @p number. */
static inline void rpc_reply_to(struct rpc_message *m, unsigned number, unsigned length)
{
    m->head = RPC_HEAD(number | RPC_REPLY, length);
    m->cap = CPTR_NULL;
}

/** The handler of the request @p m answers later (E_RPC_LATER): the request stays as it was, with its capability @p cap,
 *  and is no reply. */
static inline void rpc_later(struct rpc_message *m, cptr_t cap)
{
    m->cap = cap;
    m->number |= RPC_KEPT;
}

/** Make the request @p m a reply that says @p err.  A capability that came with it and was not taken is dropped. */
static inline void rpc_fail(struct rpc_message *m, err_t err)
{
    rpc_drop_received(m);
    rpc_reply(m, 1);
    m->number |= RPC_ERROR;
    m->word[0] = err.trail;
}

/** What the reply @p m to the request @p number says.  @return OK: it has @p length words and a capability or not as
 *  @p cap says; the server's error; E_RPC_REPLY, and then a capability that came was dropped */
static inline err_t rpc_result(struct rpc_message *m, unsigned number, unsigned length, enum rpc_cap cap)
{
    const bool is = ((m->head ^ RPC_HEAD(number | RPC_REPLY, length)) & (RPC_GIVE - 1)) == 0;

    if (__builtin_expect(is && (m->cap != CPTR_NULL) == (cap == RPC_CAP), 1)) {
        return OK;
    }
    if (m->number == (number | RPC_REPLY | RPC_ERROR) && rpc_fits(m, 1, RPC_NO_CAP) && m->word[0] != 0 &&
        err_root((err_t){ m->word[0] }) != E_RPC_LATER) {       /* which a server that passes it on would take as its own */
        return (err_t){ m->word[0] };
    }
    rpc_drop_received(m);
    return ERR(E_RPC_REPLY);
}

/** @return OK; E_RPC_REPLY if not @p good, and then a capability that came was dropped */
static inline err_t rpc_in_range(struct rpc_message *m, bool good)
{
    if (good) {
        return OK;
    }
    rpc_drop_received(m);
    return ERR(E_RPC_REPLY);
}

#endif
