#include <core/ksyms.h>

#include <stddef.h>

extern const char __image_start[], __text_end[];

const char *ksyms_find(uint64_t pc, uint64_t *offset)
{
    const uint64_t base = (uint64_t)__image_start;

    if (pc < base || pc >= (uint64_t)__text_end) {
        return NULL;
    }
    /* table[low - 1] is the last one known to start at or before pc, table[high] the first one known to start after it */
    uint64_t low = 0, high = ksyms_count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (ksyms_table[middle].offset <= pc - base) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NULL;
    }
    *offset = pc - base - ksyms_table[low - 1].offset;
    return ksyms_names + ksyms_table[low - 1].name;
}
