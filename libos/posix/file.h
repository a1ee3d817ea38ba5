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
        struct pipe_use *pipe;
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

/** @p fd, which is legal, names @p file from now on, whose reference is taken over, or nothing (NULL). */
void file_replace(int fd, struct file *file);

/** All descriptors: of each its file, with a reference for the caller, or NULL.  @return bit per descriptor that is not for
 *  children */
uint64_t file_snapshot(struct file *table[DESCRIPTORS]);

/** One more reference, beside one that the caller has. */
void file_ref(struct file *file);

/* ---- pipes ---- */

/** A record for the end of a pipe that lies in slot @p end: for reading (O_RDONLY) or writing (O_WRONLY); errno and NULL,
 *  and the end stays the caller's.  @p passed: the slot is one of those that the parent filled. */
struct file *pipe_file(cptr_t end, int way, bool passed);

/** The slot of the end. */
cptr_t pipe_end(const struct file *file);

/* ---- descriptors of children (inherit.c) ---- */

#define INHERIT_NAME  "SHOAL_FDS"       /* the variable that tells a child */
#define INHERIT_BYTES 4096u

/** What a child with the descriptors @p table is to be told and given. */
struct inheritance {
    iref_t stream[STREAMS];
    cptr_t passed[32];
    unsigned passed_count;
    char text[INHERIT_BYTES];           /**< NAME=…; empty: nothing beyond the streams                                */
};

/** @return 0, or an errno: more than can be passed on */
int inherit_write(struct inheritance *to, struct file *const table[DESCRIPTORS]);

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
