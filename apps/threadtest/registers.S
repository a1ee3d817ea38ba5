/* uint64_t hold_registers(uint64_t seed, uint64_t count): x2 to x17, x19 to x28, x30 and all q registers hold numbers
 * made of the seed while it counts down in x18; then those that differ are counted. */
    .arch_extension fp
    .arch_extension simd

.macro each_x what
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,19,20,21,22,23,24,25,26,27,28,30
    \what   \n
    .endr
.endm
.macro each_v what
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \what   \n
    .endr
.endm
.macro fill_v n
    add     x2, x0, #(\n * 64)
    dup     v\n\().2d, x2
    mvn     x2, x2
    ins     v\n\().d[1], x2
.endm
.macro fill_x n
    add     x\n, x0, #\n
.endm
.macro check_x n
    sub     x\n, x\n, #\n
    cmp     x\n, x0
    cinc    x1, x1, ne
.endm
.macro check_v n
    add     x2, x0, #(\n * 64)
    umov    x3, v\n\().d[0]
    cmp     x2, x3
    cinc    x1, x1, ne
    umov    x3, v\n\().d[1]
    mvn     x3, x3
    cmp     x2, x3
    cinc    x1, x1, ne
.endm

    .section .text.hold_registers, "ax"
    .global hold_registers
    .type hold_registers, %function
hold_registers:
    stp     x29, x30, [sp, #-160]!
    mov     x29, sp
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    stp     d8, d9, [sp, #96]
    stp     d10, d11, [sp, #112]
    stp     d12, d13, [sp, #128]
    stp     d14, d15, [sp, #144]
    mov     x18, x1
    each_v  fill_v
    each_x  fill_x
1:  subs    x18, x18, #1
    b.ne    1b
    mov     x1, xzr
    each_x  check_x
    each_v  check_v
    mov     x0, x1
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     d8, d9, [sp, #96]
    ldp     d10, d11, [sp, #112]
    ldp     d12, d13, [sp, #128]
    ldp     d14, d15, [sp, #144]
    ldp     x29, x30, [sp], #160
    ret
    .size hold_registers, . - hold_registers
