/** @file cpu.h  Fake architecture: what the CPU driver asks of the processor itself. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

struct kcb;

void cpu_init(struct kcb *k);

#endif
