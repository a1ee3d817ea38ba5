/**
 * @file caps.h  Every invocation of the kernel as a typed function.  The errors of each are in docs/abi.md; all can
 * return E_CAP_LOOKUP, E_CAP_EMPTY and, for a capability of another type, E_OP.
 *
 * A slot is named by a pair (root, address): root CPTR_NULL is the caller's own CSpace, else an L1 CNode (address in
 * two levels) or an L2 CNode (address = index).
 */
#ifndef OS_CAPS_H
#define OS_CAPS_H

#include <os/syscall.h>
#include <shoal/invoke.h>
#include <shoal/mailbox.h>

struct cap_info {
    enum cap_type type;
    uint64_t rights;
    uint64_t base, bytes;   /**< on the number line of the type                                                       */
    uint64_t extra;         /**< badge (Endpoint), entries (L1 CNode), else 0                                         */
    uint64_t owner;         /**< core that made the object                                                            */
};

static inline err_t cap_copy(cptr_t dst_root, cptr_t dst, cptr_t src_root, cptr_t src, uint64_t rights)
{
    return INVOKE(dst_root, CNODE_COPY, dst, src_root, src, rights).err;
}

static inline err_t cap_mint(cptr_t dst_root, cptr_t dst, cptr_t src_root, cptr_t src, uint64_t rights, uint64_t badge)
{
    return INVOKE(dst_root, CNODE_MINT, dst, src_root, src, rights, badge).err;
}

static inline err_t cap_move(cptr_t dst_root, cptr_t dst, cptr_t src_root, cptr_t src)
{
    return INVOKE(dst_root, CNODE_MOVE, dst, src_root, src).err;
}

/** One bounded part of a deletion.  E_AGAIN: call again. */
static inline err_t cap_delete_step(cptr_t root, cptr_t slot)
{
    return INVOKE(root, CNODE_DELETE, slot).err;
}

/** One bounded part of a revocation.  E_AGAIN: call again. */
static inline err_t cap_revoke_step(cptr_t root, cptr_t slot, uint64_t offset, uint64_t bytes)
{
    return INVOKE(root, CNODE_REVOKE, slot, offset, bytes).err;
}

/** Delete to the end.  If the slot was the last of an object with state, the object is destroyed. */
err_t cap_delete(cptr_t root, cptr_t slot);

/** Revoke to the end: all that was made from [offset, offset + bytes) of the capability, and its other copies. */
err_t cap_revoke(cptr_t root, cptr_t slot, uint64_t offset, uint64_t bytes);

err_t cap_identify(cptr_t root, cptr_t slot, struct cap_info *info);

/** Of RAM, DevRange, IRQTable and ID. */
static inline err_t cap_retype(cptr_t from, enum cap_type type, uint64_t offset, uint64_t size, uint64_t count,
                               cptr_t dst_root, cptr_t dst)
{
    return INVOKE(from, MEMORY_RETYPE, type, offset, size, count, dst_root, dst).err;
}

/** @p map_flags: enum map_flags.  The new Mapping goes to (dst_root, dst). */
static inline err_t vnode_map(cptr_t vnode, cptr_t frame, uint64_t first, uint64_t count, uint64_t offset,
                              uint64_t map_flags, cptr_t dst_root, cptr_t dst)
{
    return INVOKE(vnode, VNODE_MAP, frame, first | count << 16, offset, map_flags, dst_root, dst).err;
}

static inline err_t mapping_protect(cptr_t mapping, uint64_t first, uint64_t count, uint64_t map_flags)
{
    return INVOKE(mapping, MAPPING_PROTECT, first, count, map_flags).err;
}

static inline err_t dispatcher_nop(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_NOP, 0).err;
}

static inline err_t dispatcher_configure(cptr_t disp, cptr_t l1, cptr_t vspace, cptr_t frame, uint64_t frame_va,
                                         cptr_t fault)
{
    return INVOKE(disp, DISPATCHER_CONFIGURE, l1, vspace, frame, frame_va, fault).err;
}

static inline err_t dispatcher_set_cspace(cptr_t disp, cptr_t l1)
{
    return INVOKE(disp, DISPATCHER_SET_CSPACE, l1).err;
}

static inline err_t dispatcher_set_priority(cptr_t disp, uint64_t priority)
{
    return INVOKE(disp, DISPATCHER_SET_PRIORITY, priority).err;
}

static inline err_t dispatcher_start(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_START, 0).err;
}

static inline err_t dispatcher_hold(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_HOLD, 0).err;
}

static inline err_t dispatcher_release(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_RELEASE, 0).err;
}

static inline err_t dispatcher_stop(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_STOP, 0).err;
}

