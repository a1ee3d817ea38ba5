/**
 * @file print.h  A small printf that prints whole lines.  Not for several threads at once.
 */
#ifndef OS_PRINT_H
#define OS_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/** Formats: %d %i %u %x %X %c %s %p %%, sizes l, ll and z, width (also *), flags 0, - and # (0x,
 *  also before 0, and not counted in the width), precision for %s.
 *  Anything else is printed as it stands.
 * @return characters the whole text has; @p out holds at most @p size - 1 of them, terminated if @p size > 0 */
size_t format_text_v(char *out, size_t size, const char *format, va_list args);
size_t format_text(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Text is kept until its line is complete (or 200 characters long), then goes to print_sink() at once. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Hand over what is kept of a line.  The end of a program does so, too. */
void print_flush(void);

/** Where lines go: @p bytes, at most 200.  A program that has none of its own links the one that writes to STREAM_OUT. */
void print_sink(const char *text, size_t bytes);

#endif
