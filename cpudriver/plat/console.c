/** @file console.c  Polled output on the console's registers; the firmware has set speed and pins. */
#include <plat/builtin_console.h>
#include <plat/plat.h>

/* At 115200 baud a byte takes 87 µs, some hundred reads of a device register. */
#define POLLS_MAX 100000

static volatile uint32_t *reg(const struct plat *p, unsigned offset)
{
    return (volatile uint32_t *)(p->console_va + offset);
}

static void wait_for_bit(const struct plat *p, unsigned offset, unsigned bit, uint32_t want)
{
    for (unsigned i = 0; i < POLLS_MAX && (*reg(p, offset) >> bit & 1) != want; i++) {
    }
}

void console_putc(const struct plat *p, char c)
{
    const uint32_t byte = (uint8_t)c;
    switch (p->console_va ? p->console_kind : CONSOLE_NONE) {
    case CONSOLE_PL011:
        wait_for_bit(p, PL011_FR, PL011_FR_TXFF, 0);
        *reg(p, PL011_DATA) = byte;
        break;
    case CONSOLE_LPUART:
        wait_for_bit(p, LPUART_STAT, LPUART_STAT_TDRE, 1);
        *reg(p, LPUART_DATA) = byte;
        break;
    case CONSOLE_IMX_UART:
        wait_for_bit(p, IMX_USR1, IMX_USR1_TRDY, 1);
        *reg(p, IMX_UTXD) = byte;
        break;
    case CONSOLE_NONE:
        break;
    }
}
