/*
 * start.S  The first instructions: from the loader's state (MMU off, EL2 or EL1, one core) to C at its final address.
 * Other cores come later, through PSCI CPU_ON, to core_entry.
 *
 * Image header: Linux arm64 boot protocol, Documentation/arm64/booting: text_offset 0, any base that is a multiple of
 * 2 MiB, x0 = physical address of the device tree.  The loader has cleaned the image to the point of coherency; nothing
 * is known of what caches hold for the memory behind it (the NOLOAD area).
 *
 * Registers kept throughout:
 *   x19 device tree   x20 image (physical)   x21 1: entered at EL2, 0: at EL1   x22 NOLOAD area, x23 its end (physical)
 *
 * Until the vectors of the kernel are up, every exception ends in early_fault, which says so on the built-in console.  Until then
 * TPIDR_EL1 says what is to be done then: bit 0, something has gone wrong already; bit 1, this is not the boot core, which is
 * switched off alone.
 */
#include <arch/core.h>
#include <arch/sysreg.h>
#include <plat/builtin_console.h>

        .section .head, "ax"
        .global _start
_start: b       start
        .long   0
        .quad   0                               // text_offset
        .quad   __image_size                    // with the NOLOAD area
        .quad   1 << 1 | 1 << 3                 // little endian, 4 KiB pages, any base
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0

start:  msr     daifset, #0xf
        mov     x19, x0
        adr     x20, _start                     // not adrp before the alignment is known
        msr     tpidr_el1, xzr                  // early_die: nothing has gone wrong yet
        mrs     x21, CurrentEL
        ubfx    x21, x21, #2, #2
        sub     x21, x21, #1
        cmp     x21, #1
        adr     x0, say_el3
        b.hi    early_die
        tst     x20, #0x1fffff
        adr     x0, say_alignment
        b.ne    early_die

        adr     x1, early_vectors
        msr     vbar_el1, x1
        cbz     x21, 1f
        msr     vbar_el2, x1
1:      adrp    x22, __noload_start             // linked as part of the image, so this is where it lies
        adrp    x23, __noload_end
        bl      noload_clear
        cbz     x21, 2f
        bl      el2_to_el1
2:      bl      el1_reset

        mov     sp, x23                         // until the tables are up: the far end of the area
        mov     x0, x20
        mov     x1, x22
        mov     x2, x23
        bl      mmu_early                       // x0: TTBR0 (identity map of the image), x1: TTBR1; both 0: no room
        adr     x2, say_no_room
        cbnz    x0, 3f
        mov     x0, x2
        b       early_die
3:      mov     x24, x0
        mov     x25, x1
        bl      noload_invalidate               // lines that were fetched meanwhile, before they are looked at
        mov     x0, x24
        mov     x1, x25
        bl      mmu_on
        ldr     x0, =high
        br      x0

high:   adrp    x0, vectors
        add     x0, x0, :lo12:vectors
        msr     vbar_el1, x0
        mov     x1, #ASM_LINEAR_BASE
        orr     x1, x1, x22                     // the KCB is the first thing in the area
        adrp    x0, kcb_stack_end
        ldr     x0, [x0, :lo12:kcb_stack_end]
        add     x0, x1, x0
        mov     sp, x0
        msr     tpidr_el1, x1
        isb
        mov     x29, xzr                        // the backtrace ends here
        mov     x30, xzr
        mov     x0, x19
        mov     x1, x20
        mov     x2, x21
        bl      boot_main
        b       .                               // not reached: boot_main does not return

/* Another core, as PSCI starts it: MMU and caches off, interrupts masked, at the level the boot core was entered at.
 * x0 = physical address of its struct core_words.  Uses no memory but that until it runs at its final address.
 * x19 the words   x21 1: entered at EL2 */
        .global core_entry
core_entry:
        msr     daifset, #0xf
        mov     x19, x0
        mov     x0, #2
        msr     tpidr_el1, x0
        mrs     x21, CurrentEL
        ubfx    x21, x21, #2, #2
        sub     x21, x21, #1
        cmp     x21, #1
        adr     x0, say_el3
        b.hi    early_die
        adr     x1, early_vectors
        msr     vbar_el1, x1
        cbz     x21, 1f
        msr     vbar_el2, x1
        bl      el2_to_el1
