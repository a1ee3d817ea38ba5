/**
 * @file mmio.h  Registers of devices, mapped with MAP_DEVICE or MAP_DEVICE_STRICT.  Accesses to one device happen in
 * program order; towards memory that the device reads or writes itself they need barriers of the caller's.
 *
 * Load and store without an index, which is all that a hypervisor can emulate.
 */
#ifndef OS_MMIO_H
#define OS_MMIO_H

#include <stdint.h>

static inline uint32_t mmio_read32(uint64_t address)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static inline void mmio_write32(uint64_t address, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

#endif
