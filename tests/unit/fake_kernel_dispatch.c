/** @file fake_kernel_dispatch.c  Dispatchers and endpoints of the fake kernel: checked, but none runs. */
#include "fake_kernel_state.h"
#include "test.h"

#include <shoal/dispframe.h>
#include <shoal/ring.h>

static err_t need(cptr_t addr, enum cap_type type, const struct fcap **c)
{
    struct fcap *found;

    TRY(fake_cap(addr, &found));
    REQUIRE(found->type == type, E_CAP_TYPE);
    *c = found;
    return OK;
}

static err_t configure(const uint64_t *a)
{
    const struct fcap *l1, *root, *frame, *fault;

    TRY(need(a[0], CAP_L1CNODE, &l1));
    TRY(need(a[1], CAP_VNODE_L0, &root));
    TRY(need(a[2], CAP_FRAME, &frame));
    if (a[4] != CPTR_NULL) {
        TRY(need(a[4], CAP_ENDPOINT, &fault));
    }
    return OK;
}

static err_t bind(const uint64_t *a)
{
    const struct fcap *disp, *frame;

    TRY(need(a[0], CAP_DISPATCHER, &disp));
    TRY(need(a[2], CAP_FRAME, &frame));
    REQUIRE(a[1] < DF_EVENT_IDS(SHOAL_PAGE_SIZE), E_EVENT);
    REQUIRE(a[4] <= RING_LOG2_MAX, E_ARG);
    REQUIRE(a[3] % 128 == 0, E_CAP_ALIGN);
    REQUIRE(RING_BYTES(a[4]) <= frame->bytes && a[3] <= frame->bytes - RING_BYTES(a[4]), E_CAP_RANGE);
    return OK;
}

err_t fake_dispatch(struct fcap *c, uint64_t op, const uint64_t *a)
{
    if (c->type == CAP_DISPATCHER) {
        return op == DISPATCHER_CONFIGURE ? configure(a) : ERR(E_OP);
    }
    return op == ENDPOINT_BIND ? bind(a) : op == ENDPOINT_SET_RECV_SLOT ? OK : ERR(E_OP);
}
