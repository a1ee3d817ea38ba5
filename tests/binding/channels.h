/** @file channels.h  Each kind of channel that a binding can have, as a pair of ends within the test. */
#ifndef BINDING_CHANNELS_H
#define BINDING_CHANNELS_H

#include <os/transport.h>
#include <stddef.h>

struct channel_kind {
    const char *name;
    bool (*make)(struct transport *end[2]);     /**< end[0] for the client                                            */
    bool (*events)(void);                       /**< what happens between the two; @return whether anything did; or NULL */
};

/** The last has no name. */
extern const struct channel_kind channel_kinds[];

/** Endpoints of an imagined kernel (fake_lmp.c); one pair at a time. */
bool fake_lmp_make(struct transport *end[2]);
bool fake_lmp_events(void);

/** How often sys_yield() was called. */
extern unsigned fake_yields;

/** Rings of four slots, whose peer is told by a call.  Any number of pairs. */
bool ump_pair_make(struct transport *end[2]);

#endif
