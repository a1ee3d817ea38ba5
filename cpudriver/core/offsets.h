/** @file offsets.h  Offsets that assembly uses; each is asserted beside its struct (dispatch/dcb.h, core/kcb.h). */
#ifndef CORE_OFFSETS_H
#define CORE_OFFSETS_H

/* struct dcb */
#define DCB_FRAME      320
#define DCB_FRAME_VA   328
#define DCB_L1         336
#define DCB_L1_SLOTS   344
#define DCB_TTBR0      352
#define DCB_ACCEPT     360
#define DCB_STATE      368
#define DCB_PRIORITY   376
#define DCB_TIME_USED  384
#define DCB_RESUME     400
#define DCB_DEADLINE   464
#define DCB_FP_CONTROL 504
#define DCB_FP         528

/* struct endpoint */
#define EP_DCB         128
#define EP_RING        136
#define EP_EVENT       144
#define EP_PRODUCED    160

/* struct cte */
#define CTE_TYPE       0
#define CTE_RIGHTS     1
#define CTE_BASE       8
#define CTE_WORD0      24

/* struct kcb */
#define KCB_CURRENT    0
#define KCB_RESCHED    8
#define KCB_FP_OWNER   16
#define KCB_SWITCHED   24
#define KCB_TOP_READY  32
#define KCB_RET        40      /* r0..r5 of invoke */
#define KCB_ARG        88      /* x0..x12 of xfer, or x0..x7 of invoke */
#define KCB_SAVED      192     /* x19..x30, SP, PC of the system call being served */
#define KCB_SWITCHES   304
#define KCB_TTBR0      320
#define KCB_STACK_TOP  328

#endif
