/**
 * @file cap.h  Capability types, rights and addresses as user space sees them.
 */
#ifndef SHOAL_CAP_H
#define SHOAL_CAP_H

#include <stdint.h>

enum cap_type {
    CAP_NULL = 0,
#define CAPTYPE(name, number, space, fixed, parent) CAP_##name = number,
#include <shoal/captypes.def>
#undef CAPTYPE
    CAP_TYPE_COUNT
};

/** Rights of a capability.  Copying can only narrow them. */
enum cap_rights {
    RIGHT_READ = 1,   /**< map readable; identify                                                                    */
    RIGHT_WRITE = 2,  /**< map writable; send, signal, change an object                                              */
    RIGHT_EXEC = 4,   /**< map executable                                                                            */
    RIGHT_GRANT = 8,  /**< send capabilities through an endpoint                                                     */
    RIGHT_OWN = 16,   /**< retype and revoke; lost when the capability is sent, unless it is given away              */
    RIGHTS_ALL = 31
};

/** Where a CSpace address leads: bits 31..8 index the L1 CNode, bits 7..0 the L2 CNode found there.  With CPTR_L1 the
 *  address stops at the L1 slot itself.  The address 0 is never valid: as a root it means the caller's own CSpace. */
typedef uint64_t cptr_t;
#define CPTR_NULL            ((cptr_t)0)
#define CPTR_L1_FLAG         ((cptr_t)1 << 32)
#define CPTR(l1, slot)       (((cptr_t)(l1) << 8) | (cptr_t)(slot))
#define CPTR_L1(l1)          (CPTR_L1_FLAG | ((cptr_t)(l1) << 8))

#define L2_SLOTS             256u            /**< slots of an L2 CNode                                                */
#define L1_SLOTS_LOG2_MIN    6u              /**< an L1 CNode has 64 …                                                */
#define L1_SLOTS_LOG2_MAX    12u             /**< … to 4096 slots                                                     */
#define SLOT_BYTES           64u
#define SHOAL_PAGE_SIZE      4096u

/** Most capabilities one retype makes; most kernel objects, and bytes of them, which are zeroed in the call. */
#define RETYPE_MAX_COUNT     64u
#define RETYPE_MAX_OBJECTS   32u
#define RETYPE_MAX_KOBJ      (256u * 1024)

#endif
