/** @file plat_inline.h  Device accesses on the hot path: GICv3 CPU interface, generic timer.
 *  Sources: Arm IHI 0069 (ICC_*), Arm ARM D11 (CNTV_*). */
#ifndef ARCH_PLAT_INLINE_H
#define ARCH_PLAT_INLINE_H

static inline uint32_t gic_acknowledge(void)
{
    uint64_t v;
    __asm__ volatile("mrs %0, s3_0_c12_c12_0" : "=r"(v) :: "memory");           /* ICC_IAR1_EL1 */
    __asm__ volatile("dsb nsh" ::: "memory");   /* the acknowledge takes effect before the source is looked at */
    return (uint32_t)v;
}

static inline void gic_end(uint32_t intid)
{
    __asm__ volatile("msr s3_0_c12_c12_1, %0" :: "r"((uint64_t)intid) : "memory"); /* ICC_EOIR1_EL1 */
}

static inline uint64_t timer_now(void)
{
    uint64_t v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v) :: "memory");
    return v;
}

static inline void timer_set(uint64_t when)
{
    __asm__ volatile("msr cntv_cval_el0, %0\n\tmsr cntv_ctl_el0, %1\n\tisb" :: "r"(when), "r"(1ull) : "memory");
}

static inline void timer_off(void)
{
    __asm__ volatile("msr cntv_ctl_el0, %0\n\tisb" :: "r"(0ull) : "memory");
}

#endif
