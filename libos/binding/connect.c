/** @file connect.c  The first words on a channel; exports. */
#include "internal.h"

#include <os/err.h>

/* --- hello and welcome --- */

static err_t say(struct binding *b, uint32_t head, uint64_t word)
{
    const struct frame f = { .head = head, .words = 1, .word = { word } };

    return b->transport->ops->send(b->transport, &f);       /* the first frame of a new channel: there is credit */
}

err_t binding_hello(struct binding *b)
{
    const err_t err = say(b, HEAD_HELLO, b->interface->fingerprint);

    if (!err_ok(err)) {
        binding_fail(b, err);
    }
    return err;
}

/* The server's side: compare, ask, answer. */
static err_t welcome(struct binding *b, uint64_t fingerprint)
{
    err_t err = ERR(E_BINDING_VERSION);

    if (fingerprint == b->interface->fingerprint) {
        b->st = b->export->st;
        binding_pause(b);
        err = b->interface->accepted(b->export, b);
        binding_resume(b);
        if (b->state != BINDING_ACCEPT) {
            return ERR(E_RPC_CLOSED);                       /* torn down by the one that was asked */
        }
    }
    binding_forget_export(b);
    TRY(say(b, HEAD_WELCOME, err.trail));
    TRY(err);
    b->state = BINDING_OPEN;
    return OK;
}

err_t binding_take_control(struct binding *b, const struct frame *f)
{
    REQUIRE(f->words == 1, E_BINDING_MALFORMED);
    if (f->head == HEAD_HELLO && b->state == BINDING_ACCEPT) {
        return welcome(b, f->word[0]);
    }
    REQUIRE(f->head == HEAD_WELCOME && b->state == BINDING_HELLO, E_BINDING_MALFORMED);
    TRY((err_t){ f->word[0] });
    b->state = BINDING_OPEN;
    b->bound_due = true;
    return OK;
}

err_t binding_bind(const struct binding_interface *interface, struct transport *t, struct waitset *ws,
                   void (*bound)(void), void *st)
{
    struct binding *const b = binding_new(interface, BINDING_CLIENT, t, ws);

    REQUIRE(b, E_HEAP);
    binding_enter(b);
    b->bound = bound;
    b->bound_st = st;
    const err_t err = binding_hello(b);
    b->again = !err_ok(err);                                /* then the continuation hears it, from the waitset */
    binding_rearm(b);
    binding_leave(b);
    return OK;
}

/* --- exports of this process --- */

static struct events_mutex exports_lock;
static struct binding_export *exports;
static iref_t last_iref = IREF_OWN;       /* of those that were not published */
static err_t (*connector)(iref_t iref, struct transport **t);

iref_t binding_export(struct binding_export *e)
{
    events_mutex_lock(&exports_lock);
    e->iref = ++last_iref;
    e->users = 1;
    e->next = exports;
    exports = e;
    events_mutex_unlock(&exports_lock);
    return e->iref;
}

static struct binding_export **find(iref_t iref)
{
    struct binding_export **link = &exports;

    while (*link && (*link)->iref != iref) {
        link = &(*link)->next;
    }
    return link;
}

static void leave_export(struct binding_export *e)
{
    events_mutex_lock(&exports_lock);
    const bool last = --e->users == 0;
    events_mutex_unlock(&exports_lock);
    if (last && e->release) {
        e->release(e);
    }
}

err_t binding_rename(iref_t iref, iref_t to, struct waitset **ws)
{
    events_mutex_lock(&exports_lock);
    struct binding_export *const e = *find(iref);
    if (e) {
        e->iref = to;
        *ws = e->waitset ? e->waitset : get_default_waitset();
    }
    events_mutex_unlock(&exports_lock);
    REQUIRE(e, E_BINDING_EXPORT);
    return OK;
}

err_t binding_unexport(iref_t iref)
{
    events_mutex_lock(&exports_lock);
    struct binding_export **link = find(iref), *const e = *link;
    if (e) {
        *link = e->next;
    }
    events_mutex_unlock(&exports_lock);
    REQUIRE(e, E_BINDING_EXPORT);
    leave_export(e);
    return OK;
}

static struct binding_export *use_export(iref_t iref)
{
    events_mutex_lock(&exports_lock);
    struct binding_export *const e = *find(iref);
    if (e) {
        e->users++;
    }
    events_mutex_unlock(&exports_lock);
    return e;
}

void binding_forget_export(struct binding *b)
{
    if (b->export) {
        leave_export(b->export);
        b->export = NULL;
    }
}

err_t binding_accept(iref_t iref, struct transport *t)
{
    struct binding_export *const e = use_export(iref);

    if (!e) {
        t->ops->close(t);
        return ERR(E_BINDING_EXPORT);
    }
    struct binding *const b = binding_new(e->interface, BINDING_SERVER, t, e->waitset);
    if (!b) {
        leave_export(e);
        return ERR(E_HEAP);
    }
    b->export = e;
    binding_enter(b);
    binding_rearm(b);
    binding_leave(b);
    return OK;
}

void binding_set_connector(err_t (*reach)(iref_t iref, struct transport **t))
{
    connector = reach;
}

err_t binding_reach(iref_t iref, struct transport **t)
{
    struct transport *end[2];

    events_mutex_lock(&exports_lock);
    const bool ours = *find(iref) != NULL;
    events_mutex_unlock(&exports_lock);
    if (!ours) {
        REQUIRE(connector, E_BINDING_EXPORT);
        return connector(iref, t);
    }
    TRY(loopback_pair(end));
    const err_t err = binding_accept(iref, end[1]);
    if (!err_ok(err)) {
        end[0]->ops->close(end[0]);
        return err;
    }
    *t = end[0];
    return OK;
}

static void free_export(struct binding_export *e)
{
    heap_free(e);
}

err_t binding_serve(const struct binding_interface *interface, const void *ops, void *st, struct waitset *ws,
                    iref_t *iref)
{
    struct binding_export *const e = heap_alloc(sizeof(*e));

    REQUIRE(e, E_HEAP);
    *e = (struct binding_export){ .interface = interface, .st = st, .ops = ops, .waitset = ws,
                                  .release = free_export };
    *iref = binding_export(e);
    return OK;
}

/* --- the note's export: the answer comes as an event --- */

struct export_answer {
    struct binding_export export;               /* first */
    struct deferred_event event;
    idc_export_callback_fn *callback;
};

static void exported(void *arg)
{
    struct export_answer *const a = arg;

    a->callback(a->export.st, OK, a->export.iref);
}

static void release_answer(struct binding_export *e)
{
    struct export_answer *const a = (struct export_answer *)e;

    err_ignore(deferred_event_cancel(&a->event));           /* it has been delivered, or never will be */
    heap_free(a);
}

err_t binding_export_async(const struct binding_interface *interface, void *st, idc_export_callback_fn *callback,
                           void (*connect)(void), struct waitset *ws)
{
    struct export_answer *const a = heap_alloc(sizeof(*a));

    REQUIRE(a, E_HEAP);
    a->export = (struct binding_export){ .interface = interface, .st = st, .connect = connect, .waitset = ws,
                                          .release = release_answer };
    a->callback = callback;
    const iref_t iref = binding_export(&a->export);
    const err_t err = deferred_event_set(&a->event, ws ? ws : get_default_waitset(), 0, MKCONT(exported, a));
    if (!err_ok(err)) {
        err_ignore(binding_unexport(iref));
    }
    return err;
}
