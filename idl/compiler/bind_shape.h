/** @file bind_shape.h  How a message travels by a binding, and what its tables and stubs are called. */
#ifndef IDL_BIND_SHAPE_H
#define IDL_BIND_SHAPE_H

#include "emit.h"

/** A half of a message: of an rpc the call or the response, of another the whole. */
struct half {
    struct unit *unit;
    const struct message *message;
    enum direction direction;
};

/** Words on the wire, at least and at most. */
struct words {
    uint64_t min, max;
};
#define WORDS_UNBOUNDED UINT32_MAX

/** Its type, renaming followed. */
const struct type *bind_real(const struct field *f);

/** Next argument of the half from @p f on, NULL: none. */
const struct field *bind_next(const struct half *h, const struct field *f);
#define FOR_ARGUMENTS(f_, h_) \
    for (const struct field *f_ = bind_next(h_, (h_)->message->fields); f_; f_ = bind_next(h_, f_->next))

bool bind_has_arguments(const struct half *h);

/** "count_call": what the half is called within the interface. */
const char *bind_name(const struct half *h);

/** Name of the table that describes @p t, for an initialiser: "wire_uint8", "counter__card". */
const char *bind_type(struct unit *u, const struct type *t);

/** Scalars and at most one capability. */
bool bind_is_flat(const struct half *h);

struct words bind_type_words(const struct type *t);
struct words bind_words(const struct half *h);

/** Most capabilities of a packet, or WORDS_UNBOUNDED. */
uint64_t bind_caps(const struct half *h);

/** The argument of an rpc that its function returns: the first out argument, if it is an error.  Else NULL. */
const struct field *bind_error_of(const struct message *m);

/** A name for something of the stub's own: @p name, and underscores until no argument has it. */
const char *bind_own(struct unit *u, const struct message *m, const char *name);

/** How an argument stands in a function's parameters. */
enum parameter_form {
    FORM_SEND,          /**< only read                                                                                */
    FORM_RECEIVE,       /**< the receiver's                                                                           */
    FORM_RESULT,        /**< written                                                                                  */
};

/** Add the parameters for the half's arguments to a list; bind_error_of() left out for FORM_RESULT. */
void bind_parameters(struct out *o, const struct half *h, enum parameter_form form);

/** Heads of functions, up to the ")". */
void bind_head_send(struct out *o, const struct half *h);
void bind_head_call(struct out *o, struct unit *u, const struct message *m);
void bind_head_start(struct out *o, struct unit *u, const struct message *m);
void bind_head_finish(struct out *o, struct unit *u, const struct message *m);

/* --- emit_bind_direct.c: rpcs that stay in registers (os/direct.h) --- */

/** Both halves are eight scalars at most. */
bool bind_is_direct(struct unit *u, const struct message *m);
bool bind_any_direct(struct unit *u);

/** The client's call; the server's function; the table of these. */
void bind_direct_call(struct out *o, struct unit *u, const struct message *m);
void bind_direct_serve(struct out *o, struct unit *u, const struct message *m);
void bind_direct_table(struct out *o, struct unit *u);

/** Run @p each for every half of the interface. */
void bind_each_half(struct unit *u, struct out *o, void (*each)(struct out *o, const struct half *h));

#endif
