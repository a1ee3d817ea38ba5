/* Made by idlc from shared.if: do not edit. */
/** @file shared.h  Types from an import */
#ifndef STUBS_SHARED_H
#define STUBS_SHARED_H

#include <os/rpc.h>

/** Two sides with the same fingerprint mean the same by every message. */
#define SHARED_FINGERPRINT 0x64c59f938ed36db2ull

enum shared_message {
    SHARED_MESSAGE_READ = 1,
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

typedef units_unit_t shared_unit_or_none_t;

/* --- Client: a call sends, waits, and returns the server's error or one of the transport. --- */

err_t shared_read(struct rpc_client *c, units_unit_t what, uint64_t skip, units_sample_t *value,
                  shared_unit_or_none_t *next);

/* --- The halves of a call, for clients that do not wait in between (rpc_post() of os/rpc_lmp.h). --- */

void shared_read_request(struct rpc_message *m, units_unit_t what, uint64_t skip);
err_t shared_read_result(struct rpc_message *m, units_sample_t *value, shared_unit_or_none_t *next);

/* --- Server --- */

/** Handlers; one that is NULL refuses its call.  A capability that comes in is the handler's, also when
 *  it fails, but not when it returns E_RPC_LATER, to be asked again; what goes out counts only when it
 *  succeeds. */
struct shared_ops {
    err_t (*read)(void *session, units_unit_t what, uint64_t skip, units_sample_t *value,
                  shared_unit_or_none_t *next);
};

/** Check the request @p m, which nobody else can write to, call its handler, and make @p m the reply.
 *  Requests that do not fit the interface reach no handler: E_RPC_MALFORMED, E_RPC_NUMBER. */
void shared_serve(const struct shared_ops *ops, void *session, struct rpc_message *m);

#endif
