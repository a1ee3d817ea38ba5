/**
 * @file dispframe.h  The dispatcher frame: memory shared between the kernel and one dispatcher.
 * A Frame of at least 4096 bytes, mapped read/write in the dispatcher's VSpace; TPIDRRO_EL0 holds its address there.
 * All of it is the user's own: lying in it harms only the liar (docs/dispatch.md).
 */
#ifndef SHOAL_DISPFRAME_H
#define SHOAL_DISPFRAME_H

/* Offsets for assembly; each is asserted against the struct below. */
#define DF_DISABLED      0
#define DF_PENDING       8
#define DF_RUN_ENTRY     16
#define DF_FAULT_ENTRY   24
#define DF_USER          32     /* eight words that the kernel never looks at (upcall stack, libos state) */
#define DF_ENABLED       128
#define DF_DISABLED_AREA 416
#define DF_SUMMARY       1024
#define DF_EVENTS        1536

/* Offsets inside a save area */
#define SAVE_X           0      /* x0..x30 */
#define SAVE_SP          248
#define SAVE_PC          256
#define SAVE_PSTATE      264
#define SAVE_TPIDR       272
#define SAVE_BYTES       280

#define DF_SUMMARY_WORDS 64     /* one bit per word of events: at most 64 * 64 words */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct save_area {
    uint64_t x[31];
    uint64_t sp, pc, pstate, tpidr;     /* of pstate only the condition flags are ever loaded */
};

struct dispatcher_frame {
    uint64_t disabled;          /**< not zero: no upcalls, and the disabled area is used; set by kernel and user       */
    uint64_t pending;           /**< set by the kernel with each event; cleared by the user before it takes them       */
    uint64_t run_entry;         /**< PC of the run upcall: x0 = pending; all else zero; disabled is set                */
    uint64_t fault_entry;       /**< PC of the fault upcall, 0: none.  x0 = cause, x1 = address, x2 = syndrome         */
    uint64_t user[8];
    uint64_t reserved_[4];
    struct save_area enabled;
    uint64_t reserved2_[1];
    struct save_area disabled_area;
    uint64_t reserved3_[41];
    uint64_t summary[DF_SUMMARY_WORDS]; /**< bit w % 64 of word w / 64: events[w] may hold a bit                       */
    uint64_t events[];          /**< bit id % 64 of word id / 64; as many words as the frame has room for, at most 4096 */
};

/** Event ids that a frame of @p bytes has. */
#define DF_EVENT_IDS(bytes)                                                                                            \
    ((((bytes) - DF_EVENTS) / 8 < 64 * DF_SUMMARY_WORDS ? ((bytes) - DF_EVENTS) / 8 : 64 * DF_SUMMARY_WORDS) * 64)

_Static_assert(offsetof(struct dispatcher_frame, disabled) == DF_DISABLED, "");
_Static_assert(offsetof(struct dispatcher_frame, pending) == DF_PENDING, "");
_Static_assert(offsetof(struct dispatcher_frame, run_entry) == DF_RUN_ENTRY, "");
_Static_assert(offsetof(struct dispatcher_frame, fault_entry) == DF_FAULT_ENTRY, "");
_Static_assert(offsetof(struct dispatcher_frame, user) == DF_USER, "");
_Static_assert(offsetof(struct dispatcher_frame, enabled) == DF_ENABLED, "");
_Static_assert(offsetof(struct dispatcher_frame, disabled_area) == DF_DISABLED_AREA, "");
_Static_assert(offsetof(struct dispatcher_frame, summary) == DF_SUMMARY, "");
_Static_assert(offsetof(struct dispatcher_frame, events) == DF_EVENTS, "");
_Static_assert(offsetof(struct save_area, sp) == SAVE_SP && offsetof(struct save_area, tpidr) == SAVE_TPIDR, "");
_Static_assert(sizeof(struct save_area) == SAVE_BYTES, "");

/** Why a dispatcher faulted.  An exit status after a crash is 128 + cause. */
enum fault_cause {
    FAULT_NONE = 0,
    FAULT_READ = 1,         /**< load from an address that is not mapped, or not readable                             */
    FAULT_WRITE = 2,
    FAULT_EXEC = 3,
    FAULT_ALIGN = 4,        /**< unaligned stack, PC or device access                                                 */
    FAULT_ILLEGAL = 5,      /**< undefined or trapped instruction                                                     */
    FAULT_BREAKPOINT = 6,   /**< BRK                                                                                  */
    FAULT_ABORT = 7,        /**< external abort: the bus answered with an error                                       */
    FAULT_OTHER = 8,
    FAULT_REVOKED = 9,      /**< its CSpace, VSpace or frame was revoked                                              */
};
#endif
#endif
