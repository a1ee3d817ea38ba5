/** @file internal.h  Within libos/process. */
#ifndef PROCESS_INTERNAL_H
#define PROCESS_INTERNAL_H

#include <os/rpc.h>

/** Child @p pid was started over that binding. */
void process_server_child(const struct rpc_client *client, uint64_t pid);

/** Its number is one of a child of ours on a core that was stopped since: so it has ended. */
bool process_server_ended(uint64_t pid);

#endif
