/**
 * @file print.h  Kernel output: into the log ring of the KCB, and on the console until its device is given to a driver.
 */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/* Cost: O(bytes), and on the console the time its speed takes. */

/** %s %c %d %u %x %p %zu with l/ll, width, 0 and #; anything else is printed as it stands. */
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kvprintf(const char *format, va_list args);
void klog(const char *format, ...) __attribute__((format(printf, 1, 2)));   /**< as kprintf, into the log ring only */
void kputs_n(const char *s, size_t n);      /**< n bytes as they are, '\n' becomes "\r\n" on the console              */

#endif
