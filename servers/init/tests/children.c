/** @file children.c  Contracts in children.h. */
#include "children.h"

void child_access(volatile struct shared *page)
{
    const uint64_t address = page->arg[1];

    switch ((enum access)page->arg[0]) {
    case ACCESS_READ:
        page->result[0] = *(volatile uint64_t *)address;
        break;
    case ACCESS_WRITE:
        *(volatile uint64_t *)address = page->arg[2];
        break;
    case ACCESS_EXEC:
        ((void (*)(void))address)();
        break;
    }
    page->result[1] = 1;
    child_exit();
}

void child_spin(volatile struct shared *page)
{
    for (;;) {
        page->result[0]++;
    }
}

void child_nothing(volatile struct shared *page)
{
    (void)page;
    child_exit();
}

void child_send(volatile struct shared *page)
{
    struct xfer x = { .dest = page->arg[0], .accept = (uint64_t)XFER_NO_PARK, .tag = page->arg[1],
                      .cap = page->arg[2] };

    for (unsigned i = 0; i < XFER_WORDS; i++) {
        x.word[i] = page->arg[4 + i];
    }
    page->result[0] = sys_xfer(&x).trail;
    child_exit();
}

err_t park(struct xfer *x)
{
    struct dispatcher_frame *frame = frame_self();

    disable(frame);
    const err_t err = sys_xfer(x);
    if (err_root(err) != E_WOKEN) {
        enable(frame);
    }
    return err;
}

void child_garbage(volatile struct shared *page)
{
    uint64_t random = page->arg[1];

    for (uint64_t i = 0; i < page->arg[3]; i++) {
        struct xfer x = { .dest = page->arg[0], .accept = (uint64_t)XFER_NO_PARK, .cap = page->arg[2] };
        for (unsigned w = 0; w <= XFER_WORDS; w++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            *(w < XFER_WORDS ? &x.word[w] : &x.tag) = random >> 7 ^ random << 41;
        }
        page->result[err_ok(sys_xfer(&x)) ? 0 : 1]++;
        if (i % 8 == 0) {
            sys_yield();
        }
    }
    child_exit();
}

void child_server(volatile struct shared *page)
{
    struct xfer x = { .accept = (uint64_t)XFER_ANY };

    for (uint64_t i = 0; i < page->arg[0];) {
        const err_t err = park(&x);
        page->result[1] = err.trail;
        x.dest = CPTR_NULL, x.accept = (uint64_t)XFER_ANY, x.deadline = XFER_KEEP_DEADLINE;
        if (!err_ok(err)) {
            continue;           /* woken by something else; the calls that count come in registers */
        }
        page->result[0] = ++i;
        page->result[2] = x.badge;
        page->result[3] = x.event;
        page->result[4] = x.tag;
        for (unsigned w = 0; w < XFER_WORDS; w++) {
            x.word[w]++;
        }
        x.dest = page->arg[1];
        x.tag &= TAG_LENGTH_MASK;
    }
    x.accept = (uint64_t)XFER_NO_PARK;
    page->result[1] = sys_xfer(&x).trail;
    child_exit();
}

cptr_t mint_send(struct test *t, cptr_t recv, uint64_t rights, uint64_t badge)
{
    const cptr_t slot = test_slot(t);

    EXPECT_OK(t, cap_mint(CPTR_NULL, slot, CPTR_NULL, recv, rights, badge));
    return slot;
}
