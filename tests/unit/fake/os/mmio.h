/** @file mmio.h  Stands in for os/mmio.h on the build machine: registers are those of a device that the test brings. */
#ifndef OS_MMIO_H
#define OS_MMIO_H

#include <stdint.h>

uint32_t mmio_read32(uint64_t address);
void mmio_write32(uint64_t address, uint32_t value);

#endif
