/**
 * @file path.c  Calls that take a path.  The only directory is "/", its files are those of the boot archive, and nothing can
 * be changed: what would fails with EROFS.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

int open(const char *path, int flags, ...)
{
    const bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC;
    struct archive_file entry;
    const int found = archive_lookup(path, &entry);

    if (found < 0) {
        return errno == ENOENT && flags & O_CREAT ? fail(EROFS) : -1;
    }
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
        return fail(EEXIST);
    }
    if (writes || (flags & O_DIRECTORY && !found)) {
        return fail(!writes ? ENOTDIR : found ? EISDIR : EROFS);
    }
    struct file *const file = file_new(found ? &archive_root_ops : &archive_ops, flags);
    if (!file) {
        return -1;
    }
    if (!found) {
        file->entry = entry;
    }
    return file_publish(file, 0);
}

int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int stat(const char *restrict path, struct stat *restrict status)
{
    struct archive_file entry;
    const int found = archive_lookup(path, &entry);

    if (found < 0) {
        return -1;
    }
    memset(status, 0, sizeof(*status));
    if (found) {
        archive_stat_root(status);
    } else {
        archive_stat(&entry, status);
    }
    return 0;
}

int lstat(const char *restrict path, struct stat *restrict status)
{
    return stat(path, status);
}

int access(const char *path, int mode)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        return -1;
    }
    if (mode & W_OK) {
        return fail(EROFS);
    }
    return mode & X_OK && !(status.st_mode & S_IXUSR) ? fail(EACCES) : 0;
}

/* What would change a file that must be there. */
static int refuse_existing(const char *path)
{
    struct archive_file entry;

    return archive_lookup(path, &entry) < 0 ? -1 : fail(EROFS);
}

/* What would make a new one. */
static int refuse_new(const char *path)
{
    struct archive_file entry;

    if (archive_lookup(path, &entry) >= 0) {
        return fail(EEXIST);
    }
    return errno == ENOENT ? fail(EROFS) : -1;
}

int unlink(const char *path)
{
    return refuse_existing(path);
}

int rmdir(const char *path)
{
    return refuse_existing(path);
}

int rename(const char *from, const char *to)
{
    (void)to;
    return refuse_existing(from);
}

int chmod(const char *path, mode_t mode)
{
    (void)mode;
    return refuse_existing(path);
}

int utimes(const char *path, const struct timeval times[2])
{
    (void)times;
    return refuse_existing(path);
}

int truncate(const char *path, off_t bytes)
{
    (void)bytes;
    return refuse_existing(path);
}

int mkdir(const char *path, mode_t mode)
{
    (void)mode;
    return refuse_new(path);
}

int link(const char *from, const char *to)
{
    (void)from;
    return refuse_new(to);
}

int symlink(const char *target, const char *path)
{
    (void)target;
    return refuse_new(path);
}

ssize_t readlink(const char *restrict path, char *restrict target, size_t bytes)
{
    struct archive_file entry;

    (void)target;
    (void)bytes;
    return archive_lookup(path, &entry) < 0 ? -1 : fail(EINVAL);
}

int chdir(const char *path)
{
    struct archive_file entry;
    const int found = archive_lookup(path, &entry);

    return found < 0 ? -1 : found ? 0 : fail(ENOTDIR);
}

char *getcwd(char *path, size_t bytes)
{
    if (!path || bytes < 2) {
        errno = path && bytes ? ERANGE : EINVAL;
        return NULL;
    }
    return memcpy(path, "/", 2);
}

mode_t umask(mode_t mask)
{
    static mode_t current = 022;        /* kept, as programs set and restore it */
    const mode_t before = current;

    current = mask & 0777;
    return before;
}