1:      bl      el1_reset
        ldr     x0, [x19, #CORE_WORDS_TTBR0]
        ldr     x1, [x19, #CORE_WORDS_TTBR1]
        bl      mmu_on
        ldr     x0, =core_high
        br      x0

core_high:
        mov     x0, #ASM_LINEAR_BASE
        orr     x19, x19, x0
        ldr     x0, [x19, #CORE_WORDS_EMPTY]    // the identity map is gone from here
        msr     ttbr0_el1, x0
        isb
        tlbi    vmalle1
        dsb     nsh
        isb
        adrp    x0, vectors
        add     x0, x0, :lo12:vectors
        msr     vbar_el1, x0
        ldr     x1, [x19, #CORE_WORDS_KCB]
        adrp    x0, kcb_stack_end
        ldr     x0, [x0, :lo12:kcb_stack_end]
        add     x0, x1, x0
        mov     sp, x0
        msr     tpidr_el1, x1
        isb
        mov     x29, xzr
        mov     x30, xzr
        mov     x0, x21
        bl      core_main
        b       .                               // not reached

/* The area is memory: zeros go to it past the caches, so lines that hold older contents must go first.  Then a look at
 * both ends, for a loader that did not heed image_size. */
noload_clear:
        mov     x10, x30
        bl      noload_invalidate
        mov     x0, x22
1:      stp     xzr, xzr, [x0], #16
        cmp     x0, x23
        b.lo    1b
        mov     x1, #0x5555555555555555
        str     x1, [x22]
        str     x1, [x23, #-8]
        dsb     sy
        ldr     x2, [x22]
        ldr     x3, [x23, #-8]
        cmp     x1, x2
        ccmp    x1, x3, #0, eq
        adr     x0, say_no_memory
        b.ne    early_die
        str     xzr, [x22]
        str     xzr, [x23, #-8]
        dsb     sy
        ret     x10

noload_invalidate:
        mrs     x2, ctr_el0
        ubfx    x2, x2, #16, #4                 // DminLine: log2 of words of 4 bytes
        mov     x3, #4
        lsl     x3, x3, x2
        mov     x0, x22
1:      dc      ivac, x0
        add     x0, x0, x3
        cmp     x0, x23
        b.lo    1b
        dsb     sy
        ret

/* Give EL1 what it needs, and leave EL2 for good.  HVC, or a trap of EL2's own, ends in early_fault. */
el2_to_el1:
        mov     x0, #HCR_EL2_RW
        orr     x0, x0, #HCR_EL2_APK_API        // pointer authentication is not EL2's; no effect where there is none
        msr     hcr_el2, x0
        isb                                     // E2H is 0 from here: the registers below have their plain layout
        mov     x0, #CNTHCTL_EL2_EL1
        msr     cnthctl_el2, x0
        msr     cntvoff_el2, xzr
        mov     x0, #CPTR_EL2_NO_TRAPS
        msr     cptr_el2, x0
        msr     hstr_el2, xzr
        msr     vttbr_el2, xzr
        mrs     x0, midr_el1
        msr     vpidr_el2, x0
        mrs     x0, mpidr_el1
        msr     vmpidr_el2, x0

        mrs     x0, id_aa64dfr0_el1             // all event counters are EL1's (HPMN)
        ubfx    x0, x0, #8, #4
        mov     x1, xzr
        cbz     x0, 1f
        cmp     x0, #15
        b.eq    1f
        mrs     x1, pmcr_el0
        ubfx    x1, x1, #11, #5
1:      msr     mdcr_el2, x1

        mrs     x0, id_aa64pfr0_el1             // GIC system registers, if there are any
        ubfx    x0, x0, #24, #4
        cbz     x0, 2f
        mrs     x0, ICC_SRE_EL2
        orr     x0, x0, #ICC_SRE_EL2_SRE
        orr     x0, x0, #ICC_SRE_EL2_ENABLE
        msr     ICC_SRE_EL2, x0
        isb
        msr     ICH_HCR_EL2, xzr
2:      ldr     x0, =SCTLR_EL1_RES1
        msr     sctlr_el1, x0
        mov     x0, #SPSR_EL1H_MASKED
        msr     spsr_el2, x0
        msr     elr_el2, x30
        eret

/* EL1 as after a reset, whoever had it before. */
el1_reset:
        msr     spsel, #1
        ldr     x0, =SCTLR_EL1_RES1
        msr     sctlr_el1, x0
        msr     cpacr_el1, xzr
        isb
        ret

/* MMU and caches on, at the address the identity map has.  x0 TTBR0, x1 TTBR1. */
mmu_on: ldr     x2, =MAIR_VALUE
        msr     mair_el1, x2
        ldr     x2, =TCR_VALUE
        mrs     x3, id_aa64mmfr0_el1
        and     x4, x3, #15                     // PARange is encoded as IPS is; 48 bits at most with these descriptors
        mov     x5, #5
        cmp     x4, x5
        csel    x4, x4, x5, lo
        bfi     x2, x4, #32, #3
        ubfx    x4, x3, #4, #4                  // ASIDBits 2: 16 bits, take them
        cmp     x4, #2
        cset    x4, eq
        bfi     x2, x4, #36, #1
        msr     tcr_el1, x2
        msr     ttbr0_el1, x0
        msr     ttbr1_el1, x1
        ic      iallu
        tlbi    vmalle1
        dsb     nsh
        isb

        ldr     x2, =SCTLR_EL1_ON
        mrs     x3, id_aa64mmfr1_el1
        ubfx    x3, x3, #20, #4
        cbz     x3, 1f
        bic     x2, x2, #SCTLR_EL1_SPAN         // PAN set by every exception that comes to EL1 …
        .inst   0xd500419f                      // … and now: MSR PAN, #1
1:      msr     sctlr_el1, x2
        isb
        ret

/* void mmu_switch(ttbr1, empty, image): from the early tables to the final ones.  They map the same addresses in leaves
 * of other sizes, so no translation of TTBR1 may be in the TLB meanwhile: run at the identity address with an empty
 * TTBR1 in between (Arm ARM D5.10, break-before-make).  Uses no memory but its instructions.  TTBR0 is empty
 * afterwards. */
        .global mmu_switch
mmu_switch:
        adr     x3, 1f
        adr     x4, _start
        sub     x3, x3, x4
        add     x3, x3, x2
        adr     x5, 2f
        br      x3
1:      msr     ttbr1_el1, x1
        isb
        tlbi    vmalle1
        dsb     nsh
        isb
        msr     ttbr1_el1, x0
        isb
        br      x5
2:      msr     ttbr0_el1, x1
        isb
        tlbi    vmalle1
        dsb     nsh
        isb
        ret
        .ltorg

/* Say the sentence at x0 and switch the machine, or this core, off; stop where that fails too. */
early_die:
        mrs     x1, tpidr_el1
        orr     x1, x1, #1
        msr     tpidr_el1, x1
        bl      early_puts
        adr     x0, say_end
        bl      early_puts
        mrs     x1, tpidr_el1
        movz    x0, #0x0008                     // PSCI SYSTEM_OFF, of whoever is above us; nobody is above EL3
        mov     x2, #0x0002                     // CPU_OFF
        tst     x1, #2
        csel    x0, x0, x2, eq
        movk    x0, #0x8400, lsl #16
        mrs     x1, CurrentEL
        cmp     x1, #2 << 2
        b.hi    2f
        b.lo    1f
        smc     #0
        b       2f
1:      hvc     #0
2:      wfi
        b       2b

/* Any exception before the vectors are up, and any at EL2 later. */
early_fault:
        mrs     x1, tpidr_el1
        tbnz    x1, #0, 2b
        mrs     x1, CurrentEL
        cmp     x1, #1 << 2
        b.eq    1f
        mrs     x26, esr_el2
        mrs     x27, elr_el2
        mrs     x28, far_el2
        b       2f
1:      mrs     x26, esr_el1
        mrs     x27, elr_el1
        mrs     x28, far_el1
2:      adr     x0, say_fault
        bl      early_puts
        mov     x0, x26
        bl      early_hex
        mov     x0, x27
        bl      early_hex
        mov     x0, x28
        bl      early_hex
        adr     x0, say_nothing
        b       early_die

/* x0: 16 digits and a space in front. */
early_hex:
        mov     x10, x30
        mov     x9, x0
        mov     x0, #' '
        bl      early_putc
        mov     x8, #60
1:      lsr     x0, x9, x8
        and     x0, x0, #15
        cmp     x0, #10
        add     x1, x0, #'a' - 10
        add     x0, x0, #'0'
        csel    x0, x0, x1, lo
        bl      early_putc
        subs    x8, x8, #4
        b.pl    1b
        ret     x10

early_puts:
        mov     x10, x30
        mov     x9, x0
1:      ldrb    w0, [x9], #1
        cbz     w0, 2f
        bl      early_putc
        b       1b
2:      ret     x10

/* w0: one byte.  Uses x1 … x3. */
early_putc:
#if BUILTIN_CONSOLE_BASE
        ldr     x1, =BUILTIN_CONSOLE_BASE
        mrs     x2, CurrentEL
        cmp     x2, #1 << 2
        b.ne    1f                              // at EL2 the MMU is off
        mrs     x2, sctlr_el1
        tbz     x2, #0, 1f
        mov     x2, #ASM_DEVICE_BASE
        add     x1, x1, x2
1:      mov     w2, #0x100000                   // a device that hangs must not hang us: about a second
2:      sub     w2, w2, #1
        cbz     w2, 3f
        ldr     w3, [x1, #BUILTIN_CONSOLE_STATUS]
#if BUILTIN_CONSOLE_BIT_BUSY
        tbnz    w3, #BUILTIN_CONSOLE_BIT, 2b
#else
        tbz     w3, #BUILTIN_CONSOLE_BIT, 2b
#endif
3:      str     w0, [x1, #BUILTIN_CONSOLE_DATA]
#endif
        ret
        .ltorg

say_el3:        .asciz "boot: entered at EL3; EL2 or EL1 is needed"
say_alignment:  .asciz "boot: the image is not at a multiple of 2 MiB"
say_no_memory:  .asciz "boot: no memory behind the image"
say_no_room:    .asciz "boot: no room for the first page tables"
say_fault:      .asciz "boot: exception before the kernel's vectors were up: syndrome, instruction, address:"
say_nothing:    .asciz ""
say_end:        .asciz "\r\n"

        .balign 2048
early_vectors:
        .rept   16
        b       early_fault
        .balign 128
        .endr
