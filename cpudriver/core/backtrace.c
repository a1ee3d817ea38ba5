/** @file backtrace.c  See backtrace.h. */
#include <core/backtrace.h>

size_t backtrace_walk(uint64_t fp, uint64_t low, uint64_t high, uint64_t *pc, size_t max)
{
    size_t n = 0;
    while (n < max && fp >= low && fp < high && high - fp >= 16 && fp % 16 == 0) {
        const uint64_t *record = (const uint64_t *)fp;
        if (record[1] == 0) {
            break;                      /* start.S and the vectors put this under the first C function */
        }
        pc[n++] = record[1];
        low = fp + 16;
        fp = record[0];
    }
    return n;
}
