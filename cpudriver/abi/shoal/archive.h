/**
 * @file archive.h  Reader of a cpio archive ("newc"): iterate, find.  Trusts nothing; never reads outside the bytes given.
 * Used by the kernel for the first file (init) and by user space for all others.
 */
#ifndef SHOAL_ARCHIVE_H
#define SHOAL_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

struct archive_file {
    const char *name;      /**< inside the archive, terminated                                                        */
    const uint8_t *data;
    size_t bytes;
    uint32_t mode;
};

struct archive_iter {
    const uint8_t *at;
    size_t left;
};

/** Start before the first file. */
void archive_begin(struct archive_iter *it, const void *archive, size_t bytes);

/** Next regular file (directories and the like are passed over).
 * @return NULL and *@p found = 1: @p file is filled in; NULL and 0: the end was reached (the trailer was seen);
 *         else a sentence that says what is broken. */
const char *archive_next(struct archive_iter *it, struct archive_file *file, int *found);

/** Find a file by name.  @return as archive_next; not found is *@p found = 0. */
const char *archive_find(const void *archive, size_t bytes, const char *name, struct archive_file *file, int *found);

#endif
