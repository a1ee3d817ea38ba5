/* Made by idlc from shared2.if: do not edit. */
/** @file shared2.h  The same types in another interface */
#ifndef STUBS_SHARED2_H
#define STUBS_SHARED2_H

#include <os/rpc.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define SHARED2_FINGERPRINT 0x21e005ecff3133cfull

enum shared2_message {
    SHARED2_MESSAGE_WRITE = 1,
};

/* Types of units.if, which other interfaces may use too. */
#ifndef STUBS_TYPES_UNITS
#define STUBS_TYPES_UNITS

/** Where a number comes from. */
typedef enum {
    /** since the system started */
    UNITS_UNIT_SECONDS,
    /** of this core */
    UNITS_UNIT_INSTRUCTIONS,
} units_unit_t;

typedef uint32_t units_sample_t;

typedef struct {
    units_unit_t what;
    char *label;
    units_sample_t *values;
    size_t values_length;
} units_series_t;

typedef units_sample_t units_window_t[16];

#endif

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t shared2_write(struct rpc_client *c, units_sample_t value, units_unit_t what);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void shared2_write_request(struct rpc_message *m, units_sample_t value, units_unit_t what);
err_t shared2_write_result(struct rpc_message *m);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct shared2_ops {
    err_t (*write)(void *session, units_sample_t value, units_unit_t what);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void shared2_serve(const struct shared2_ops *ops, void *session, struct rpc_message *m);

#endif
