/** @file checks.c  Contracts in checks.h.  Nothing of it is in release builds. */
#include "core.h"

#include <os/err.h>
#include <os/lowlock.h>
#include <os/print.h>
#include <os/startup.h>
#include <os/sync.h>

#ifdef SHOAL_DEBUG

#define core os_thread_core
#define TEXT_BYTES 200u

/* Behind what is there; text that has no place is left out. */
static size_t add_name(char *text, size_t at, const struct thread *t)
{
    if (at < TEXT_BYTES) {
        at += format_text(text + at, TEXT_BYTES - at, "thread %u", t->id);
    }
    if (at < TEXT_BYTES && t->name[0]) {
        at += format_text(text + at, TEXT_BYTES - at, " (%s)", t->name);
    }
    return at;
}

static size_t add_text(char *text, size_t at, const char *more)
{
    return at < TEXT_BYTES ? at + format_text(text + at, TEXT_BYTES - at, "%s", more) : at;
}

/* The running thread, and what is wrong with it. */
_Noreturn static void bug(const char *what)
{
    char text[TEXT_BYTES];

    (void)add_text(text, add_name(text, 0, core.current), what);
    THREAD_BUG(text);
}

void check_enabled(const struct dispatcher_frame *frame)
{
    if (*(const volatile uint64_t *)&frame->disabled) {
        THREAD_BUG("disabled mode is entered twice, or by an event handler");
    }
}

void check_may_take(void)
{
    if (*(const volatile uint64_t *)&frame_self()->disabled) {
        THREAD_BUG("a mutex is taken in disabled mode");
    }
    if (!os_low_none()) {
        THREAD_BUG("a mutex is taken under a low lock");
    }
}

static struct thread *owner(const struct mutex *m)
{
    return (struct thread *)(m->owner & ~1ull);
}

/* For ever, for a mutex?  Then it stands in its queue. */
static bool waits_for_mutex(const struct thread *t)
{
    return t->state == THREAD_BLOCKED && t->mutex && t->in == &t->mutex->waiting && !t->timer.when;
}

/* The running thread for @p m, whose owner waits for another, and so on, to the running thread. */
_Noreturn static void tell_circle(const struct mutex *m)
{
    char text[TEXT_BYTES];
    size_t at = add_text(text, add_name(text, add_text(text, 0, "deadlock: "), core.current), " waits");
    const struct thread *t = owner(m);

    while (t != core.current && at < TEXT_BYTES) {
        at = add_text(text, add_name(text, add_text(text, at, " for a mutex of "), t), ", which waits");
        t = owner(t->mutex);
    }
    (void)add_name(text, add_text(text, at, " for a mutex of "), t);
    THREAD_BUG(text);
}

/* A circle without the running thread was told when it closed, so this comes to an end. */
void check_no_circle(const struct mutex *m)
{
    for (const struct thread *t = owner(m); waits_for_mutex(t);) {
        t = owner(t->mutex);
        if (t == core.current) {
            tell_circle(m);
        }
    }
}

/* On the upcall stack it is an upcall that serves a fault, and nobody holds one then. */
static void check_low(void)
{
    const struct startup *const s = os_startup();
    const uint64_t here = (uint64_t)__builtin_frame_address(0);

    if (*(const volatile uint64_t *)&frame_self()->disabled && here - s->upcall_stack >= s->upcall_stack_bytes) {
        THREAD_BUG("a low lock is taken in disabled mode");
    }
}

void check_low_locks(void)
{
    os_low_check = check_low;
}

void check_has_none(void)
{
    if (core.current->held) {
        bug(" ends and has a mutex");
    }
}

void check_mutex_unused(const struct mutex *m)
{
    if (m->owner) {
        bug(" destroys a mutex that is taken");
    }
}

void check_condition_unused(const struct condition *c)
{
    if (c->waiting.first) {
        bug(" destroys a condition that is waited for");
    }
}

#endif
