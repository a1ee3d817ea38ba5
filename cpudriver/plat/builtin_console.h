/**
 * @file builtin_console.h  The console that the preset builds in: used before the device tree has been read, and for
 * good when it cannot be read.  A build defines at most one of BUILTIN_CONSOLE_PL011, BUILTIN_CONSOLE_LPUART and
 * BUILTIN_CONSOLE_IMX_UART as the physical address of the registers; with none, whatever is said before the tree has
 * been read goes to the log ring only.  Also read by assembly (start.S), which polls the same registers as console.c.
 */
#ifndef PLAT_BUILTIN_CONSOLE_H
#define PLAT_BUILTIN_CONSOLE_H

/* Sources: Arm DDI 0183 (PL011); i.MX 8X and i.MX 8M Plus reference manuals (LPUART, UART). */
#define PL011_DATA       0x00
#define PL011_FR         0x18
#define PL011_FR_TXFF    5      /* bit number; 1: the transmit FIFO is full */
#define LPUART_STAT      0x14
#define LPUART_STAT_TDRE 23     /* bit number; 1: there is room */
#define LPUART_DATA      0x1c
#define IMX_UTXD         0x40
#define IMX_USR1         0x94
#define IMX_USR1_TRDY    13     /* bit number; 1: there is room */

#if defined(BUILTIN_CONSOLE_PL011)
#define BUILTIN_CONSOLE_BASE     BUILTIN_CONSOLE_PL011
#define BUILTIN_CONSOLE_KIND     CONSOLE_PL011
#define BUILTIN_CONSOLE_DATA     PL011_DATA
#define BUILTIN_CONSOLE_STATUS   PL011_FR
#define BUILTIN_CONSOLE_BIT      PL011_FR_TXFF
#define BUILTIN_CONSOLE_BIT_BUSY 1
#elif defined(BUILTIN_CONSOLE_LPUART)
#define BUILTIN_CONSOLE_BASE     BUILTIN_CONSOLE_LPUART
#define BUILTIN_CONSOLE_KIND     CONSOLE_LPUART
#define BUILTIN_CONSOLE_DATA     LPUART_DATA
#define BUILTIN_CONSOLE_STATUS   LPUART_STAT
#define BUILTIN_CONSOLE_BIT      LPUART_STAT_TDRE
#define BUILTIN_CONSOLE_BIT_BUSY 0
#elif defined(BUILTIN_CONSOLE_IMX_UART)
#define BUILTIN_CONSOLE_BASE     BUILTIN_CONSOLE_IMX_UART
#define BUILTIN_CONSOLE_KIND     CONSOLE_IMX_UART
#define BUILTIN_CONSOLE_DATA     IMX_UTXD
#define BUILTIN_CONSOLE_STATUS   IMX_USR1
#define BUILTIN_CONSOLE_BIT      IMX_USR1_TRDY
#define BUILTIN_CONSOLE_BIT_BUSY 0
#else
#define BUILTIN_CONSOLE_BASE     0
#define BUILTIN_CONSOLE_KIND     CONSOLE_NONE
#endif

#if BUILTIN_CONSOLE_BASE % 0x1000 || BUILTIN_CONSOLE_BASE == 1
#error "BUILTIN_CONSOLE_…: the physical address of the registers, a multiple of 4 KiB"
#endif

#endif
