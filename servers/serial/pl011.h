/**
 * @file pl011.h  ARM PrimeCell UART PL011 with interrupts.  Source: ARM DDI 0183, PL011 Technical Reference Manual.
 *
 * The firmware has set pins and speed.  Received characters are taken as long as the caller has room; then the receive
 * interrupt is masked and the FIFO fills, until the sender is stopped by flow control or characters are lost, which the
 * device reports and `lost` counts.
 */
#ifndef SERIAL_PL011_H
#define SERIAL_PL011_H

#include "bytes.h"
#include <stdbool.h>
#include <stdint.h>

struct pl011 {
    uint64_t registers;         /**< address of the page                                                              */
    uint32_t mask;              /**< interrupts that are let through                                                  */
    uint64_t lost;              /**< overruns: each one character or more                                             */
    uint64_t damaged;           /**< characters dropped because of parity or framing                                  */
};

/** Take over the device, with FIFOs and 8 bits a character.  What the kernel has sent goes out first; what has been
 *  received already is kept, as far as @p in has room.  Waits for the transmitter, at most PL011_BUSY_POLLS reads. */
#define PL011_BUSY_POLLS 1000000u
void pl011_start(struct pl011 *p, uint64_t registers, struct bytes *in);

/** The next character received.  @return -1: none; then the receive interrupts come when there is one, or when it has
 *  waited for 32 bit times */
int pl011_receive(struct pl011 *p);

/** Is the caller willing to take characters? */
void pl011_listen(struct pl011 *p, bool listen);

/** Send from @p out until it is empty or the device is full; in that case the transmit interrupt says when to call
 *  again. */
void pl011_send(struct pl011 *p, struct bytes *out);

/** Send one byte, waiting for the device: for last words. */
void pl011_send_now(struct pl011 *p, char c);

#endif
