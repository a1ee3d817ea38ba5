/** @file start.c  From the first instructions to main(); contracts in os/startup.h. */
#include "internal.h"
#include <os/err.h>
#include <os/fault.h>

#pragma weak os_runtime_main    /* a program without a language's runtime has none */
#pragma weak os_paging_start    /* one that does not page has none, and no lazy segment */

static struct startup *own_block;       /* written once, before main() */

const struct startup *os_startup(void)
{
    return own_block;
}

/* Called by crt0, disabled, on the upcall stack.  @return the top of the stack main() will run on */
uint64_t os_startup_open(const struct dispatcher_frame *frame);
uint64_t os_startup_open(const struct dispatcher_frame *frame)
{
    struct startup *const block = (struct startup *)frame->user[(DFU_STARTUP - DF_USER) / 8];
    const err_t err = startup_check(block, frame->user[(DFU_STARTUP_BYTES - DF_USER) / 8]);

    if (!err_ok(err)) {
        startup_fail(err);
    }
    own_block = block;
    return block->stack + block->stack_bytes;
}

/* Before anything of the program runs: all of it may be in a lazy segment. */
static void start_paging(void)
{
    const err_t err = os_paging_start ? os_paging_start() : ERR(E_STARTUP);

    if (!err_ok(err)) {
        startup_fail(err);
    }
}

/* Called by crt0, enabled, on the stack. */
_Noreturn void os_start(void);
_Noreturn void os_start(void)
{
    char **argv, **envp;

    startup_strings(own_block, &argv, &envp);
    if (own_block->lazy_bytes > 0) {
        start_paging();
    }
    if (os_runtime_main) {
        os_runtime_main((int)own_block->argc, argv, envp);
    }
    os_exit(main((int)own_block->argc, argv, envp));
}
