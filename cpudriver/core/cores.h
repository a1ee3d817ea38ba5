/**
 * @file cores.h  Other cores: start, state, stop (docs/cores.md).
 */
#ifndef CORE_CORES_H
#define CORE_CORES_H

#include <core/kcb.h>
#include <shoal/coreboot.h>
#include <shoal/err.h>

/** Boot core: start core @p index with the memory @p loan, which begins with struct core_boot and becomes a husk; its init is read
 *  from the Frame @p image.  @p channel: a Frame to share with it, or NULL.
 * @return E_ARG no such core; E_BOOT_CORE this very one; the errors of husk_check for the loan; E_CAP_TYPE, E_CAP_RIGHTS the Frames
 *         (image readable, channel readable and writable); E_CORE_BLOCK; E_CAP_SIZE the loan is too small; E_CORE_ON it is not off;
 *         E_FIRMWARE.  Nothing has changed then but the loan's contents.
 * Cost: O(sizeof(struct kcb)), for zeroing; O(log n). */
err_t core_power_on(struct kcb *k, uint64_t index, struct cte *loan, struct cte *image, struct cte *channel, uint64_t *husk);

/** Boot core: enum core_state of core @p index.  @return E_ARG, E_FIRMWARE */
err_t core_power_state(struct kcb *k, uint64_t index, uint64_t *state);

/** What start.S calls on a new core: MMU on, stack and TPIDR_EL1 in the KCB that core_power_on has filled in. */
_Noreturn void core_main(bool from_el2);

/** Physical range of a loan's parts: KCB behind the boot page, then init's own memory, then what init gets as RAM. */
static inline struct range core_kcb_range(struct range loan)
{
    return (struct range){ loan.base + SHOAL_PAGE_SIZE, (sizeof(struct kcb) + SHOAL_PAGE_SIZE - 1) & ~(SHOAL_PAGE_SIZE - 1ull) };
}

#endif
