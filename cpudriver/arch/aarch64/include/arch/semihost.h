/** @file semihost.h  Exit status for whoever runs the emulator.  Source: Arm semihosting specification, SYS_EXIT. */
#ifndef ARCH_SEMIHOST_H
#define ARCH_SEMIHOST_H

/** End the emulator with @p status.  Only where someone listens (struct plat, semihosting): elsewhere HLT is an
 *  undefined instruction.  Returns if the request is passed over. */
void semihost_exit(unsigned status);

#endif
