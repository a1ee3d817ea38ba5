/* fuzz_devtree.c  Any bytes as a device tree: nothing outside of them is read, what is accepted keeps every promise. */
#include <core/devtree.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool list_ok(const struct range *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (r[i].base % 4096 != 0 || r[i].bytes % 4096 != 0 || r[i].bytes == 0 || r[i].base >> 48 != 0 ||
            r[i].bytes > (1ull << 48) - r[i].base || (i > 0 && r[i - 1].base + r[i - 1].bytes >= r[i].base)) {
            return false;
        }
    }
    return count <= MACHINE_RANGES_MAX;
}

static bool machine_ok(const struct machine *m)
{
    return list_ok(m->memory, m->memory_count) && list_ok(m->reserved, m->reserved_count) &&
           list_ok(m->no_map, m->no_map_count) && m->memory_count > 0 && m->cpu_count > 0 &&
           m->cpu_count <= MACHINE_CPUS_MAX && m->gicd_bytes >= 0x10000 && m->gicr_stride >= 0x20000 &&
           m->gicr_bytes / m->gicr_stride >= m->cpu_count && m->timer_irq >= 16 && m->timer_irq < 32;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct machine m;
    uint8_t *blob = malloc(bytes + !bytes);     /* aligned, and not one byte longer */

    memcpy(blob, data, bytes);
    if ((!devtree_read(blob, bytes, &m) && !machine_ok(&m)) || !memchr(m.board, '\0', sizeof(m.board)) ||
        (m.console == CONSOLE_NONE) != (m.console_bytes == 0)) {
        abort();
    }
    free(blob);
    return 0;
}
