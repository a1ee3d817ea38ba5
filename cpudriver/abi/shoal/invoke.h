/**
 * @file invoke.h  Operations of each capability type.  Arguments are a0..a5 (x2..x7), results r0..r5 (x1..x6).
 * The reference, with every error, is docs/abi.md.
 *
 * Operations on slots are invocations of a CNode; the address 0 stands for the caller's own CSpace.  A pair (root, addr)
 * names a slot: root 0 or an L1 CNode resolves addr in two levels (or to an L1 slot with CPTR_L1_FLAG); root an L2 CNode
 * takes addr as the index of a slot.
 */
#ifndef SHOAL_INVOKE_H
#define SHOAL_INVOKE_H

/** CNode, or address 0.  a0 is always the slot acted on, in the invoked root. */
enum cnode_op {
    CNODE_COPY = 0,       /**< a0 dst, a1 src root, a2 src, a3 rights mask                                            */
    CNODE_MINT = 1,       /**< a0 dst, a1 src root, a2 src, a3 rights mask, a4 badge (non-zero).  From a receive cap
                               it makes a send cap (badge 0 allowed there)                                            */
    CNODE_MOVE = 2,       /**< a0 dst, a1 src root, a2 src                                                            */
    CNODE_DELETE = 3,     /**< a0 slot; an empty one is OK.  E_AGAIN: call again                                      */
    CNODE_REVOKE = 4,     /**< a0 slot, a1 offset, a2 bytes.  Deletes all that was made from the range and all other
                               copies of this very object.  E_AGAIN: call again                                       */
    CNODE_IDENTIFY = 5,   /**< a0 slot.  r0 type, r1 rights, r2 base, r3 bytes, r4 badge (endpoint) or entries (L1),
                               r5 core that made the object                                                           */
};

/** RAM, DevRange, IRQTable, ID. */
enum memory_op {
    MEMORY_RETYPE = 0,    /**< a0 type, a1 offset, a2 size, a3 count, a4 dst root, a5 first dst slot.
                               The first object's address must be a multiple of its size or of a page, whichever is
                               less.  Offset and size in bytes (of the type's number line); size: bytes per object for RAM,
                               Frame, DevRange, DevFrame and ID, log2 of the slots for an L1 CNode, else ignored       */
};

/** VNode_L0 to VNode_L3. */
enum vnode_op {
    VNODE_MAP = 0,        /**< a0 Frame, DevFrame or next VNode; a1 first entry | count << 16; a2 offset in the frame;
                               a3 flags (enum map_flags); a4 dst root, a5 dst slot of the new Mapping                 */
};
enum map_flags {
    MAP_READ = 1, MAP_WRITE = 2, MAP_EXEC = 4,
    MAP_NORMAL = 0 << 4,       /**< write-back, inner-shareable (Frame)                                               */
    MAP_UNCACHED = 1 << 4,     /**< Normal non-cacheable (Frame, DevFrame)                                            */
    MAP_DEVICE = 2 << 4,       /**< Device-nGnRE (DevFrame)                                                           */
    MAP_DEVICE_STRICT = 3 << 4,/**< Device-nGnRnE (DevFrame)                                                          */
    MAP_FLAGS_MASK = 0x37
};

/** Mapping.  Deleting it unmaps. */
enum mapping_op {
    MAPPING_PROTECT = 0,  /**< a0 first entry of the mapping, a1 count, a2 new MAP_READ | MAP_WRITE | MAP_EXEC, within
                               what the frame's capability allowed when it was mapped                                 */
};

enum dispatcher_op {
    DISPATCHER_NOP = 0,
    DISPATCHER_CONFIGURE = 1,    /**< a0 L1 CNode, a1 VNode_L0, a2 Frame, a3 address of the frame in that VSpace,
                                      a4 fault endpoint (send cap) or 0                                               */
    DISPATCHER_SET_CSPACE = 2,   /**< a0 L1 CNode                                                                     */
    DISPATCHER_SET_PRIORITY = 3, /**< a0 priority                                                                     */
    DISPATCHER_START = 4,        /**< first run upcall                                                                */
    DISPATCHER_HOLD = 5,
    DISPATCHER_RELEASE = 6,
    DISPATCHER_STOP = 7,         /**< never runs again                                                                */
    DISPATCHER_RESUME = 8,       /**< of a faulted one: continues where it faulted                                    */
    DISPATCHER_READ_REGS = 9,    /**< a0 first (0..30 x, 31 SP, 32 PC, 33 PSTATE, 34 TPIDR_EL0); r0..r4 five of them  */
    DISPATCHER_PEEK = 10,        /**< a0 address in its VSpace, 8-aligned; r0..r3 four words                          */
    DISPATCHER_STATUS = 11,      /**< r0 state (enum dispatcher_state), r1 fault cause, r2 fault address,
                                      r3 priority | ceiling << 8, r4 time used (ticks)                                */
};
enum dispatcher_state {
    DISP_CREATED = 0,    /**< never started                                                                           */
    DISP_READY = 1,      /**< runs, or waits for its turn                                                             */
    DISP_PARKED = 2,
    DISP_FAULTED = 3,
    DISP_STOPPED = 4,    /**< for good: DISPATCHER_STOP, or its CSpace, VSpace or frame was revoked                   */
    DISP_STATE_MASK = 7,
    DISP_HELD = 8,       /**< a flag beside the state                                                                 */
};

