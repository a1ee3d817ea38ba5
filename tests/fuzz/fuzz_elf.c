/* fuzz_elf.c  Any bytes as an ELF executable: what is accepted keeps every promise of shoal/elf.h. */
#include <shoal/elf.h>
#include <shoal/invoke.h>

#include <stdbool.h>
#include <stdlib.h>

#define VA_MIN 0x10000ull
#define VA_MAX 0x800000000000ull

static bool segment_ok(const struct elf_segment *s, size_t bytes)
{
    return s->mem_bytes > 0 && s->va >= VA_MIN && s->va < VA_MAX && s->mem_bytes <= VA_MAX - s->va &&
           s->file_bytes <= s->mem_bytes && s->file_offset <= bytes && s->file_bytes <= bytes - s->file_offset &&
           s->va % 4096 == s->file_offset % 4096 && (s->flags & MAP_READ) &&
           (s->flags & ~(MAP_READ | MAP_WRITE | MAP_EXEC)) == 0 &&
           (s->flags & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct elf_image image;
    bool entry_in_code = false;

    if (elf_read(data, bytes, VA_MIN, VA_MAX, &image)) {
        return 0;
    }
    if (image.segment_count == 0 || image.segment_count > ELF_SEGMENTS_MAX) {
        abort();
    }
    for (size_t i = 0; i < image.segment_count; i++) {
        const struct elf_segment *s = &image.segment[i];
        if (!segment_ok(s, bytes) || (i > 0 && (s[-1].va + s[-1].mem_bytes - 1) / 4096 >= s->va / 4096)) {
            abort();
        }
        entry_in_code |= (s->flags & MAP_EXEC) && image.entry >= s->va && image.entry - s->va < s->mem_bytes;
    }
    if (!entry_in_code) {
        abort();
    }
    return 0;
}
