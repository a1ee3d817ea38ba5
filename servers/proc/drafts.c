/** @file drafts.c  Contracts in proc.h. */
#include "proc.h"
#include <os/err.h>
#include <os/startup.h>
#include <os/string.h>

static err_t draft_of(struct process *p, struct draft **draft)
{
    if (!p->draft) {
        p->draft = slab_alloc(&proc.draft_slab);
        REQUIRE(p->draft, E_SLAB_EMPTY);
        *p->draft = (struct draft){ 0 };
    }
    *draft = p->draft;
    return OK;
}

err_t draft_text(struct process *p, const char *text, size_t count)
{
    struct draft *d;

    TRY(stock_refill(os_stock()));
    TRY(draft_of(p, &d));
    REQUIRE(count <= PROC_TEXT_BYTES - d->bytes, E_PROC_TEXT_SIZE);
    if (!d->last || sizeof(d->last->text) - d->last->bytes < count) {
        struct text_chunk *const chunk = slab_alloc(&proc.chunk_slab);
        REQUIRE(chunk, E_SLAB_EMPTY);
        chunk->next = NULL;
        chunk->bytes = 0;
        *(d->last ? &d->last->next : &d->first) = chunk;
        d->last = chunk;
    }
    memcpy(d->last->text + d->last->bytes, text, count);
    d->last->bytes += (uint32_t)count;
    d->bytes += count;
    return OK;
}

err_t draft_pass(struct process *p, cptr_t cap)
{
    struct slots *const slots = &os_stock()->slots;
    struct draft *d;
    cptr_t slot;

    TRY(stock_refill(os_stock()));
    TRY(draft_of(p, &d));
    REQUIRE(d->passed_count < PASSED_MAX, E_PROC_PASSED);
    TRY(slots_alloc(slots, &slot));
    const err_t err = cap_move(CPTR_NULL, slot, CPTR_NULL, cap);
    if (!err_ok(err)) {
        slots_free(slots, slot);
        return err;
    }
    d->passed[d->passed_count++] = slot;
    return OK;
}

err_t draft_streams(struct process *p, const iref_t stream[3])
{
    struct draft *d;

    TRY(stock_refill(os_stock()));
    TRY(draft_of(p, &d));
    d->has_streams = true;
    memcpy(d->stream, stream, sizeof(d->stream));
    return OK;
}

void draft_drop(struct process *p)
{
    struct draft *const d = p->draft;

    if (!d) {
        return;
    }
    for (struct text_chunk *c = d->first, *next; c; c = next) {
        next = c->next;
        slab_free(&proc.chunk_slab, c);
    }
    for (unsigned i = 0; i < d->passed_count; i++) {
        rpc_drop_cap(d->passed[i]);         /* gone already if its memory is */
        slots_free(&os_stock()->slots, d->passed[i]);
    }
    slab_free(&proc.draft_slab, d);
    p->draft = NULL;
}

err_t draft_strings(const struct draft *d, uint64_t argc, uint64_t envc, const char ***strings)
{
    static char text[PROC_TEXT_BYTES];
    static const char *pointer[PROC_STRINGS_MAX + 2];   /* with the NULL behind arguments and environment */
    size_t bytes = 0;
    uint64_t count = 0;

    REQUIRE(argc <= PROC_STRINGS_MAX && envc < PROC_STRINGS_MAX - argc && argc > 0 && d, E_PROC_TEXT);
    for (const struct text_chunk *c = d->first; c; c = c->next) {
        memcpy(text + bytes, c->text, c->bytes);
        bytes += c->bytes;
    }
    const uint64_t want = 1 + argc + envc;
    for (size_t at = 0; at < bytes; at += strlen(text + at) + 1) {
        REQUIRE(text[bytes - 1] == '\0' && count < want, E_PROC_TEXT);
        pointer[count + (count > argc)] = text + at;
        count++;
    }
    REQUIRE(count == want, E_PROC_TEXT);
    pointer[1 + argc] = NULL;
    pointer[want + 1] = NULL;
    *strings = pointer;
    return OK;
}