/** Endpoint, through its receive capability. */
enum endpoint_op {
    ENDPOINT_BIND = 0,           /**< a0 Dispatcher, a1 event id, a2 Frame of the ring, a3 offset in it, a4 log2 of its
                                      message slots                                                                   */
    ENDPOINT_SET_RECV_SLOT = 1,  /**< a0 slot for received capabilities, in the CSpace of the bound dispatcher        */
};

enum notify_op {
    NOTIFY_SIGNAL = 0,
    NOTIFY_BIND = 1,      /**< a0 Dispatcher, a1 event id                                                             */
    NOTIFY_UNBIND = 2,
};

/** RemoteNotify.  The same number as for a Notify, so who signals need not know which it has. */
enum remote_notify_op {
    REMOTE_NOTIFY_SIGNAL = 0,
};

enum irq_op {
    IRQ_BIND = 0,         /**< a0 Notify.  The line stays masked until the first IRQ_ACK                              */
    IRQ_UNBIND = 1,
    IRQ_ACK = 2,          /**< unmask                                                                                 */
    IRQ_SET_TRIGGER = 3,  /**< a0 0 level, 1 edge                                                                     */
    IRQ_SET_TARGET = 4,   /**< a0 core that gets it                                                                   */
};

enum kernel_op {
    KERNEL_PRINT = 0,     /**< a0 number of bytes (0..40), a1..a5 the bytes, little endian                            */
    KERNEL_REAP = 1,      /**< go on with what died.  E_AGAIN: there is more                                          */
    KERNEL_READ_LOG = 2,  /**< a0 position; r0 bytes (0..32), r1..r4 the bytes, r5 the position they start at         */
    KERNEL_SET_CEILING = 3, /**< a0 Dispatcher, a1 ceiling                                                            */
    KERNEL_COUNTERS = 4,  /**< r0 capabilities, r1 1: KERNEL_REAP has work, r2 switches, r3 interrupts               */
    KERNEL_STOP = 5,      /**< switch this core off; does not return                                                  */
    KERNEL_TO_HUSK = 6,   /**< a0 RAM, unused; a1 core it is lent to.  The slot becomes empty; r0 number of the husk  */
    KERNEL_FROM_HUSK = 7, /**< a0 number, a1 dst root, a2 dst slot: the RAM is back                                   */
    KERNEL_BIND = 8,      /**< a0 Notify, signalled when a peer dies or a watched capability is the only one of its object */
    KERNEL_UNBIND = 9,
    KERNEL_CONNECT = 10,  /**< a0 core, a1 Frame, a2 offset of MAILBOX_PAIR_BYTES in it, a3 L1 CNode in which addresses below
                               MAILBOX_INDICES name the Notifys that this core may signal (shoal/mailbox.h)           */
    KERNEL_DISCONNECT = 11, /**< a0 core.  E_AGAIN: call again                                                        */
    KERNEL_PEER = 12,     /**< a0 core.  r0 enum peer_state, r1 signals sent to it, r2 signals got from it            */
    KERNEL_REMOTE_NOTIFY = 13, /**< a0 core, a1 index there, a2 dst root, a3 dst slot of the new RemoteNotify         */
    KERNEL_DROP_HUSK = 14, /**< a0 number: RAM that was borrowed, and that its owner has back                         */
    KERNEL_MAKE_FOREIGN = 15, /**< a0 type | rights << 8 | owner << 16, a1 base, a2 bytes, a3 dst root, a4 dst slot   */
    KERNEL_MAKE_ROOT = 16, /**< a0 base, a1 bytes, a2 dst root, a3 dst slot: RAM that the boot core has lent          */
    KERNEL_WATCH = 17,    /**< a0 capability, a1 1: tell when it is the only one of its object, 0: no more            */
    KERNEL_LONELY = 18,   /**< r0 type, r1 base, r2 bytes, r3 owner of one that is, taken off the list                */
    KERNEL_REVOKE_BEGIN = 19, /**< a0 Dispatcher or 0, a1 address in its CSpace, a2 offset, a3 bytes.  r0 handle      */
    KERNEL_PURGE_BEGIN = 20,  /**< a0 owner, a1 type (0: whatever it is and wherever), a2 base, a3 bytes.  r0 handle  */
    KERNEL_SWEEP = 21,    /**< a0 handle.  E_AGAIN: call again                                                        */
    KERNEL_SWEEP_LEFT = 22, /**< a0 handle, a1 position, first 0.  r0 type, r1 base, r2 bytes, r3 owner of an anchor or
                               husk, r4 1: a husk, r5 next position                                                   */
    KERNEL_SWEEP_END = 23, /**< a0 handle                                                                             */
    KERNEL_OPS            /**< how many there are */
};

enum corecontrol_op {
    CORE_POWER_OFF = 0,   /**< a0 exit status (0..255)                                                                */
    CORE_RESET = 1,
    CORE_START = 2,       /**< a0 core, a1 RAM to lend to it, a2 Frame with the image of its init, a3 Frame shared with it or 0
                               (shoal/coreboot.h).  r0 number of the husk: where the lent RAM is kept                 */
    CORE_STATE = 3,       /**< a0 core.  r0 enum core_state                                                           */
    CORECONTROL_OPS
};

#endif
