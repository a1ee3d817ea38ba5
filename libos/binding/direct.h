/** @file direct.h  Private to direct_call.c and direct_serve.c: the tag of a message that is one frame (os/lmp_channel.h). */
#ifndef BINDING_DIRECT_H
#define BINDING_DIRECT_H

#include "internal.h"

#include <os/direct_cpu.h>
#include <os/lmp_channel.h>

/* A token is slot and generation (call.c).  Direct calls have slot 0, and the count of what was sent is their generation:
 * with all that was sent acknowledged, no two of the 4,095 last ones are alike. */
#define GENERATION_SHIFT 28u
#define GENERATION_MASK  0xfffull
#define ACK_SHIFT        40u
#define TOKEN_SHIFT      24u
#define CODE_MASK        ((1u << DIRECT_BITS) - 1)

_Static_assert(TAG_USER_SHIFT + HEAD_TOKEN_SHIFT == TOKEN_SHIFT && TAG_USER_SHIFT + 32 == ACK_SHIFT &&
               ACK_SHIFT + CREDIT_BITS == 64 && BINDING_CALLS_MAX == 1u << (GENERATION_SHIFT - TOKEN_SHIFT),
               "where the tag has what");
_Static_assert(DIRECT_WORDS == XFER_WORDS && DIRECT_CALL(1, 0) == 1u << TAG_USER_SHIFT &&
               DIRECT_RESPONSE(0, 0) == HEAD_RESPONSE << TAG_USER_SHIFT, "words and code");

#endif
