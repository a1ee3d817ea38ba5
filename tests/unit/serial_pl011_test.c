/**
 * @file serial_pl011_test.c  servers/serial/pl011.c on a device written from the reference manual (ARM DDI 0183): FIFOs of
 * 16 characters with marks, interrupts as levels behind a mask.  The driver runs only when the interrupt is raised.
 */
#include "pl011.h"
#include <os/mmio.h>
#include "test.h"

#define BASE  0x9000000ull
#define DEPTH 16u

static struct device {
    uint16_t rx[DEPTH];
    unsigned rx_used, tx_used;
    uint8_t tx[DEPTH];
    uint32_t cr, lcrh, ifls, imsc;
    bool tx_passed;             /* below the mark since the last time it was above */
    bool overrun, waited;
    unsigned wrong;
    char sent[200000];
    unsigned sent_bytes;
} device;

static unsigned depth(void)
{
    return device.lcrh & 0x10 ? DEPTH : 1;
}

static uint32_t raised(void)
{
    const unsigned mark = device.lcrh & 0x10 ? DEPTH / 8 : 1;

    return (uint32_t)((device.rx_used >= mark) << 4 | device.tx_passed << 5 | (device.waited && device.rx_used > 0) << 6) &
           device.imsc;
}

uint32_t mmio_read32(uint64_t address)
{
    switch (address - BASE) {
    case 0x00: {
        const uint32_t c = device.rx[0];
        device.wrong += device.rx_used == 0;
        device.rx_used -= device.rx_used > 0;
        memmove(device.rx, device.rx + 1, sizeof(device.rx) - sizeof(device.rx[0]));
        device.waited = false;
        return c;
    }
    case 0x18:
        return (uint32_t)((device.tx_used > 0) << 3 | (device.rx_used == 0) << 4 | (device.tx_used >= depth()) << 5);
    case 0x30:
        return device.cr;
    }
    device.wrong++;
    return 0;
}

static void write_data(uint32_t value)
{
    device.wrong += device.tx_used >= depth() || (device.cr & 0x101) != 0x101;
    device.tx[device.tx_used++] = (uint8_t)value;
    if (device.tx_used > DEPTH / 8) {
        device.tx_passed = false;
    }
}

void mmio_write32(uint64_t address, uint32_t value)
{
    switch (address - BASE) {
    case 0x00:
        write_data(value);
        break;
    case 0x2c:
        device.wrong += (device.cr & 1) || device.tx_used > 0 || (value & 0x60) != 0x60;
        device.rx_used = 0;                         /* a change of the FIFOs empties them */
        device.lcrh = value;
        break;
    case 0x30:
        device.cr = value;
        break;
    case 0x34:
        device.wrong += device.cr & 1;
        device.ifls = value;
        break;
    case 0x38:
        device.imsc = value;
        break;
    case 0x44:
        device.tx_passed = false;
        break;
    default:
        device.wrong++;
    }
}

static void device_sends(void)
{
    if (device.tx_used > 0) {
        device.sent[device.sent_bytes++] = (char)device.tx[0];
        memmove(device.tx, device.tx + 1, sizeof(device.tx) - 1);
        if (--device.tx_used == DEPTH / 8) {
            device.tx_passed = true;
        }
    }
}

static bool device_receives(uint16_t c)
{
    if (device.rx_used == depth()) {
        device.overrun = true;
        return false;
    }
    device.rx[device.rx_used++] = (uint16_t)(c | (device.overrun ? 1u << 11 : 0));
    device.overrun = false;
    return true;
}

static unsigned char in_byte[64], out_byte[256];
static struct bytes in, out;
static struct pl011 driver;

static void start(void)
{
    memset(&device, 0, sizeof(device));
    device.cr = 0x8301;                             /* as a firmware leaves it, with flow control */
    in = (struct bytes){ .byte = in_byte, .size = sizeof(in_byte) };
    out = (struct bytes){ .byte = out_byte, .size = sizeof(out_byte) };
}

static void interrupt(void)
{
    int c;

    while (bytes_room(&in) > 0 && (c = pl011_receive(&driver)) >= 0) {
        bytes_put(&in, (unsigned char)c);
    }
    pl011_listen(&driver, bytes_room(&in) > 0);
    pl011_send(&driver, &out);
}

