/** @file dirent.h  Directories; picolibc has none.  The names of the files are at most 63 characters long. */
#ifndef SHOAL_DIRENT_H
#define SHOAL_DIRENT_H

#include <sys/types.h>

#define DT_UNKNOWN 0
#define DT_DIR     4
#define DT_REG     8

struct dirent {
    ino_t d_ino;
    unsigned char d_type;
    char d_name[64];
};

typedef struct dir_stream DIR;

#ifdef __cplusplus
extern "C" {
#endif

/** NULL and errno: ENOENT, ENOTDIR, ENOMEM. */
DIR *opendir(const char *path);

/** The next entry, in memory of @p dir that the next call writes over; NULL at the end, or with errno. */
struct dirent *readdir(DIR *dir);
void rewinddir(DIR *dir);
int closedir(DIR *dir);

#ifdef __cplusplus
}
#endif
#endif
