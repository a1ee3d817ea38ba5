/** @file sqlite3_os.c  SQLite, built with SQLITE_OS_OTHER, asks its program for a VFS: the one of its src/test_demovfs.c. */
#include "sqlite3.h"

extern sqlite3_vfs *sqlite3_demovfs(void);

int sqlite3_os_init(void)
{
    return sqlite3_vfs_register(sqlite3_demovfs(), 1);
}

int sqlite3_os_end(void)
{
    return SQLITE_OK;
}
