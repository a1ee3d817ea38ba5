/** @file syscall.h  Stands in for os/syscall.h in tests of libos/rpc: both system calls are functions of the test. */
#ifndef OS_SYSCALL_H
#define OS_SYSCALL_H

#include <shoal/cap.h>
#include <shoal/dispframe.h>
#include <shoal/err.h>
#include <shoal/syscall.h>
#include <stddef.h>

struct sys_args {
    uint64_t a[6];
};

struct sys_result {
    err_t err;
    uint64_t r[6];
};

struct xfer {
    cptr_t dest;
    uint64_t accept, deadline, tag, word[XFER_WORDS];
    cptr_t cap;
    uint64_t event, badge;
};

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args);
err_t sys_xfer(struct xfer *x);

#define FAKE_XFER sys_xfer
#include "fake_xfer_words.h"

#define INVOKE(cap, op, ...) sys_invoke((cap), (op), (struct sys_args){ { __VA_ARGS__ } })

#endif
