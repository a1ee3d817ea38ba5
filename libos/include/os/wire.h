/**
 * @file wire.h  Messages as words, packed and unpacked by the tables that idlc makes of an interface.
 *
 * A *packet* is a message on its way: words, and capabilities beside them.  Nothing of it depends on the channel.
 *
 *   flat messages (scalars, and at most one capability)   one word for each scalar, in order
 *   all others      word 0: words that follow (bits 31..0), capabilities (bits 63..32); then each argument in order:
 *     scalar                 one word; signed numbers sign-extended, an errval's trail, an enum's number
 *     string                 its bytes (one word), then the bytes, filled up to whole words; no zero byte in it
 *     dynamic array          its elements (one word), then these
 *     fixed array            its elements
 *     elements               scalars: as in C, side by side, filled up to whole words; else one after another
 *     struct                 its members in order
 *     capability             one word: 1, and it is the packet's next one, or 0: CPTR_NULL
 *
 * Unpacking believes nothing: lengths are compared with what is left of the packet before anything is allocated, values
 * with the range of their type, bounds with the interface's.  A packet lies in memory of the receiver only, so that no
 * length changes after it was read; or it is *lent*, in memory that its sender writes to at any time and may take away:
 * then each word of it is fetched once, arrays and strings straight to where they will stay, and only what was fetched
 * is looked at.
 */
#ifndef OS_WIRE_H
#define OS_WIRE_H

#include <os/rpc.h>

enum wire_kind { WIRE_BOOL, WIRE_UNSIGNED, WIRE_SIGNED, WIRE_ENUM, WIRE_STRING, WIRE_CAP, WIRE_STRUCT, WIRE_ARRAY };

struct wire_field;

struct wire_type {
    uint8_t kind;
    bool give;                          /**< CAP: it moves to the receiver instead of being copied                    */
    uint32_t size;                      /**< in C                                                                     */
    uint32_t count;                     /**< ENUM: values; STRUCT: members; ARRAY: elements                           */
    uint32_t words_min;                 /**< on the wire at least; 1 for a scalar that stands alone                   */
    const struct wire_type *of;         /**< ARRAY                                                                    */
    const struct wire_field *fields;    /**< STRUCT                                                                   */
};

#define WIRE_INLINE UINT32_MAX          /* no dynamic array: the value itself is there */
#define WIRE_NO_MAX UINT32_MAX

/** A member of a struct, or an argument in the struct of a message's arguments. */
struct wire_field {
    const struct wire_type *type;
    uint32_t offset;
    uint32_t length;                    /**< offset of a dynamic array's length (size_t), or WIRE_INLINE              */
    uint32_t max;                       /**< most elements, or most bytes of a string                                 */
};

struct binding;

struct wire_message {
    const struct wire_field *fields;
    uint16_t number;                    /**< 1, 2, 3 … in the order of the interface; that of a response is its call's */
    uint16_t field_count;
    bool flat;
    bool call, response;                /**< halves of an rpc                                                         */
    bool error;                         /**< the first argument is an errval; if it is not OK the others mean nothing */
    uint32_t args_bytes;
    uint32_t words_min, words_max;      /**< of the packet; UINT32_MAX: without bound                                 */
    uint32_t caps_max;
    /** Call the user's handler.  @return false: there is none, and the arguments are still the caller's */
    bool (*deliver)(struct binding *b, void *args);
    /** Of a call: run a handler that answers at once.  @return false: there is none */
    bool (*serve)(struct binding *b, void *in, void *out);
};

/* For the tables. */
#define WIRE_FIELD(struct_, member_, type_)         { type_, offsetof(struct_, member_), WIRE_INLINE, WIRE_NO_MAX }
#define WIRE_BOUNDED(struct_, member_, type_, max_) { type_, offsetof(struct_, member_), WIRE_INLINE, max_ }
#define WIRE_DYNAMIC(struct_, member_, length_, type_, max_)                                                           \
    { type_, offsetof(struct_, member_), offsetof(struct_, length_), max_ }
#define WIRE_STRUCT_TYPE(c_, fields_, words_min_)                                                                      \
    { .kind = WIRE_STRUCT, .size = sizeof(c_), .count = sizeof(fields_) / sizeof(fields_[0]), .words_min = words_min_, \
      .fields = fields_ }
#define WIRE_ARRAY_TYPE(c_, of_, count_, words_min_)                                                                   \
    { .kind = WIRE_ARRAY, .size = sizeof(c_), .count = count_, .words_min = words_min_, .of = of_ }
