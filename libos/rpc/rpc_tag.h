/** @file rpc_tag.h  The tag word of an RPC message; private to libos/rpc. */
#ifndef RPC_TAG_H
#define RPC_TAG_H

#include <os/rpc_lmp.h>
#include <shoal/syscall.h>

#define RPC_NUMBER_SHIFT 8
#define RPC_TOKEN_SHIFT  24

static inline uint64_t rpc_tag(const struct rpc_message *m, uint32_t token)
{
    return m->length | (m->cap ? TAG_CAP | (m->give ? TAG_GIVE : 0) : 0) | (uint64_t)m->number << RPC_NUMBER_SHIFT |
           (uint64_t)token << RPC_TOKEN_SHIFT;
}

/** The same of a message without a capability. */
static inline uint64_t rpc_tag_of_words(const struct rpc_message *m, uint32_t token)
{
    return m->length | (uint64_t)m->number << RPC_NUMBER_SHIFT | (uint64_t)token << RPC_TOKEN_SHIFT;
}

static inline uint32_t rpc_token(uint64_t tag)
{
    return (uint32_t)(tag >> RPC_TOKEN_SHIFT);
}

/** What @p tag says of the message @p m, whose words are there already.  @p received: where a capability lies, if one came */
static inline void rpc_from_tag(struct rpc_message *m, uint64_t tag, cptr_t received)
{
    m->head = RPC_HEAD((uint16_t)(tag >> RPC_NUMBER_SHIFT), tag & TAG_LENGTH_MASK);
    m->cap = __builtin_expect(tag & TAG_CAP, 0) ? received : CPTR_NULL;
}

/** Move a capability that came with @p m to @p slot; CPTR_NULL: it stays.  @return errors of cap_move, and it is dropped
 *  then */
err_t rpc_place_cap(struct rpc_message *m, cptr_t slot);

/** Without threads, the next call on @p c wants it there. */
void rpc_want_slot(struct rpc_client *c, cptr_t slot);

/** Where the call on @p c that begins now wants it, if its thread has not said. */
cptr_t rpc_wanted_slot(struct rpc_client *c);

/** The message in @p tag and @p word; a capability, if one came, lies at @p received. */
static inline void rpc_unpack(struct rpc_message *m, uint64_t tag, const uint64_t *word, cptr_t received)
{
    rpc_from_tag(m, tag, received);
    for (unsigned i = 0; i < XFER_WORDS; i++) {
        m->word[i] = i < m->length ? word[i] : 0;       /* what lies behind the length is nobody's */
    }
}

#endif
