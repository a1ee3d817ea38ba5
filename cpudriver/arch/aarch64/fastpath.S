/*
 * fastpath.S  xfer, when a message goes to a parked dispatcher and the sender parks: call, and reply-and-park.
 *
 * x0 dest, x1 accept, x2 deadline, x3 tag, x4..x11 words, x12 cap; x16, x17 free (entry.S).  All checks come before
 * anything is changed; if one fails, slowpath_xfer (dispatch/endpoint.c) does the same by the long way.  The conditions
 * and the budget are section 6 of the dispatch page, docs/dispatch.md.
 *
 * The words stay in their registers, all eight whatever the length is, so 0 and 8 words cost the same; what a sender
 * leaves in unused ones is its own.  No ISB: the new TTBR0 (with its ASID, in one register), the FP trap and TPIDRRO are
 * for EL0 only, and ERET synchronises.
 */
#include <core/offsets.h>
#include <shoal/dispframe.h>
#include <shoal/syscall.h>

#include "parked.h"

#define LINEAR_BASE        0xffff000000000000
#define CAP_L2CNODE        6            /* asserted in context.c, like the next five */
#define CAP_ENDPOINT       12
#define RIGHT_WRITE_BIT    0x200        /* in the first word of a slot */
#define CTE_RECV_BIT_HIGH  1            /* bit 16 */
#define DISP_READY         1
#define DISP_PARKED        2

        .text
        .global fastpath_xfer
        .balign 64
fastpath_xfer:
        cbz     x0, slowpath_xfer       /* no dest: park only */
        mrs     x18, tpidr_el1
        ldr     x17, [x18, #KCB_CURRENT]

        /* the sender: nothing pending, deadline unchanged, parks for an event id or ANY, no capability goes along */
        ldr     x15, [x17, #DCB_FRAME]
        ldr     x15, [x15, #DF_PENDING]
        cbnz    x15, slowpath_xfer
        cbnz    x2, slowpath_xfer
        add     x15, x1, #3             /* NO_PARK -1 and IDLE -3 become 2 and 0 */
        tst     x15, #~2
        b.eq    slowpath_xfer
        and     x15, x3, #TAG_LENGTH_MASK | TAG_CAP | TAG_GIVE
        cmp     x15, #XFER_WORDS
        b.hi    slowpath_xfer

        /* two-level lookup of dest; it is an Endpoint's send cap with the write right */
        ldp     x13, x14, [x17, #DCB_L1]
        lsr     x15, x0, #8
        cmp     x15, x14
        b.hs    slowpath_xfer
        add     x13, x13, x15, lsl #6
        ldrb    w14, [x13, #CTE_TYPE]
        cmp     w14, #CAP_L2CNODE
        b.ne    slowpath_xfer
        ldr     x13, [x13, #CTE_BASE]
        and     x15, x0, #0xff
        orr     x13, x13, #LINEAR_BASE
        add     x13, x13, x15, lsl #6   /* x13 = slot */
        ldr     w14, [x13]
        mov     w15, #0xff | RIGHT_WRITE_BIT
        movk    w15, #CTE_RECV_BIT_HIGH, lsl #16
        and     w14, w14, w15
        mov     w15, #CAP_ENDPOINT | RIGHT_WRITE_BIT
        cmp     w14, w15
        b.ne    slowpath_xfer

        /* the endpoint: bound, its ring empty */
        ldr     x14, [x13, #CTE_BASE]
        orr     x14, x14, #LINEAR_BASE
        ldp     x16, x15, [x14, #EP_DCB]        /* x16 = receiver */
        cbz     x15, slowpath_xfer
        ldr     x15, [x15]
        ldr     x17, [x14, #EP_PRODUCED]
        cmp     x15, x17
        b.ne    slowpath_xfer

        /* the receiver: parked for it, and nobody more urgent is ready */
        ldp     x15, x17, [x16, #DCB_ACCEPT]
        cmp     x17, #DISP_PARKED
        b.ne    slowpath_xfer
        ldr     x17, [x14, #EP_EVENT]           /* x17 = event */
        cmp     x15, x17
        b.eq    1f
        cmn     x15, #2                         /* XFER_ANY */
        b.ne    slowpath_xfer
1:      ldr     x15, [x16, #DCB_PRIORITY]
        ldr     x14, [x18, #KCB_TOP_READY]
        add     x15, x15, #1
        cmp     x15, x14
        b.lo    slowpath_xfer

        /* ---- from here on nothing can fail ---- */
        ldr     x13, [x13, #CTE_WORD0]          /* x13 = badge */
        ldr     x14, [x18, #KCB_CURRENT]
        ldr     x0, [x14, #DCB_FRAME]
        mov     x15, #DISP_PARKED
        stp     x1, x15, [x14, #DCB_ACCEPT]
        add     x0, x0, #DF_ENABLED
        STORE_PARKED x0
        mrs     x1, sp_el0
        mrs     x2, elr_el1
        mrs     x12, tpidr_el0
        stp     x1, x2, [x0, #SAVE_SP]
        str     x12, [x0, #SAVE_TPIDR]

        mrs     x1, cntvct_el0                  /* charge the sender */
        ldr     x2, [x18, #KCB_SWITCHED]
        str     x1, [x18, #KCB_SWITCHED]
        sub     x1, x1, x2
        ldr     x2, [x14, #DCB_TIME_USED]
        add     x2, x2, x1
        str     x2, [x14, #DCB_TIME_USED]

        str     x16, [x18, #KCB_CURRENT]
        mov     x1, #DISP_READY
        str     x1, [x16, #DCB_STATE]
        ldr     x1, [x18, #KCB_SWITCHES]
        add     x1, x1, #1
        str     x1, [x18, #KCB_SWITCHES]
        ldr     x1, [x18, #KCB_FP_OWNER]
        cmp     x1, x16
        mov     x1, #3 << 20
        csel    x1, x1, xzr, eq
        msr     cpacr_el1, x1
        ldr     x1, [x16, #DCB_TTBR0]
        str     x1, [x18, #KCB_TTBR0]
        msr     ttbr0_el1, x1
        ldp     x0, x1, [x16, #DCB_FRAME]
        msr     tpidrro_el0, x1

        add     x0, x0, #DF_ENABLED
        LOAD_PARKED x0
        ldp     x12, x15, [x0, #SAVE_SP]
        ldr     x14, [x0, #SAVE_TPIDR]
        msr     sp_el0, x12
        msr     elr_el1, x15
        msr     tpidr_el0, x14
        msr     spsr_el1, xzr
        mov     x0, xzr                         /* status: a message */
        mov     x1, x17
        mov     x2, x13
        mov     x12, xzr
        mov     x13, xzr
        mov     x14, xzr
        mov     x15, xzr
        mov     x16, xzr
        mov     x17, xzr
        mov     x18, xzr
        eret
