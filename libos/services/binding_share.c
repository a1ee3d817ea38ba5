/** @file binding_share.c  Memory shared by two processes; contracts in os/binding_share.h. */
#include <os/binding_cap.h>
#include <os/binding_share.h>
#include <os/caps.h>
#include <os/err.h>
#include <os/fault.h>
#include <os/startup.h>
#include <os/stock.h>
#include <os/string.h>
#include <os/vspace.h>

static err_t map(struct binding_share *s, uint64_t flags)
{
    uint64_t address;

    TRY(vspace_map(os_vspace(), s->frame, 0, s->bytes, flags, &address));
    s->at = (uint64_t *)address;
    return OK;
}

static err_t offer(cptr_t frame, cptr_t *for_peer)
{
    TRY(binding_new_slot(for_peer));
    const err_t err = cap_copy(CPTR_NULL, *for_peer, CPTR_NULL, frame, RIGHT_READ);
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, *for_peer);
    }
    return err;
}

static err_t make_frame(struct binding_share *s)
{
    struct stock *const stock = os_stock();

    TRY(stock_refill(stock));
    const err_t err = reserve_make_frame(&stock->reserve, s->bytes, s->frame, &s->ram);
    if (err_root(err) != E_RESERVE_NONE) {
        return err;
    }
    TRY(stock_obtain(stock, s->bytes));
    return reserve_make_frame(&stock->reserve, s->bytes, s->frame, &s->ram);
}

static err_t make(struct binding_share *s, cptr_t *for_peer)
{
    TRY(binding_new_slot(&s->frame));
    TRY(make_frame(s));
    TRY(map(s, MAP_READ | MAP_WRITE));
    if (reserve_dirty(&s->ram)) {
        memset(s->at, 0, s->bytes);     /* what was there is not the peer's business */
    }
    return offer(s->frame, for_peer);
}

err_t binding_share_make(struct binding_share *s, uint64_t bytes, cptr_t *for_peer)
{
    *s = (struct binding_share){ .bytes = bytes };
    const err_t err = make(s, for_peer);
    if (!err_ok(err)) {
        binding_share_end(s);
    }
    return err;
}

err_t binding_share_map(struct binding_share *s, cptr_t cap)
{
    struct cap_info info;

    TRY(cap_identify(CPTR_NULL, cap, &info));
    REQUIRE(info.type == CAP_FRAME && info.bytes <= BINDING_SHARE_MAX, E_BINDING_MALFORMED);
    *s = (struct binding_share){ .bytes = info.bytes, .frame = cap };
    const err_t err = map(s, MAP_READ);
    if (!err_ok(err)) {
        *s = (struct binding_share){ .bytes = 0 };
    }
    return err;
}

void binding_share_end(struct binding_share *s)
{
    if (s->at) {
        err_ignore(vspace_unmap(os_vspace(), (uint64_t)s->at, s->bytes));
    }
    if (s->ram.chunk) {
        err_ignore(reserve_unmake(&os_stock()->reserve, &s->ram));      /* and the peer sees it no more */
    }
    if (s->frame != CPTR_NULL) {
        binding_drop_cap(s->frame);
    }
    *s = (struct binding_share){ .bytes = 0 };
}

bool binding_share_fetch(void *to, const void *from, size_t bytes)
{
    return os_copy_shared(to, from, bytes);
}
