/**
 * @file signal.c  Signals as far as one process goes: signal(), raise(), abort(), and SIGINT from the terminal.
 *
 * Handlers of raise() run where it is called.  For Ctrl-C a thread of our own waits, of the highest priority, and calls the
 * handler: at once, between two instructions of whatever runs, but on a stack of its own.  So it may set what the others
 * read, and may not longjmp() into them.
 */
#include "file.h"
#include "lock.h"
#include "pthread_record.h"
#include "thread_local.h"

#include <errno.h>
#include <os/event.h>
#include <os/process.h>
#include <os/startup.h>
#include <os/stream.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static _sig_func_ptr handler[NSIG];
static sigset_t blocked, waiting;

static bool ignored_by_default(int number)
{
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

/* The parent sees a crash for what a program did wrong, and a killed process for what others wanted. */
static void by_default(int number)
{
    if (ignored_by_default(number)) {
        return;
    }
    if (number == SIGABRT || number == SIGILL || number == SIGFPE || number == SIGSEGV || number == SIGBUS ||
        number == SIGTRAP || number == SIGSYS) {
        __builtin_trap();
    }
    (void)process_kill(os_startup()->pid);
    os_exit(1);                         /* it was refused */
}

static void deliver(int number)
{
    const _sig_func_ptr fn = handler[number];

    if (fn == SIG_DFL) {
        by_default(number);
    } else if (fn != SIG_IGN) {
        fn(number);
    }
}

int raise(int number)
{
    if (number <= 0 || number >= NSIG) {
        return fail(EINVAL);
    }
    if (blocked & 1ul << number) {
        waiting |= 1ul << number;
    } else {
        deliver(number);
    }
    return 0;
}

_Noreturn void abort(void)
{
    blocked &= ~(1ul << SIGABRT);
    (void)raise(SIGABRT);
    handler[SIGABRT] = SIG_DFL;
    (void)raise(SIGABRT);
    __builtin_trap();
}

int kill(pid_t pid, int number)
{
    if (number < 0 || number >= NSIG) {
        return fail(EINVAL);
    }
    if (pid == getpid()) {
        return number ? raise(number) : 0;
    }
    if (pid <= 0) {
        return fail(ENOTSUP);           /* there are no process groups */
    }
    if (number == 0) {
        struct process_info info;
        return err_ok(process_next((uint64_t)pid - 1, &info)) && info.pid == (uint64_t)pid ? 0 : fail(ESRCH);
    }
    /* A process has no signals that others could send: those that end it end it. */
    if (number != SIGKILL && number != SIGTERM && number != SIGINT && number != SIGHUP && number != SIGQUIT) {
        return fail(ENOTSUP);
    }
    const err_t err = process_kill((uint64_t)pid);
    return err_ok(err) ? 0 : fail_err(err);
}

/* ---- Ctrl-C -------------------------------------------------------------------------------------------------------- */

static uint64_t interrupt_event;

static void *wait_for_interrupts(void *arg)
{
    for (;;) {
        if (err_ok(thread_event_wait(interrupt_event, THREAD_NO_DEADLINE))) {
            (void)raise(SIGINT);
        }
    }
    return arg;
}

static bool watch(void)
{
    const pthread_attr_t attr = { .__detached = 1, .__priority = THREAD_PRIORITIES - 1 };

    return err_ok(threads_need()) && err_ok(stream_on_interrupt(&interrupt_event)) &&
           pthread_make(NULL, &attr, wait_for_interrupts, NULL, false) == 0;
}

/* The terminal asks whoever asked last, so each new handler asks again.  Without a terminal there is no Ctrl-C. */
static void want_interrupts(void)
{
    static bool watched;

    lock_libc();
    if (watched) {
        err_ignore(stream_on_interrupt(&interrupt_event));
    } else {
        watched = watch();
    }
    unlock_libc();
}

_sig_func_ptr signal(int number, _sig_func_ptr fn)
{
    if (number <= 0 || number >= NSIG || number == SIGKILL || number == SIGSTOP) {
        errno = EINVAL;
        return SIG_ERR;
    }
    const _sig_func_ptr before = handler[number];
    handler[number] = fn;
    if (number == SIGINT && fn != SIG_DFL) {
        want_interrupts();
    }
    return before;
}

int sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    if (number <= 0 || number >= NSIG) {
        return fail(EINVAL);
    }
    if (before) {
        *before = (struct sigaction){ .sa_handler = handler[number] };
    }
    return action && signal(number, action->sa_handler) == SIG_ERR ? -1 : 0;
}

/* Of the process: the threads have no masks of their own. */
int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict before)
{
    if (before) {
        *before = blocked;
    }
    if (!set) {
        return 0;
    }
    switch (how) {
    case SIG_BLOCK: blocked |= *set; break;
    case SIG_UNBLOCK: blocked &= ~*set; break;
    case SIG_SETMASK: blocked = *set; break;
    default: return fail(EINVAL);
    }
    for (int number = 1; number < NSIG; number++) {
        if (waiting & ~blocked & 1ul << number) {
            waiting &= ~(1ul << number);
            deliver(number);
        }
    }
    return 0;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    return sigprocmask(how, set, before) < 0 ? errno : 0;
}

int sigpending(sigset_t *set)
{
    *set = waiting;
    return 0;
}
