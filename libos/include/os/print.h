/**
 * @file print.h  A small printf that prints whole lines through the kernel's console (KERNEL_PRINT).
 * For init, and for others until the serial server runs.  Not for several threads at once.
 */
#ifndef OS_PRINT_H
#define OS_PRINT_H

#include <shoal/cap.h>
#include <stdarg.h>
#include <stddef.h>

/** Formats: %d %i %u %x %X %c %s %p %%, sizes l, ll and z, width (also *), flags 0, - and # (0x,
 *  also before 0, and not counted in the width), precision for %s.
 *  Anything else is printed as it stands.
 * @return characters the whole text has; @p out holds at most @p size - 1 of them, terminated if @p size > 0 */
size_t format_text_v(char *out, size_t size, const char *format, va_list args);
size_t format_text(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** The Kernel capability that lines go out through.  Until it is set nothing is printed. */
void print_use(cptr_t kernel);

/** Text is kept until its line is complete (or 200 characters long), then printed at once. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