static inline err_t dispatcher_resume(cptr_t disp)
{
    return INVOKE(disp, DISPATCHER_RESUME, 0).err;
}

/** Five registers from @p first on: 0..30 x, 31 SP, 32 PC, 33 PSTATE, 34 TPIDR_EL0; past the end: 0. */
err_t dispatcher_read_regs(cptr_t disp, uint64_t first, uint64_t regs[5]);

/** Four words at @p address, a multiple of 8, of its VSpace. */
err_t dispatcher_peek(cptr_t disp, uint64_t address, uint64_t words[4]);

struct dispatcher_info {
    uint64_t state;             /**< enum dispatcher_state                                                            */
    uint64_t fault_cause, fault_address;
    uint64_t priority, ceiling;
    uint64_t time_used;         /**< ticks                                                                            */
};
err_t dispatcher_status(cptr_t disp, struct dispatcher_info *info);

static inline err_t endpoint_bind(cptr_t endpoint, cptr_t disp, uint64_t event, cptr_t ring_frame, uint64_t offset,
                                  uint64_t log2_slots)
{
    return INVOKE(endpoint, ENDPOINT_BIND, disp, event, ring_frame, offset, log2_slots).err;
}

static inline err_t endpoint_set_recv_slot(cptr_t endpoint, cptr_t slot)
{
    return INVOKE(endpoint, ENDPOINT_SET_RECV_SLOT, slot).err;
}

static inline err_t notify_signal(cptr_t notify)
{
    return INVOKE(notify, NOTIFY_SIGNAL, 0).err;
}

static inline err_t notify_bind(cptr_t notify, cptr_t disp, uint64_t event)
{
    return INVOKE(notify, NOTIFY_BIND, disp, event).err;
}

static inline err_t notify_unbind(cptr_t notify)
{
    return INVOKE(notify, NOTIFY_UNBIND, 0).err;
}

static inline err_t irq_bind(cptr_t irq, cptr_t notify)
{
    return INVOKE(irq, IRQ_BIND, notify).err;
}

static inline err_t irq_unbind(cptr_t irq)
{
    return INVOKE(irq, IRQ_UNBIND, 0).err;
}

static inline err_t irq_ack(cptr_t irq)
{
    return INVOKE(irq, IRQ_ACK, 0).err;
}

static inline err_t irq_set_trigger(cptr_t irq, uint64_t edge)
{
    return INVOKE(irq, IRQ_SET_TRIGGER, edge).err;
}

/** Which core gets it.  On the boot core. */
static inline err_t irq_set_target(cptr_t irq, uint64_t core)
{
    return INVOKE(irq, IRQ_SET_TARGET, core).err;
}

/** Bytes one kernel_print takes. */
#define KERNEL_PRINT_BYTES 40u
err_t kernel_print(cptr_t kernel, const char *text, uint64_t bytes);

static inline err_t kernel_reap(cptr_t kernel)
{
    return INVOKE(kernel, KERNEL_REAP, 0).err;
}

struct kernel_log {
    uint64_t bytes;             /**< 0..32; 0: nothing newer                                                          */
    char text[32];
    uint64_t position;          /**< of text[0]                                                                       */
};
err_t kernel_read_log(cptr_t kernel, uint64_t position, struct kernel_log *log);

static inline err_t kernel_set_ceiling(cptr_t kernel, cptr_t disp, uint64_t ceiling)
{
    return INVOKE(kernel, KERNEL_SET_CEILING, disp, ceiling).err;
}

struct kernel_counters {
    uint64_t caps;              /**< in the mapping database                                                          */
    uint64_t reap;              /**< 1: kernel_reap has work                                                          */
    uint64_t switches, irqs;
};
err_t kernel_counters(cptr_t kernel, struct kernel_counters *counters);

static inline err_t core_power_off(cptr_t core_control, uint64_t status)
{
    return INVOKE(core_control, CORE_POWER_OFF, status).err;
}

/** Switch the own core off.  Returns only with an error: E_BOOT_CORE. */
static inline err_t kernel_stop(cptr_t kernel)
{
    return INVOKE(kernel, KERNEL_STOP, 0).err;
}

/** Lend unused RAM to @p core: its slot becomes empty, *husk is the number under which the kernel keeps it. */
err_t kernel_to_husk(cptr_t kernel, cptr_t ram, uint64_t core, uint64_t *husk);

static inline err_t kernel_from_husk(cptr_t kernel, uint64_t husk, cptr_t dst_root, cptr_t dst)
{
    return INVOKE(kernel, KERNEL_FROM_HUSK, husk, dst_root, dst).err;
}

