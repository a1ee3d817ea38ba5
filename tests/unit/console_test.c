/** @file console_test.c  plat/console.c: each kind of UART, played by an array of registers. */
#include <plat/plat.h>

#include "test.h"

#define WORDS 64

static uint32_t regs[WORDS];

static const struct uart {
    const char *name;
    enum console_kind kind;
    unsigned status, data;      /* offsets */
    uint32_t ready, busy;       /* status words */
} uarts[] = {
    { "PL011", CONSOLE_PL011, 0x18, 0x00, 0x90, 0xb0 },                     /* TXFF is bit 5 */
    { "LPUART", CONSOLE_LPUART, 0x14, 0x1c, 0x00c00000, 0x00400000 },       /* TDRE is bit 23 */
    { "i.MX UART", CONSOLE_IMX_UART, 0x94, 0x40, 0x2040, 0x0040 },          /* TRDY is bit 13 */
};

static void put(const struct uart *u, uint32_t status, char c)
{
    const struct plat p = { .console_kind = u->kind, .console_va = (uint64_t)regs };
    memset(regs, 0x5c, sizeof(regs));
    regs[u->status / 4] = status;
    console_putc(&p, c);
}

TEST(console, writes_one_register)
{
    for (size_t i = 0; i < 3; i++) {
        put(&uarts[i], uarts[i].ready, 'x');
        for (size_t at = 0; at < WORDS; at++) {
            const uint32_t want = at == uarts[i].data / 4   ? 'x'
                                : at == uarts[i].status / 4 ? uarts[i].ready
                                                            : 0x5c5c5c5c;
            EXPECT_EQ(regs[at], want, "%s, register %zx", uarts[i].name, 4 * at);
        }
        put(&uarts[i], uarts[i].ready, (char)0xff);
        EXPECT_EQ(regs[uarts[i].data / 4], 0xff, "%s: no sign extension", uarts[i].name);
    }
}

TEST(console, a_device_that_hangs_does_not_hang_the_kernel)
{
    for (size_t i = 0; i < 3; i++) {
        put(&uarts[i], uarts[i].busy, 'y');
        EXPECT_EQ(regs[uarts[i].data / 4], 'y', "%s: written all the same", uarts[i].name);
    }
}

TEST(console, none)
{
    const struct plat no_device = { .console_kind = CONSOLE_NONE, .console_va = (uint64_t)regs };
    const struct plat no_address = { .console_kind = CONSOLE_PL011, .console_va = 0 };
    memset(regs, 0x5c, sizeof(regs));
    console_putc(&no_device, 'z');
    console_putc(&no_address, 'z');
    for (size_t at = 0; at < WORDS; at++) {
        EXPECT_EQ(regs[at], 0x5c5c5c5c, "register %zx", 4 * at);
    }
}
