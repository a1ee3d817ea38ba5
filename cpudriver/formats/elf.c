/*
 * elf.c  See shoal/elf.h.  Compiled for kernel, user space and host, so it includes nothing but shoal/.
 * Fields are read byte by byte: nothing says that a file lies aligned.
 * Sources: System V ABI, chapters 4 and 5 (ELF-64); Arm IHI 0056, ELF for the Arm 64-bit Architecture.
 */
#include <shoal/elf.h>
#include <shoal/invoke.h>

enum {
    CLASS_64 = 2,
    DATA_LITTLE = 1,
    VERSION_CURRENT = 1,
    TYPE_EXEC = 2,
    MACHINE_AARCH64 = 183,
    PT_LOAD = 1,
    PF_X = 1,
    PF_W = 2,
    PF_R = 4,
    PAGE = 4096,
};

/* Offsets of Elf64_Ehdr and Elf64_Phdr. */
enum {
    EH_CLASS = 4, EH_DATA = 5, EH_IDENT_VERSION = 6, EH_TYPE = 16, EH_MACHINE = 18, EH_VERSION = 20, EH_ENTRY = 24,
    EH_PHOFF = 32, EH_PHENTSIZE = 54, EH_PHNUM = 56, EH_BYTES = 64,
    PH_TYPE = 0, PH_FLAGS = 4, PH_OFFSET = 8, PH_VADDR = 16, PH_FILESZ = 32, PH_MEMSZ = 40, PH_BYTES = 56,
};

/* The file may lie in memory that another process still writes: so whatever is checked is read once, here. */
static uint64_t little(const volatile uint8_t *p, unsigned bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0) {
        value = value << 8 | p[bytes];
    }
    return value;
}

/* Where the program headers are, and how many: inside the file. */
struct headers {
    uint64_t at, count;
};

static enum err_code check_header(const uint8_t *h, size_t bytes, struct headers *ph)
{
    if (bytes < EH_BYTES || __builtin_memcmp(h, "\177ELF", 4) != 0) {
        return E_ELF_MAGIC;
    }
    if (h[EH_CLASS] != CLASS_64) {
        return E_ELF_CLASS;
    }
    if (h[EH_DATA] != DATA_LITTLE) {
        return E_ELF_ORDER;
    }
    if (h[EH_IDENT_VERSION] != VERSION_CURRENT || little(h + EH_VERSION, 4) != VERSION_CURRENT) {
        return E_ELF_VERSION;
    }
    if (little(h + EH_TYPE, 2) != TYPE_EXEC) {
        return E_ELF_TYPE;
    }
    if (little(h + EH_MACHINE, 2) != MACHINE_AARCH64) {
        return E_ELF_MACHINE;
    }
    if (little(h + EH_PHENTSIZE, 2) != PH_BYTES) {
        return E_ELF_HEADER_SIZE;
    }
    *ph = (struct headers){ little(h + EH_PHOFF, 8), little(h + EH_PHNUM, 2) };
    if (ph->at > bytes || ph->count * PH_BYTES > bytes - ph->at) {
        return E_ELF_HEADER_BOUNDS;
    }
    return E_OK;
}

static enum err_code check_segment(const struct elf_segment *s, size_t bytes, uint64_t va_min, uint64_t va_max)
{
    if (s->file_bytes > s->mem_bytes) {
        return E_ELF_SEGMENT_SIZE;
    }
    if (s->file_offset > bytes || s->file_bytes > bytes - s->file_offset) {
        return E_ELF_SEGMENT_BOUNDS;
    }
    if (s->mem_bytes == 0) {
        return E_OK;                        /* will not be listed: it has no address */
    }
    if (s->va < va_min || s->va >= va_max || s->mem_bytes > va_max - s->va) {
        return E_ELF_ADDRESS;
    }
    if (s->va % PAGE != s->file_offset % PAGE) {
        return E_ELF_ALIGN;
    }
    if (!(s->flags & MAP_READ)) {
        return E_ELF_READABLE;
    }
    if ((s->flags & MAP_WRITE) && (s->flags & MAP_EXEC)) {
        return E_ELF_WX;
    }
    return E_OK;
}

/** Keep the list sorted by address.  @p s has passed check_segment, so no sum overflows. */
static enum err_code insert_segment(struct elf_image *image, const struct elf_segment *s)
{
    size_t at = image->segment_count;

    if (at == ELF_SEGMENTS_MAX) {
        return E_ELF_SEGMENTS;
    }
    for (; at > 0 && image->segment[at - 1].va > s->va; at--) {
        image->segment[at] = image->segment[at - 1];
    }
    image->segment[at] = *s;
    image->segment_count++;
    return E_OK;
}

static bool pages_overlap(const struct elf_image *image)
{
    for (size_t i = 1; i < image->segment_count; i++) {
        const struct elf_segment *low = &image->segment[i - 1];
        if ((low->va + low->mem_bytes - 1) / PAGE >= image->segment[i].va / PAGE) {
            return true;
        }
    }
    return false;
}

static bool entry_is_code(const struct elf_image *image)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *s = &image->segment[i];
        if ((s->flags & MAP_EXEC) && image->entry >= s->va && image->entry - s->va < s->mem_bytes) {
            return image->entry % 4 == 0;
        }
    }
    return false;
}

static uint32_t map_flags(uint64_t elf_flags)
{
    return (elf_flags & PF_R ? MAP_READ : 0) | (elf_flags & PF_W ? MAP_WRITE : 0) | (elf_flags & PF_X ? MAP_EXEC : 0);
}

enum err_code elf_list(const void *file, size_t bytes, uint64_t va_min, uint64_t va_max, struct elf_image *image)
{
    const uint8_t *h = file;
    struct headers headers;
    enum err_code broken = check_header(h, bytes, &headers);

    if (broken) {
        return broken;
    }
    image->entry = little(h + EH_ENTRY, 8);
    image->segment_count = 0;
    image->paging = false;

    const uint8_t *ph = h + headers.at;
    for (uint64_t left = headers.count; left > 0; left--, ph += PH_BYTES) {
        const uint64_t type = little(ph + PH_TYPE, 4);
        if (type != PT_LOAD) {
            image->paging |= type == ELF_PT_PAGING && little(ph + PH_MEMSZ, 8) > 0;
            continue;
        }
        const struct elf_segment s = {
            .va = little(ph + PH_VADDR, 8),
            .file_offset = little(ph + PH_OFFSET, 8),
            .file_bytes = little(ph + PH_FILESZ, 8),
            .mem_bytes = little(ph + PH_MEMSZ, 8),
            .flags = map_flags(little(ph + PH_FLAGS, 4)),
        };
        broken = check_segment(&s, bytes, va_min, va_max);
        if (!broken && s.mem_bytes > 0) {
            broken = insert_segment(image, &s);
        }
        if (broken) {
            return broken;
        }
    }
    if (image->segment_count == 0) {
        return E_ELF_EMPTY;
    }
    if (pages_overlap(image)) {
        return E_ELF_OVERLAP;
    }
    if (!entry_is_code(image)) {
        return E_ELF_ENTRY;
    }
    return E_OK;
}

const char *elf_read(const void *file, size_t bytes, uint64_t va_min, uint64_t va_max, struct elf_image *image)
{
    switch (elf_list(file, bytes, va_min, va_max, image)) {
#define ERROR(name, number, text)                                                                                      \
    case name:                                                                                                         \
        return text;
#include <shoal/errors_elf.def>
#undef ERROR
    default:
        return NULL;
    }
}