TEST(pl011, start)
{
    start();
    device_receives('e');
    pl011_start(&driver, BASE, &in);
    EXPECT_EQ(device.wrong, 0, "as the manual says");
    EXPECT_EQ(device.cr, 0x8301, "enabled, the rest as it was");
    EXPECT_EQ(device.lcrh, 0x70, "FIFOs, 8 bits");
    EXPECT_EQ(device.imsc, 0x50, "receive, and wait");
    EXPECT(in.used == 1 && bytes_get(&in) == 'e', "what was typed before is kept");
}

/* The sender stops when the FIFO is full: nothing may be lost, in either direction. */
TEST(pl011, all_characters)
{
    uint64_t random = test_seed();
    unsigned received = 0, typed = 0, written = 0, interrupts = 0, idle = 0;

    start();
    pl011_start(&driver, BASE, &in);
    while (written < 100000 || received < 50000 || out.used > 0 || device.tx_used > 0) {
        if (written < 100000 && bytes_room(&out) > 0 && test_random(&random) % 3) {
            bytes_put(&out, (unsigned char)(written++ * 7));
            pl011_send(&driver, &out);
        }
        if (typed < 50000 && test_random(&random) % 2 && device.rx_used < depth()) {
            device_receives((uint8_t)(typed++ * 5));
        }
        device.waited = test_random(&random) % 40 == 0;
        if (test_random(&random) % 3) {
            device_sends();
        }
        if (test_random(&random) % 4 == 0) {        /* a reader */
            for (uint64_t n = test_random(&random) % 40; n > 0 && in.used > 0; n--) {
                EXPECT_EQ(bytes_get(&in), (uint8_t)(received * 5), "character %u", received);
                received++;
            }
            pl011_listen(&driver, bytes_room(&in) > 0);
        }
        idle++;
        if (raised()) {
            idle = 0;
            interrupts++;
            interrupt();
            EXPECT(raised() == 0, "the reason is gone or masked: %#x", raised());
        }
        if (idle > 100000) {
            test_fail(__FILE__, __LINE__, "nothing happens any more: %u read, %u written", received, written);
            return;
        }
    }
    for (unsigned i = 0; i < device.sent_bytes; i++) {
        EXPECT_EQ(device.sent[i] & 0xff, (uint8_t)(i * 7), "byte %u on the wire", i);
    }
    EXPECT_EQ(device.sent_bytes, 100000, "all");
    EXPECT_EQ(device.wrong, 0, "nothing the manual forbids");
    EXPECT_EQ(driver.lost + driver.damaged, 0, "nothing lost");
    EXPECT(interrupts < 60000, "%u interrupts", interrupts);
}

TEST(pl011, losses)
{
    start();
    pl011_start(&driver, BASE, &in);
    for (unsigned i = 0; i < DEPTH + 3; i++) {
        device_receives('x');
    }
    interrupt();
    EXPECT_EQ(in.used, DEPTH, "what had room");
    EXPECT_EQ(driver.lost, 0, "the device tells with the next character");
    device_receives('y');
    device_receives('z' | 1u << 8);
    device_receives('z' | 1u << 9);
    device_receives(1u << 10);
    interrupt();
    EXPECT_EQ(in.used, DEPTH + 1, "without the damaged ones");
    EXPECT_EQ(driver.lost, 1, "an overrun");
    EXPECT_EQ(driver.damaged, 2, "framing, parity; a break is no character");
}

TEST(pl011, does_not_listen)
{
    start();
    pl011_start(&driver, BASE, &in);
    pl011_listen(&driver, false);
    for (unsigned i = 0; i < DEPTH; i++) {
        device_receives('x');
    }
    EXPECT_EQ(raised(), 0, "not now");
    pl011_listen(&driver, true);
    EXPECT(raised() != 0, "they are still there");
}

TEST(pl011, last_words)
{
    start();
    pl011_start(&driver, BASE, &in);
    for (unsigned i = 0; i < 10; i++) {
        pl011_send_now(&driver, (char)('0' + i));
    }
    EXPECT_EQ(device.tx_used, 10, "in the FIFO");
    EXPECT_EQ(device.wrong, 0, "none while it was full");
}