#define WIRE_ENUM_TYPE(c_, count_) { .kind = WIRE_ENUM, .size = sizeof(c_), .count = count_, .words_min = 1 }

extern const struct wire_type wire_bool, wire_char, wire_int, wire_int8, wire_int16, wire_int32, wire_int64,
    wire_uint8, wire_uint16, wire_uint32, wire_uint64, wire_intptr, wire_uintptr, wire_size, wire_iref, wire_errval,
    wire_string, wire_cap, wire_give_away_cap;

/** Most words and capabilities of any packet, whatever the interface allows. */
#define WIRE_WORDS_MAX (1u << 17)
#define WIRE_CAPS_MAX  64u

/** Most words of a message that the interface sets no bound to: 64 KiB. */
#define WIRE_WORDS_UNBOUNDED (1u << 13)

#define WIRE_SMALL_WORDS 8u

static inline uint32_t wire_words_max(const struct wire_message *m)
{
    const uint32_t most = m->words_max == UINT32_MAX ? WIRE_WORDS_UNBOUNDED : m->words_max;

    return most < WIRE_WORDS_MAX ? most : WIRE_WORDS_MAX;
}

/** Copy out of memory that is not ours.  @return false: it is gone */
typedef bool wire_fetch_fn(void *to, const void *from, size_t bytes);

struct wire_packet {
    const struct wire_message *message;
    uint32_t words;
    uint16_t caps;
    bool lent;                          /**< word is neither small nor a block: it is not freed                       */
    uint64_t give;                      /**< bit i: capability i moves                                                */
    wire_fetch_fn *fetch;               /**< lent by a peer: how to read word; NULL: as any memory                    */
    uint64_t *word;                     /**< small, or a block of the heap; NULL: empty                               */
    cptr_t *cap;                        /**< one, or behind the words in the same block; lent: a block                */
    uint64_t small[WIRE_SMALL_WORDS];
    cptr_t one;
};

/** Where a packet of many words may be packed instead of the heap. */
struct wire_place {
    uint32_t words;                     /**< for packets of so many words and more                                    */
    /** @return memory for @p words; NULL: none */
    uint64_t *(*find)(struct wire_place *place, uint32_t words);
};

/** Make room in @p p.  @return E_HEAP, and then it is empty */
err_t wire_packet_room(struct wire_packet *p, const struct wire_message *m, uint32_t words, uint32_t caps);

/** Free the memory of @p p.  Its capabilities are not touched. */
void wire_packet_free(struct wire_packet *p);

/** Drop the capabilities that @p p still holds, and free it: for what was received. */
void wire_packet_drop(struct wire_packet *p);

/** The same for a packet whose words lie at @p word, memory of somebody else, for which @p fetch is meant. */
err_t wire_packet_lend(struct wire_packet *p, const struct wire_message *m, uint64_t *word, uint32_t words,
                       uint32_t caps, wire_fetch_fn *fetch);

/** Copy the words of a lent packet to memory of its own.
 * @return OK; E_HEAP; E_RPC_CLOSED the memory is gone; and then it is as it was */
err_t wire_packet_own(struct wire_packet *p);

/** Pack @p args, a struct of arguments as the tables of @p m say.  Nothing of it is used afterwards, but the
 *  capabilities' slots.  A NULL string is packed as "".  @p place: where a packet that is not flat may lie, or NULL.
 * @return OK; E_TOO_LONG; E_HEAP; and then @p p is empty.  Cost: O(bytes); no allocation up to WIRE_SMALL_WORDS */
err_t wire_pack(struct wire_packet *p, const struct wire_message *m, const void *args, struct wire_place *place);

/** Unpack into @p args, memory of m->args_bytes.  Strings and arrays are blocks of the heap, which become the caller's
 *  with the capabilities; a string is never NULL, an array of no elements is.  @p p may be freed afterwards.
 * @return OK; E_BINDING_MALFORMED; E_HEAP; E_RPC_CLOSED the memory of a lent packet is gone; and then there is nothing
 *         in @p args, and @p p holds what capabilities it had left.  Cost: O(bytes) */
err_t wire_unpack(struct wire_packet *p, void *args);

enum wire_caps { WIRE_KEEP_CAPS, WIRE_DROP_CAPS };

/** Free what wire_unpack() made.  @p caps: whether capabilities are deleted, too. */
void wire_release(const struct wire_message *m, void *args, enum wire_caps caps);

#endif
