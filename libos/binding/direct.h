/** @file direct.h  Private to direct_call.c and direct_serve.c. */
#ifndef BINDING_DIRECT_H
#define BINDING_DIRECT_H

#include "internal.h"

#include <os/direct_call.h>

#define TOKEN_SHIFT (TAG_USER_SHIFT + HEAD_TOKEN_SHIFT)

_Static_assert(TAG_USER_SHIFT + 32 == DIRECT_ACK_SHIFT && DIRECT_ACK_SHIFT + CREDIT_BITS == 64 &&
               BINDING_CALLS_MAX == 1u << (DIRECT_GENERATION_SHIFT - TOKEN_SHIFT) && TOKEN_SHIFT == DIRECT_SLOT_SHIFT, "where the tag has what");
_Static_assert(DIRECT_WORDS == XFER_WORDS && DIRECT_CALL(1, 0) == 1u << TAG_USER_SHIFT &&
               DIRECT_RESPONSE(0, 0) == HEAD_RESPONSE << TAG_USER_SHIFT, "words and code");

#endif
