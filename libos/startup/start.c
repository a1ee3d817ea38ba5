/** @file start.c  From the first instructions to main(); contracts in os/startup.h. */
#include <os/child_vspace.h>
#include <os/err.h>
#include <os/startup.h>

/* What the first thread and its layers are made of.  Written once, before main(). */
static struct {
    struct startup *block;
    struct stock stock;
    struct vspace_slabs slabs;
    struct vspace vspace;
} self;

const struct startup *os_startup(void)
{
    return self.block;
}

struct stock *os_stock(void)
{
    return &self.stock;
}

struct vspace *os_vspace(void)
{
    return &self.vspace;
}

struct vspace_slabs *os_vspace_slabs(void)
{
    return &self.slabs;
}

/* Nobody is there yet whom to tell but who looks at the fault. */
_Noreturn static void fail(err_t err)
{
    register uint64_t x0 __asm__("x0") = err.trail;

    for (;;) {
        __asm__ volatile("brk %[number]" : : [number] "i"(BRK_START), "r"(x0));
    }
}

/* Called by crt0, disabled, on the upcall stack.  @return the top of the stack main() will run on */
uint64_t os_startup_open(const struct dispatcher_frame *frame);
uint64_t os_startup_open(const struct dispatcher_frame *frame)
{
    struct startup *const block = (struct startup *)frame->user[(DFU_STARTUP - DF_USER) / 8];
    const err_t err = startup_check(block, frame->user[(DFU_STARTUP_BYTES - DF_USER) / 8]);

    if (!err_ok(err)) {
        fail(err);
    }
    self.block = block;
    return block->stack + block->stack_bytes;
}

static err_t set_up(void)
{
    const struct startup *b = self.block;
    const struct stock_config config = {
        .l1 = TASK_L1, .dispatcher = TASK_DISPATCHER, .root = TASK_VSPACE,
        .l1_log2 = L1_SLOTS_LOG2_MIN, .l1_used = PL1_FREE, .first_slot = PSLOT_FREE,
        .ram = PSLOT_RAM, .ram_base = b->ram_base, .ram_bytes = b->ram_bytes, .pool_base = VSPACE_POOL,
    };

    TRY(stock_init(&self.stock, &config));
    TRY(vspace_slabs_init(&self.slabs, &self.stock));
    TRY(vspace_init_own(&self.vspace, TASK_VSPACE, &self.stock, &self.slabs));
    return vspace_adopt(&self.vspace, (const char *)b + b->vspace, b->vspace_bytes, PL1_VSPACE);
}

/* Called by crt0, enabled, on the stack. */
_Noreturn void os_start(void);
_Noreturn void os_start(void)
{
    char **argv, **envp;
    const err_t err = set_up();

    if (!err_ok(err)) {
        fail(err);
    }
    startup_strings(self.block, &argv, &envp);
    os_exit(main((int)self.block->argc, argv, envp));
}
