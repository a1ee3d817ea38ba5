/** @file wire_types.c  Descriptions of the builtin types. */
#include <os/wire.h>

#define SCALAR(kind_, c_) { .kind = kind_, .size = sizeof(c_), .words_min = 1 }

const struct wire_type wire_bool = SCALAR(WIRE_BOOL, bool);
const struct wire_type wire_char = SCALAR(WIRE_UNSIGNED, char);
const struct wire_type wire_int = SCALAR(WIRE_SIGNED, int);
const struct wire_type wire_int8 = SCALAR(WIRE_SIGNED, int8_t);
const struct wire_type wire_int16 = SCALAR(WIRE_SIGNED, int16_t);
const struct wire_type wire_int32 = SCALAR(WIRE_SIGNED, int32_t);
const struct wire_type wire_int64 = SCALAR(WIRE_SIGNED, int64_t);
const struct wire_type wire_uint8 = SCALAR(WIRE_UNSIGNED, uint8_t);
const struct wire_type wire_uint16 = SCALAR(WIRE_UNSIGNED, uint16_t);
const struct wire_type wire_uint32 = SCALAR(WIRE_UNSIGNED, uint32_t);
const struct wire_type wire_uint64 = SCALAR(WIRE_UNSIGNED, uint64_t);
const struct wire_type wire_intptr = SCALAR(WIRE_SIGNED, intptr_t);
const struct wire_type wire_uintptr = SCALAR(WIRE_UNSIGNED, uintptr_t);
const struct wire_type wire_size = SCALAR(WIRE_UNSIGNED, size_t);
const struct wire_type wire_iref = SCALAR(WIRE_UNSIGNED, iref_t);
const struct wire_type wire_errval = SCALAR(WIRE_UNSIGNED, err_t);
const struct wire_type wire_string = { .kind = WIRE_STRING, .size = sizeof(char *), .words_min = 1 };
const struct wire_type wire_cap = { .kind = WIRE_CAP, .size = sizeof(cptr_t), .words_min = 1 };
const struct wire_type wire_give_away_cap = {
    .kind = WIRE_CAP, .give = true, .size = sizeof(cptr_t), .words_min = 1
};
