/** @file capops.c  Setting up, and what comes in. */
#include "job.h"

#include <os/bug.h>

void capops_init(struct capops *co, const struct capops_config *config)
{
    OS_ASSERT(config->cores <= CAPOPS_CORES_MAX && config->core < config->cores && config->boot < config->cores);
    *co = (struct capops){ .config = *config, .random = 1 };
    co->leave.from = CAPOPS_NOBODY;
    for (uint64_t i = 0; i < config->cores; i++) {
        config->peers[i].gone.from = CAPOPS_NOBODY;
        for (unsigned j = 0; j < CAPOPS_WINDOW; j++) {
            config->peers[i].forward[j].from = config->peers[i].job[j].from = CAPOPS_NOBODY;
        }
    }
}

void capops_lonely(struct capops *co)
{
    tallies_look(co);
    jobs_wake(co, JOB_LEAVE);
}

void capops_request(struct capops *co, uint64_t core, const struct capops_request *request)
{
    if (core >= co->config.cores || co->config.peers[core].state != CAPOPS_UP) {
        return;                                     /* it has left, or was declared dead */
    }
    switch (request->kind) {
    case CAPOPS_FORWARD:
        send_forward(co, core, request);
        break;
    case CAPOPS_IMPORT:
        send_import(co, core, request);
        break;
    case CAPOPS_DROPPED:
        send_dropped(co, core, request);
        break;
    case CAPOPS_PURGE:
        purge_request(co, core, request);
        break;
    case CAPOPS_LEND:
        lend_request(co, core, request);
        break;
    case CAPOPS_RETURN:
        return_request(co, core, request);
        break;
    case CAPOPS_RECALL:
        co->config.events->recalled(co->config.context, request->bytes);
        peer_answer(co, core, request->id, E_OK, false);
        break;
    case CAPOPS_LEAVING:
        leaving_request(co, core, request);
        break;
    case CAPOPS_GONE:
        gone_request(co, core, request);
        break;
    }
}
