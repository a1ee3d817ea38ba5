/** @file dir.c  opendir() and its like for the one directory there is; contracts in include/dirent.h. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct dir_stream {
    struct archive_iter it;
    long at;                        /* entries given: "." and ".." come first */
    struct dirent entry;
};

DIR *opendir(const char *path)
{
    struct archive_file entry;
    const int found = archive_lookup(path, &entry);

    if (found <= 0) {
        errno = found < 0 ? errno : ENOTDIR;
        return NULL;
    }
    DIR *const dir = malloc(sizeof(*dir));
    if (dir) {
        rewinddir(dir);
    }
    return dir;
}

void rewinddir(DIR *dir)
{
    dir->at = 0;
}

static struct dirent *give(DIR *dir, const char *name, unsigned char type)
{
    dir->at++;
    dir->entry.d_ino = (ino_t)dir->at;
    dir->entry.d_type = type;
    strlcpy(dir->entry.d_name, name, sizeof(dir->entry.d_name));
    return &dir->entry;
}

struct dirent *readdir(DIR *dir)
{
    struct archive_file file;
    const void *text;
    size_t bytes;
    int found = 0;

    if (dir->at < 2) {
        return give(dir, dir->at == 0 ? "." : "..", DT_DIR);
    }
    if (dir->at == 2) {
        if (!archive_open(&text, &bytes)) {
            return NULL;
        }
        archive_begin(&dir->it, text, bytes);
    }
    if (archive_next(&dir->it, &file, &found)) {
        errno = EIO;
        return NULL;
    }
    return found ? give(dir, file.name, DT_REG) : NULL;
}

int closedir(DIR *dir)
{
    free(dir);
    return 0;
}
