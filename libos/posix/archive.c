/** @file archive.c  The boot archive as a directory "/" of files that can be read; contracts in file.h. */
#include "file.h"
#include "lock.h"

#include <errno.h>
#include <os/services.h>
#include <os/startup.h>
#include <os/vspace.h>
#include <string.h>
#include <stubs/proc.h>
#include <unistd.h>

static struct {
    const char *text;
    size_t bytes;
} archive;

/* Once; it stays mapped. */
static err_t map(void)
{
    struct slots *const slots = &os_stock()->slots;
    uint64_t offset, bytes, address;
    cptr_t slot, frame;

    TRY(stock_refill(os_stock()));
    TRY(slots_alloc(slots, &slot));
    rpc_receive_into(os_proc(), slot);
    err_t err = proc_archive(os_proc(), &frame, &offset, &bytes);
    if (!err_ok(err)) {
        slots_free(slots, slot);
        return err;
    }
    err = vspace_map(os_vspace(), frame, 0, (offset + bytes + SHOAL_PAGE_SIZE - 1) & ~(SHOAL_PAGE_SIZE - 1ull), MAP_READ,
                           &address);
    if (!err_ok(err)) {
        rpc_drop_cap(frame);
        slots_free(slots, slot);
        return err;
    }
    archive.text = (const char *)address + offset;
    archive.bytes = bytes;
    return OK;
}

bool archive_open(const void **text, size_t *bytes)
{
    lock_libc();
    const err_t err = archive.text ? OK : map();
    unlock_libc();
    if (!err_ok(err)) {
        (void)fail_err(err);
        return false;
    }
    *text = archive.text;
    *bytes = archive.bytes;
    return true;
}

/* Past "/", "." and "..", which are all the root: it is the only directory. */
static const char *strip(const char *path)
{
    for (;;) {
        const size_t part = strcspn(path, "/");
        const bool dots = (part == 1 && path[0] == '.') || (part == 2 && path[0] == '.' && path[1] == '.');
        if ((part > 0 && !dots) || path[part] == '\0') {
            return dots ? path + part : path;
        }
        path += part + 1;
    }
}

int archive_lookup(const char *path, struct archive_file *entry)
{
    const char *const name = strip(path);
    const size_t length = strcspn(name, "/");
    char first[64];
    const void *text;
    size_t bytes;
    int found = 0;

    if (!*path || length >= sizeof(first)) {
        return fail(*path ? ENAMETOOLONG : ENOENT);
    }
    if (!*name) {
        return 1;
    }
    memcpy(first, name, length);
    first[length] = '\0';
    if (!archive_open(&text, &bytes)) {
        return -1;
    }
    if (archive_find(text, bytes, first, entry, &found)) {
        return fail(EIO);
    }
    if (!found || name[length]) {
        return fail(found ? ENOTDIR : ENOENT);
    }
    return 0;
}

void archive_stat(const struct archive_file *entry, struct stat *status)
{
    status->st_mode = (mode_t)(S_IFREG | (entry->mode & 0555));
    status->st_nlink = 1;
    status->st_size = (off_t)entry->bytes;
    status->st_blksize = SHOAL_PAGE_SIZE;
    status->st_blocks = (blkcnt_t)((entry->bytes + 511) / 512);
    status->st_ino = (ino_t)((const char *)entry->data - archive.text);
}

void archive_stat_root(struct stat *status)
{
    status->st_mode = S_IFDIR | 0555;
    status->st_nlink = 2;
    status->st_blksize = SHOAL_PAGE_SIZE;
}

static ssize_t archive_read(struct file *file, void *bytes, size_t most)
{
    mutex_lock(&file->lock);
    const size_t size = file->entry.bytes, at = (size_t)file->at;
    const size_t left = at < size ? size - at : 0, count = most < left ? most : left;
    memcpy(bytes, file->entry.data + at * (left > 0), count);
    file->at += (off_t)count;
    mutex_unlock(&file->lock);
    return (ssize_t)count;
}

static off_t archive_seek(struct file *file, off_t offset, int whence)
{
    mutex_lock(&file->lock);
    const off_t base = whence == SEEK_CUR ? file->at : whence == SEEK_END ? (off_t)file->entry.bytes : 0;
    off_t at;
    if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) ||
        __builtin_add_overflow(base, offset, &at) || at < 0) {
        mutex_unlock(&file->lock);
        return fail(EINVAL);
    }
    file->at = at;
    mutex_unlock(&file->lock);
    return at;
}

static int archive_stat_file(struct file *file, struct stat *status)
{
    archive_stat(&file->entry, status);
    return 0;
}

const struct file_ops archive_ops = { .read = archive_read, .seek = archive_seek, .stat = archive_stat_file };

static ssize_t root_read(struct file *file, void *bytes, size_t most)
{
    (void)file;
    (void)bytes;
    (void)most;
    return fail(EISDIR);
}

static int root_stat(struct file *file, struct stat *status)
{
    (void)file;
    archive_stat_root(status);
    return 0;
}

const struct file_ops archive_root_ops = { .read = root_read, .stat = root_stat };
