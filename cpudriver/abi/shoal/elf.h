/**
 * @file elf.h  Reader of AArch64 ELF executables into a list of segments.  Trusts nothing, never reads outside the file.
 */
#ifndef SHOAL_ELF_H
#define SHOAL_ELF_H

#include <shoal/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 8

/* Type of a program header, from the range for operating systems.  One with a size says that the program serves its own page
 * faults from its start on, so that its maker may leave memory that begins as zeroes to them. */
#define ELF_PT_PAGING 0x65484f50u

struct elf_segment {
    uint64_t va;            /**< as in the file; may be unaligned, va % 4096 == offset % 4096                         */
    uint64_t file_offset, file_bytes, mem_bytes;
    uint32_t flags;         /**< MAP_READ | MAP_WRITE | MAP_EXEC (shoal/invoke.h); never W and X together             */
};

struct elf_image {
    uint64_t entry;         /**< inside an executable segment                                                         */
    struct elf_segment segment[ELF_SEGMENTS_MAX];   /**< sorted by va; no two share a page                            */
    size_t segment_count;
    bool paging;            /**< ELF_PT_PAGING                                                                        */
};

/** Check @p file and list its PT_LOAD segments with mem_bytes > 0.  Addresses must lie in @p va_min … @p va_max - 1.
 * @return E_OK, or what is wrong: not ELF, class, data order, version, type (ET_EXEC only), machine, header table out of
 *         bounds, segment out of bounds, file larger than memory size, misaligned, W and X, overlapping pages, too many
 *         segments, none, address out of range, entry not in an executable segment: E_ELF_*, each its own */
enum err_code elf_list(const void *file, size_t bytes, uint64_t va_min, uint64_t va_max, struct elf_image *image);

/** elf_list() with the error's sentence, for the kernel, which has no table of errors.  @return NULL, or the sentence */
const char *elf_read(const void *file, size_t bytes, uint64_t va_min, uint64_t va_max, struct elf_image *image);

#endif