/** The Notify that the kernel signals when only the monitor can do something. */
static inline err_t kernel_bind(cptr_t kernel, cptr_t notify)
{
    return INVOKE(kernel, KERNEL_BIND, notify).err;
}

static inline err_t kernel_unbind(cptr_t kernel)
{
    return INVOKE(kernel, KERNEL_UNBIND, 0).err;
}

/** Connect with @p core over MAILBOX_PAIR_BYTES of a Frame of zeros; @p l1: a CSpace of Notifys it may signal. */
static inline err_t kernel_connect(cptr_t kernel, uint64_t core, cptr_t frame, uint64_t offset, cptr_t l1)
{
    return INVOKE(kernel, KERNEL_CONNECT, core, frame, offset, l1).err;
}

/** To the end. */
err_t kernel_disconnect(cptr_t kernel, uint64_t core);

struct kernel_peer {
    uint64_t state;             /**< enum peer_state                                                                  */
    uint64_t sent, got;         /**< signals                                                                          */
};
err_t kernel_peer(cptr_t kernel, uint64_t core, struct kernel_peer *peer);

/** A RemoteNotify: notify_signal() of it signals what @p core knows as @p index. */
static inline err_t kernel_remote_notify(cptr_t kernel, uint64_t core, uint64_t index, cptr_t dst_root, cptr_t dst)
{
    return INVOKE(kernel, KERNEL_REMOTE_NOTIFY, core, index, dst_root, dst).err;
}

/** A borrower's husk, when the lender has the RAM back. */
static inline err_t kernel_drop_husk(cptr_t kernel, uint64_t husk)
{
    return INVOKE(kernel, KERNEL_DROP_HUSK, husk).err;
}

/** What a capability is, without its rights: how monitors name it to each other. */
struct cap_name {
    enum cap_type type;
    uint64_t base, bytes;       /**< on the number line of the type                                                   */
    uint64_t owner;             /**< core                                                                             */
};

/** A capability of what @p name->owner made.  Frame, DevFrame, IRQ, ID; @p rights without RIGHT_OWN. */
err_t kernel_make_foreign(cptr_t kernel, const struct cap_name *name, uint64_t rights, cptr_t dst_root, cptr_t dst);

/** RAM that the boot core has lent to this one. */
static inline err_t kernel_make_root(cptr_t kernel, uint64_t base, uint64_t bytes, cptr_t dst_root, cptr_t dst)
{
    return INVOKE(kernel, KERNEL_MAKE_ROOT, base, bytes, dst_root, dst).err;
}

/** Signal the Notify of kernel_bind() when @p cap is the only capability of its object here (@p on), or no more. */
static inline err_t kernel_watch(cptr_t kernel, cptr_t cap, bool on)
{
    return INVOKE(kernel, KERNEL_WATCH, cap, on).err;
}

/** One of those.  E_CAP_EMPTY: there is none. */
err_t kernel_lonely(cptr_t kernel, struct cap_name *name);

/** Close a part of the capability at @p address in the CSpace of @p disp (CPTR_NULL: the caller's), and begin to revoke it. */
err_t kernel_revoke_begin(cptr_t kernel, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t *handle);

/** Close a range for, and begin to delete, what @p name->owner made; type CAP_NULL: all it ever made. */
err_t kernel_purge_begin(cptr_t kernel, const struct cap_name *name, uint64_t *handle);

/** One bounded part of either.  E_AGAIN: call again. */
static inline err_t kernel_sweep_step(cptr_t kernel, uint64_t handle)
{
    return INVOKE(kernel, KERNEL_SWEEP, handle).err;
}

/** To the end. */
err_t kernel_sweep(cptr_t kernel, uint64_t handle);

/** What a swept revocation has left: watched capabilities and husks.  *@p position: first 0.  E_CAP_EMPTY: no more. */
err_t kernel_sweep_left(cptr_t kernel, uint64_t handle, uint64_t *position, struct cap_name *name, bool *husk);

/** Open the range again. */
static inline err_t kernel_sweep_end(cptr_t kernel, uint64_t handle)
{
    return INVOKE(kernel, KERNEL_SWEEP_END, handle).err;
}

/** Start a core (shoal/coreboot.h): @p loan's slot becomes empty, *husk is the number under which the kernel keeps it. */
err_t core_start(cptr_t core_control, uint64_t core, cptr_t loan, cptr_t image, cptr_t channel, uint64_t *husk);

/** *state: enum core_state. */
err_t core_state(cptr_t core_control, uint64_t core, uint64_t *state);

static inline err_t core_reset(cptr_t core_control)
{
    return INVOKE(core_control, CORE_RESET, 0).err;
}

#endif
