/** @file files.c  Files and directories of the boot archive, standard streams, the calls that must fail. */
#include "libctest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libctest itself is an ELF file of the archive. */
#define SELF "libctest"

static void check_descriptors(void)
{
    char head[4] = "", again[4] = "";
    struct stat status, same;

    const int fd = open("/" SELF, O_RDONLY);
    CHECK(fd >= 3);
    CHECK(read(fd, head, 4) == 4 && memcmp(head, "\177ELF", 4) == 0);
    CHECK(lseek(fd, 0, SEEK_CUR) == 4);
    CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 1000 && status.st_mode & S_IXUSR);
    CHECK(stat("./" SELF, &same) == 0 && same.st_size == status.st_size && same.st_ino == status.st_ino);
    const int other = dup(fd);
    CHECK(other > fd && lseek(other, 0, SEEK_SET) == 0);            /* one position */
    CHECK(read(fd, again, 4) == 4 && memcmp(head, again, 4) == 0);
    CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
    CHECK(lseek(other, -4, SEEK_END) == status.st_size - 4 && read(other, head, 4) == 4 && read(other, head, 4) == 0);
    CHECK(lseek(other, -1, SEEK_SET) == -1 && errno == EINVAL);
    CHECK(write(other, "x", 1) == -1 && errno == EBADF);
    CHECK(dup2(other, 20) == 20 && close(other) == 0 && read(20, head, 1) == 0 && close(20) == 0);
    CHECK(!isatty(fd) && errno == EBADF);
}

static bool refused(int result, int number)
{
    return result == -1 && errno == number;
}

static void check_refusals(void)
{
    struct stat status;

    CHECK(refused(open("/nowhere", O_RDONLY), ENOENT));
    CHECK(refused(open("", O_RDONLY), ENOENT));
    CHECK(refused(open(SELF "/below", O_RDONLY), ENOTDIR));
    CHECK(refused(open(SELF, O_RDWR), EROFS));
    CHECK(refused(open("/new", O_WRONLY | O_CREAT, 0644), EROFS));
    CHECK(refused(open(SELF, O_WRONLY | O_CREAT | O_EXCL, 0644), EEXIST));
    CHECK(refused(open(SELF, O_RDONLY | O_DIRECTORY), ENOTDIR));
    CHECK(refused(open("/", O_WRONLY), EISDIR));
    CHECK(refused(unlink(SELF), EROFS) && refused(unlink("/nowhere"), ENOENT));
    CHECK(refused(rename(SELF, "/other"), EROFS) && refused(remove(SELF), EROFS));
    CHECK(refused(mkdir("/folder", 0755), EROFS) && refused(mkdir(SELF, 0755), EEXIST));
    CHECK(refused(stat("/nowhere", &status), ENOENT));
    CHECK(refused(access(SELF, W_OK), EROFS) && access(SELF, R_OK | X_OK) == 0);
    CHECK(refused(chdir("/nowhere"), ENOENT) && chdir("/") == 0);
    CHECK(!fopen("/new", "w") && errno == EROFS);
}

static void check_folders(void)
{
    bool self = false, menu = false, dot = false;
    char path[16];

    DIR *const dir = opendir("/");
    CHECK(dir != NULL);
    if (!dir) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        self |= strcmp(entry->d_name, SELF) == 0 && entry->d_type == DT_REG;
        menu |= strcmp(entry->d_name, "menu.lst") == 0;
        dot |= strcmp(entry->d_name, ".") == 0 && entry->d_type == DT_DIR;
    }
    CHECK(self && menu && dot);
    rewinddir(dir);
    CHECK(readdir(dir) != NULL && closedir(dir) == 0);
    CHECK(!opendir("/" SELF) && errno == ENOTDIR);
    CHECK(!opendir("/nowhere") && errno == ENOENT);
    CHECK(getcwd(path, sizeof(path)) && strcmp(path, "/") == 0);
}

void test_files(void)
{
    check_descriptors();
    check_refusals();
    check_folders();
}

/* "ab", NUL, "c", 0xff, "d": NUL ends a line, and so does 0xff, which is EOF as a char that has a sign. */
static void check_delimiters(void)
{
    char *line = NULL;
    size_t size = 0;
    int fd[2];

    CHECK(pipe(fd) == 0 && write(fd[1], "ab\0c\377d", 6) == 6 && close(fd[1]) == 0);
    FILE *const file = fdopen(fd[0], "r");
    CHECK(file != NULL);
    if (file) {
        CHECK(getdelim(&line, &size, '\0', file) == 3 && memcmp(line, "ab\0", 4) == 0);
        CHECK(getdelim(&line, &size, '\377', file) == 2 && strcmp(line, "c\377") == 0);
        CHECK(getdelim(&line, &size, '\0', file) == 1 && strcmp(line, "d") == 0);
        CHECK(getdelim(&line, &size, '\0', file) == -1 && feof(file) && fclose(file) == 0);
    }
    free(line);
}

void test_streams(void)
{
    char text[100], *line = NULL;
    size_t size = 0;

    FILE *const menu = fopen("/menu.lst", "r");
    CHECK(menu != NULL);
    if (!menu) {
        return;
    }
    CHECK(fgets(text, sizeof(text), menu) && strchr(text, '\n'));
    const long behind = ftell(menu);
    CHECK(behind == (long)strlen(text));
    CHECK(getline(&line, &size, menu) > 0);
    CHECK(fseek(menu, 0, SEEK_SET) == 0 && getc(menu) == text[0]);
    CHECK(ungetc('z', menu) == 'z' && getc(menu) == 'z' && getc(menu) == text[1]);
    while (getc(menu) != EOF) {
    }
    CHECK(feof(menu) && !ferror(menu) && fclose(menu) == 0);
    free(line);
    check_delimiters();
    CHECK(fileno(stdout) == 1 && fflush(NULL) == 0);
    CHECK(dprintf(1, "%s", "") == 0);
    char memory[20] = "";
    FILE *const in_memory = fmemopen(memory, sizeof(memory), "w");
    CHECK(in_memory && fprintf(in_memory, "%d", 42) == 2 && fclose(in_memory) == 0 && strcmp(memory, "42") == 0);
}
