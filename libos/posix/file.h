/**
 * @file file.h  Open files and descriptors; private to libos/posix.
 *
 * A descriptor is an index into one table; several may name the same open file, which has the position and goes with the
 * last of them.  Whoever works on an open file holds a reference from file_get() to file_put(), so a close() meanwhile
 * does no harm.
 */
#ifndef POSIX_FILE_H
#define POSIX_FILE_H

#include <os/err.h>
#include <os/stream.h>
#include <os/sync.h>
#include <shoal/archive.h>
#include <sys/stat.h>
#include <sys/types.h>

#define DESCRIPTORS 64

struct file;

/** What can be done with an open file; NULL: nothing.  Each returns as its POSIX namesake, with errno set. */
struct file_ops {
    ssize_t (*read)(struct file *file, void *bytes, size_t most);
    ssize_t (*write)(struct file *file, const void *bytes, size_t count);
    off_t (*seek)(struct file *file, off_t offset, int whence);
    int (*stat)(struct file *file, struct stat *status);
    void (*close)(struct file *file);
    bool (*terminal)(struct file *file);
};

struct file {
    const struct file_ops *ops;         /* NULL: this record is free */
    unsigned refs;                      /* descriptors, and calls that work on it */
    int flags;                          /* of open() */
    off_t at;
    struct mutex lock;                  /* of the position */
    union {
        enum stream stream;
        struct archive_file entry;
        struct pipe *pipe;
    };
};

/** A free record with one reference, or NULL and errno. */
struct file *file_new(const struct file_ops *ops, int flags);

/** The lowest free descriptor from @p from on names @p file and takes over its reference.  If there is none the reference
 *  is dropped: -1 and errno. */
int file_publish(struct file *file, int from);

/** The file of @p fd, with a reference for the caller; NULL and errno. */
struct file *file_get(int fd);
void file_put(struct file *file);

/** Set errno and return -1. */
int fail(int number);
int fail_err(err_t err);

/** The errno that says most nearly what @p code does. */
int errno_of(enum err_code code);

/* ---- the boot archive ---- */

/** @return false: there is none, or it is broken; errno */
bool archive_open(const void **archive, size_t *bytes);

/** Which file of the archive @p path means.  @return 1: the archive itself, as directory "/"; 0: *entry; -1: errno */
int archive_lookup(const char *path, struct archive_file *entry);
void archive_stat(const struct archive_file *entry, struct stat *status);
void archive_stat_root(struct stat *status);

extern const struct file_ops archive_ops, archive_root_ops, stream_ops;

#endif
