/** @file channels.h  Each kind of channel that a binding can have, as a pair of ends within the test. */
#ifndef BINDING_CHANNELS_H
#define BINDING_CHANNELS_H

#include <os/transport.h>
#include <stddef.h>

struct channel_kind {
    const char *name;
    bool (*make)(struct transport *end[2]);     /**< end[0] for the client                                            */
    void (*done)(void);                         /**< when both ends are closed; NULL: nothing to do                   */
};

/** The last has no name. */
extern const struct channel_kind channel_kinds[];

#endif
