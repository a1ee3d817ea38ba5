/** @file pl011.c  Contracts in pl011.h. */
#include "pl011.h"
#include <os/mmio.h>

/* Offsets, TRM table 3-1. */
#define DR   0x00
#define FR   0x18
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38
#define ICR  0x44

#define DR_FRAMING (1u << 8)
#define DR_PARITY  (1u << 9)
#define DR_BREAK   (1u << 10)
#define DR_OVERRUN (1u << 11)

#define FR_BUSY (1u << 3)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)

#define LCRH_FIFO  (1u << 4)
#define LCRH_8BITS (3u << 5)

#define CR_ENABLE  (1u << 0)
#define CR_TX      (1u << 8)
#define CR_RX      (1u << 9)

/* Receive at an eighth, so that most of the FIFO is left for the time until the driver runs; transmit at an eighth, so
 * that one interrupt asks for as much as possible. */
#define IFLS_EIGHTHS 0u

#define INT_RX   (1u << 4)
#define INT_TX   (1u << 5)
#define INT_WAIT (1u << 6)      /* received, and nothing else for 32 bit times */
#define INT_ALL  0x7ffu

static uint32_t get(const struct pl011 *p, unsigned offset)
{
    return mmio_read32(p->registers + offset);
}

static void set(const struct pl011 *p, unsigned offset, uint32_t value)
{
    mmio_write32(p->registers + offset, value);
}

static void let_through(struct pl011 *p, uint32_t which, bool through)
{
    const uint32_t mask = through ? p->mask | which : p->mask & ~which;

    if (mask != p->mask) {
        p->mask = mask;
        set(p, IMSC, mask);
    }
}

static void keep_received(struct pl011 *p, struct bytes *in)
{
    int c;

    while (bytes_room(in) > 0 && (c = pl011_receive(p)) >= 0) {
        bytes_put(in, (unsigned char)c);
    }
}

void pl011_start(struct pl011 *p, uint64_t registers, struct bytes *in)
{
    *p = (struct pl011){ .registers = registers };
    set(p, IMSC, 0);
    for (unsigned i = 0; i < PL011_BUSY_POLLS && get(p, FR) & FR_BUSY; i++) {
    }
    keep_received(p, in);               /* a change of the FIFO's mode empties it */
    /* TRM 3.3.8: no change of the line control while enabled.  Its write takes over the speed's registers as they are. */
    const uint32_t control = get(p, CR);
    set(p, CR, control & ~(CR_ENABLE | CR_TX | CR_RX));
    set(p, LCRH, LCRH_8BITS | LCRH_FIFO);
    set(p, IFLS, IFLS_EIGHTHS);
    set(p, ICR, INT_ALL);
    set(p, CR, control | CR_ENABLE | CR_TX | CR_RX);
    pl011_listen(p, true);
}

void pl011_listen(struct pl011 *p, bool listen)
{
    let_through(p, INT_RX | INT_WAIT, listen);
}

int pl011_receive(struct pl011 *p)
{
    while (!(get(p, FR) & FR_RXFE)) {
        const uint32_t c = get(p, DR);
        p->lost += (c & DR_OVERRUN) != 0;
        if (c & DR_BREAK) {
            continue;                   /* the line was low: no character */
        }
        if (c & (DR_FRAMING | DR_PARITY)) {
            p->damaged++;
            continue;
        }
        return (int)(c & 0xff);
    }
    return -1;
}

void pl011_send(struct pl011 *p, struct bytes *out)
{
    while (out->used > 0 && !(get(p, FR) & FR_TXFF)) {
        set(p, DR, bytes_get(out));
    }
    /* The FIFO is full now and passes its mark on the way down, or nothing is left to send. */
    let_through(p, INT_TX, out->used > 0);
}

void pl011_send_now(struct pl011 *p, char c)
{
    for (unsigned i = 0; i < PL011_BUSY_POLLS && get(p, FR) & FR_TXFF; i++) {
    }
    set(p, DR, (unsigned char)c);
}
