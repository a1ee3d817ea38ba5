/* Measured loops: measure.h.  Each clock reading is ISB, MRS, so that on hardware nothing moves across it. */
#include <os/dispatcher.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

/* struct shared, asserted in bench.c */
#define ARG     0
#define RESULT  256
#define MORE    1280
#define SAMPLES 100
/* enum irq_op and notify_op, asserted in bench.c */
#define OP_NOTIFY_SIGNAL 0
#define OP_IRQ_ACK       2
/* PROC_SHARED_VA, asserted in bench.c */
#define SHARED_HI 0x1000
#define SHARED_LO 0x2000

.macro clock reg
    isb
    mrs     \reg, pmccntr_el0
.endm

.macro function name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
.endm

function measure_invoke
    stp     x19, x20, [sp, #-16]!
    clock   x19
    svc     #SVC_INVOKE
    clock   x20
    sub     x1, x20, x19
    ldp     x19, x20, [sp], #16
    ret

function measure_nothing
    clock   x0
    clock   x1
    sub     x0, x1, x0
    ret

// A child found an error: x0
failed:
    str     x0, [x19, #MORE]
    brk     #1

.macro disable_self tmp1, tmp2
    mrs     \tmp1, tpidrro_el0
    mov     \tmp2, #1
    str     \tmp2, [\tmp1, #DF_DISABLED]
.endm

function measure_caller
    mov     x19, x0
    ldp     x20, x21, [x19, #ARG]
    ldp     x22, x28, [x19, #ARG + 16]
    mov     x23, #SAMPLES
    add     x24, x19, #RESULT
    disable_self x9, x10
1:  mov     x0, x20
    mov     x1, x21
    mov     x2, #XFER_KEEP_DEADLINE
    mov     x3, x22
    mov     x4, #11
    mov     x5, #12
    mov     x6, #13
    mov     x7, #14
    mov     x8, #15
    mov     x9, #16
    mov     x10, #17
    mov     x11, #18
    mov     x12, x28
    clock   x26
    svc     #SVC_XFER
    clock   x27
    cbnz    x0, failed
    sub     x27, x27, x26
    str     x27, [x24], #8
    subs    x23, x23, #1
    b.ne    1b
    brk     #0

function measure_replier
    mov     x19, x0
    ldr     x20, [x19, #ARG]
    ldp     x21, x22, [x19, #ARG + 16]
    disable_self x9, x10
    mov     x0, xzr
    mov     x1, #XFER_ANY
    mov     x2, #XFER_KEEP_DEADLINE
    mov     x3, xzr
    svc     #SVC_XFER
    cbnz    x21, 2f
    // without a capability: tag and words are what came, x12 is not looked at
1:  cbnz    x0, failed
    mov     x0, x20
    mov     x1, #XFER_ANY
    mov     x2, #XFER_KEEP_DEADLINE
    svc     #SVC_XFER
    b       1b
2:  cbnz    x0, failed
    mov     x0, x20
    mov     x1, #XFER_ANY
    mov     x2, #XFER_KEEP_DEADLINE
    orr     x3, x3, x21
    mov     x12, x22
    svc     #SVC_XFER
    b       2b

function measure_signaller
    mov     x19, x0
    ldr     x20, [x19, #ARG]
    mov     x23, #SAMPLES
    add     x24, x19, #RESULT
1:  mov     x0, x20
    mov     x1, #OP_NOTIFY_SIGNAL
    clock   x26
    svc     #SVC_INVOKE
    cbnz    x0, failed
    str     x26, [x24], #8
    subs    x23, x23, #1
    b.ne    1b
    brk     #0

function measure_writer
    mov     x19, x0
    ldp     x20, x21, [x19, #ARG]
    mov     x23, #SAMPLES
    add     x24, x19, #RESULT
1:  clock   x26
    str     w21, [x20]
    nop                             // the interrupt is taken here, whatever the machine still has under way
    nop
    nop
    nop
    str     x26, [x24], #8
    subs    x23, x23, #1
    b.ne    1b
    brk     #0

function measure_yielder
    mov     x19, x0
    mov     x23, #SAMPLES / 2
    add     x24, x19, #RESULT
    disable_self x9, x10
1:  clock   x26
    svc     #SVC_YIELD
    clock   x27
    stp     x26, x27, [x24], #16
    subs    x23, x23, #1
    b.ne    1b
    brk     #0

function measure_faulter
    mov     x19, x0
    ldr     x20, [x19, #ARG]
    mov     x23, #SAMPLES
    add     x24, x19, #RESULT
1:  clock   x26
    ldr     x0, [x20]
    clock   x27
    sub     x27, x27, x26
    str     x27, [x24], #8
    subs    x23, x23, #1
    b.ne    1b
    disable_self x9, x10            // or the handler would step over the end, too
    brk     #0

function measure_fault_entry
    mrs     x9, tpidrro_el0
    ldr     x10, [x9, #DF_ENABLED + SAVE_PC]
    add     x10, x10, #4
    str     x10, [x9, #DF_ENABLED + SAVE_PC]
    svc     #SVC_RESUME
    brk     #1

.macro idle
    mov     x0, xzr
    mov     x1, #XFER_IDLE
    mov     x2, #XFER_KEEP_DEADLINE
    svc     #SVC_XFER
    brk     #1
.endm

function measure_idler
    disable_self x9, x10
    idle

// x9: the clock.  Leaves x19 = shared page.
.macro note_clock
    movz    x19, #SHARED_LO
    movk    x19, #SHARED_HI, lsl #16
    ldr     x10, [x19, #MORE + 8]
    add     x11, x19, #RESULT
    str     x9, [x11, x10, lsl #3]
    add     x10, x10, #1
    str     x10, [x19, #MORE + 8]
    mrs     x11, tpidrro_el0
    str     xzr, [x11, #DF_PENDING]
.endm

function measure_woken_entry
    clock   x9
    note_clock
    idle

function measure_irq_entry
    clock   x9
    note_clock
    ldp     x20, x21, [x19, #ARG]
    str     w21, [x20]              // the device lowers its line
    dsb     sy
    ldr     x0, [x19, #ARG + 16]
    mov     x1, #OP_IRQ_ACK
    svc     #SVC_INVOKE
    cbnz    x0, failed
    idle
