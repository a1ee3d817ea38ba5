/** @file pipes.c  Pipes: within the process, to children, and who hears of an end. */
#include "libctest.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096              /* bytes that stay together */

/* ---- children ------------------------------------------------------------------------------------------------------ */

/* From descriptor to descriptor until the end of the input. */
static int copy(int from, int to, size_t most)
{
    static char text[3000];
    ssize_t got;

    while ((got = read(from, text, most)) > 0) {
        if (write(to, text, (size_t)got) != got) {
            return 3;
        }
    }
    return got < 0 ? 2 : 0;
}

static int write_blocks(char with, int count)
{
    static char block[BLOCK];

    memset(block, with, sizeof(block));
    for (int i = 0; i < count; i++) {
        if (write(1, block, sizeof(block)) != BLOCK) {
            return 3;
        }
    }
    return 0;
}

static int run(const char *program, const char *const *words, const posix_spawn_file_actions_t *actions, pid_t *pid)
{
    extern char **environ;

    return posix_spawn(pid, program, actions, NULL, (char *const *)words, environ);
}

/* A child of a child has its streams. */
static int nest(void)
{
    const char *const words[] = { "libctest", "=say", "from below", NULL };
    pid_t pid;
    int status;

    return run("libctest", words, NULL, &pid) == 0 && waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 4;
}

int pipe_child(int argc, char **argv)
{
    const char *const what = argv[1] + 1, *const first = argc > 2 ? argv[2] : "";
    struct stat status;

    if (strcmp(what, "say") == 0) {
        return puts(first) < 0 || fflush(stdout) ? 3 : 0;
    }
    if (strcmp(what, "copy") == 0) {
        return fstat(0, &status) == 0 && S_ISFIFO(status.st_mode) && !isatty(0) ? copy(0, 1, 3000) : 5;
    }
    if (strcmp(what, "from") == 0) {            /* a descriptor beyond the three; 9: it is not open */
        return fcntl(atoi(first), F_GETFD) < 0 ? 9 : getenv("SHOAL_FDS") ? 6 : copy(atoi(first), 1, 7);
    }
    if (strcmp(what, "closed") == 0) {
        return fcntl(0, F_GETFD) < 0 && errno == EBADF && fcntl(1, F_GETFD) == 0 ? 0 : 7;
    }
    if (strcmp(what, "blocks") == 0) {
        return write_blocks(*first, 40);
    }
    if (strcmp(what, "let-go") == 0) {          /* closes its end, and lives on until its input ends */
        close(1);
        return copy(0, 2, 10) ? 8 : 0;
    }
    return strcmp(what, "nest") == 0 ? nest() : -1;
}

/* ---- starting them ------------------------------------------------------------------------------------------------- */

/* In @p child, descriptor @p as is our @p fd; what else is open here is open there. */
struct place {
    int fd, as;
};

static pid_t start(const char *const *words, const struct place *place, unsigned places)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    for (unsigned i = 0; i < places; i++) {
        CHECK((place[i].fd < 0 ? posix_spawn_file_actions_addclose(&actions, place[i].as)
                               : posix_spawn_file_actions_adddup2(&actions, place[i].fd, place[i].as)) == 0);
    }
    CHECK(run(words[0], words, &actions, &pid) == 0);
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
    return pid;
}

static pid_t start_one(const char *what, const char *word, int fd, int as)
{
    const char *const words[] = { "libctest", what, word, NULL };
    const struct place place = { fd, as };

    return start(words, &place, 1);
}

static bool ended(pid_t pid, int with)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == with;
}

/* No child gets these but by an action. */
static void make(int fd[2])
{
    CHECK(pipe2(fd, O_CLOEXEC) == 0);
}

/* All that comes until the end of the input, which must come. */
static size_t read_all(int fd, char *text, size_t most)
{
    size_t all = 0;
    ssize_t got;

    while (all < most && (got = read(fd, text + all, most - all)) > 0) {
        all += (size_t)got;
    }
    CHECK(all < most && got == 0);
    return all;
}

static bool reads(int fd, const char *want)
{
    char text[300] = "";

    (void)read_all(fd, text, sizeof(text) - 1);
    check_text(strcmp(text, want) == 0, "pipe", text, want);
    return strcmp(text, want) == 0;
}

/* ---- what is checked ----------------------------------------------------------------------------------------------- */

static int ends[2];

static void *write_much(void *arg)
{
    static char block[3000];

    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 10; i++) {
        if (write(ends[1], block, sizeof(block)) != (ssize_t)sizeof(block)) {
            return arg;
        }
    }
    close(ends[1]);
    return NULL;
}

static void check_within(void)
{
    char text[512];
    ssize_t got, sum = 0;
    pthread_t writer;
    struct stat status;
    void *result;

    CHECK(pipe(ends) == 0 && write(ends[1], "hello", 5) == 5 && read(ends[0], text, sizeof(text)) == 5);
    CHECK(memcmp(text, "hello", 5) == 0 && fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode));
    CHECK(lseek(ends[0], 0, SEEK_SET) == -1 && errno == ESPIPE);
    CHECK(write(ends[0], "x", 1) == -1 && errno == EBADF && read(ends[1], text, 1) == -1 && errno == EBADF);
    const int copy_of = dup(ends[1]);
    CHECK(close(ends[1]) == 0 && write(copy_of, "y", 1) == 1 && close(copy_of) == 0);
    CHECK(read(ends[0], text, 9) == 1 && read(ends[0], text, 1) == 0 && close(ends[0]) == 0);
    CHECK(pipe(ends) == 0 && pthread_create(&writer, NULL, write_much, &sum) == 0);
    while ((got = read(ends[0], text, sizeof(text))) > 0) {
        sum += got;
    }
    CHECK(pthread_join(writer, &result) == 0 && result == NULL && got == 0 && sum == 30000);
    close(ends[0]);
    CHECK(pipe(ends) == 0 && close(ends[0]) == 0);
    CHECK(write(ends[1], "x", 1) == -1 && errno == EPIPE && close(ends[1]) == 0);
    CHECK(pipe2(ends, O_NONBLOCK) == -1 && errno == EINVAL);
}

static void check_output(void)
{
    int fd[2];

    make(fd);
    pid_t pid = start_one("=say", "one two", fd[1], 1);
    close(fd[1]);
    CHECK(reads(fd[0], "one two\n") && ended(pid, 0) && close(fd[0]) == 0);
    make(fd);
    pid = start_one("=nest", NULL, fd[1], 1);
    close(fd[1]);
    CHECK(reads(fd[0], "from below\n") && ended(pid, 0) && close(fd[0]) == 0);
    /* A program without a C library, which knows of no pipes. */
    const char *const hello[] = { "hello", "you", NULL };
    char text[200] = "";
    make(fd);
    const struct place place = { fd[1], 1 };
    pid = start(hello, &place, 1);
    close(fd[1]);
    (void)read_all(fd[0], text, sizeof(text) - 1);
    check_text(strncmp(text, "hello, process ", 15) == 0 && strstr(text, "\"you\"\n"), "hello", text, "hello, …");
    CHECK(ended(pid, 0) && close(fd[0]) == 0);
}

static unsigned char nth(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

#define MUCH 300000u

static void *feed(void *arg)
{
    const int fd = (int)(intptr_t)arg;
    unsigned char part[1777];

    for (size_t at = 0; at < MUCH;) {
        const size_t bytes = MUCH - at < sizeof(part) ? MUCH - at : sizeof(part);
        for (size_t i = 0; i < bytes; i++) {
            part[i] = nth(at + i);
        }
        if (write(fd, part, bytes) != (ssize_t)bytes) {
            break;
        }
        at += bytes;
    }
    close(fd);
    return NULL;
}

/* Through two children in a row, of which each has one end of the pipe between them. */
static void check_chain(void)
{
    int in[2], between[2], out[2];
    static unsigned char got[MUCH + 1];
    const char *const words[] = { "libctest", "=copy", NULL };
    bool right = true;
    pthread_t feeder;

    make(in), make(between), make(out);
    const struct place first[] = { { in[0], 0 }, { between[1], 1 } }, second[] = { { between[0], 0 }, { out[1], 1 } };
    const pid_t a = start(words, first, 2), b = start(words, second, 2);
    close(in[0]), close(between[0]), close(between[1]), close(out[1]);
    CHECK(pthread_create(&feeder, NULL, feed, (void *)(intptr_t)in[1]) == 0);
    CHECK(read_all(out[0], (char *)got, sizeof(got)) == MUCH);
    for (size_t i = 0; i < MUCH; i++) {
        right &= got[i] == nth(i);
    }
    CHECK(right && pthread_join(feeder, NULL) == 0 && ended(a, 0) && ended(b, 0) && close(out[0]) == 0);
}

/* Blocks of two writers do not mix. */
static void check_blocks(void)
{
    static char got[80 * BLOCK + 1];
    bool whole = true;
    int fd[2];

    make(fd);
    const pid_t a = start_one("=blocks", "a", fd[1], 1), b = start_one("=blocks", "b", fd[1], 1);
    close(fd[1]);
    CHECK(read_all(fd[0], got, sizeof(got)) == 80 * BLOCK);
    for (size_t i = 0; i < 80 * BLOCK; i++) {
        whole &= got[i] == got[i - i % BLOCK];
    }
    CHECK(whole && ended(a, 0) && ended(b, 0) && close(fd[0]) == 0);
}

/* The end of the input comes with the last writer, however it ends; and writers hear that nobody reads. */
static void check_ends(void)
{
    const char *const spin[] = { "spin", NULL };
    char text[4], said[200] = "";
    int fd[2], status;

    make(fd);
    const struct place place = { fd[1], 1 };
    pid_t pid = start(spin, &place, 1);                     /* never opens what it has */
    close(fd[1]);
    CHECK(kill(pid, SIGKILL) == 0 && read(fd[0], text, 4) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && close(fd[0]) == 0);
    make(fd);
    pid = start_one("=null", NULL, fd[1], 1);               /* crashes, and says so there */
    close(fd[1]);
    (void)read_all(fd[0], said, sizeof(said) - 1);
    CHECK(strstr(said, "null pointer") && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && close(fd[0]) == 0);
    int hold[2];
    make(fd), make(hold);
    const char *const words[] = { "libctest", "=let-go", NULL };
    const struct place places[] = { { hold[0], 0 }, { fd[1], 1 } };
    pid = start(words, places, 2);                          /* closes its end, and lives on */
    close(fd[1]), close(hold[0]);
    CHECK(read(fd[0], text, 4) == 0 && kill(pid, 0) == 0);
    CHECK(close(hold[1]) == 0 && ended(pid, 0) && close(fd[0]) == 0);
    make(fd);
    pid = start_one("=exit", "0", fd[0], 0);                /* does not read */
    close(fd[0]);
    CHECK(ended(pid, 0) && write(fd[1], "x", 1) == -1 && errno == EPIPE && close(fd[1]) == 0);
    make(fd);
    pid = start_one("=blocks", "z", fd[1], 1);              /* writes more than there is room for, to nobody */
    close(fd[1]);
    usleep(20000);
    close(fd[0]);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static void check_descriptors(void)
{
    int fd[2], out[2];
    char first[8] = "";

    make(fd), make(out);
    const char *const from40[] = { "libctest", "=from", "40", NULL }, *const closed[] = { "libctest", "=closed", NULL };
    const struct place places[] = { { fd[0], 40 }, { out[1], 1 } };
    pid_t pid = start(from40, places, 2);
    close(out[1]);
    CHECK(write(fd[1], "by forty", 8) == 8 && close(fd[1]) == 0 && reads(out[0], "by forty") && ended(pid, 0));
    const struct place none[] = { { -1, 0 }, { -1, 3 } };
    CHECK(ended(start(closed, none, 1), 0));
    CHECK(fcntl(fd[0], F_GETFD) == FD_CLOEXEC && fcntl(fd[0], F_GETFL) == O_RDONLY);
    CHECK(ended(start_one("=from", "99", -1, 3), 9));       /* what is marked so does not go along */
    snprintf(first, sizeof(first), "%d", fd[0]);
    CHECK(ended(start_one("=from", first, -1, 63), 9));
    CHECK(close(fd[0]) == 0 && close(out[0]) == 0);
    /* A file, from where the parent is. */
    const int file = open("/menu.lst", O_RDONLY);
    make(out);
    CHECK(file >= 0 && lseek(file, 2, SEEK_SET) == 2);
    snprintf(first, sizeof(first), "%d", file);
    pid = start_one("=from", first, out[1], 1);
    close(out[1]);
    char text[2000] = "", want[2000] = "";
    (void)read_all(out[0], text, sizeof(text) - 1);
    CHECK(ended(pid, 0) && read(file, want, sizeof(want) - 1) > 20 && strcmp(text, want) == 0);
    CHECK(close(file) == 0 && close(out[0]) == 0);
}

static void check_open_action(void)
{
    const char *const words[] = { "libctest", "=from", "0", NULL };
    posix_spawn_file_actions_t actions;
    char text[2000] = "";
    pid_t pid = -1;
    int out[2];

    make(out);
    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_addopen(&actions, 0, "/menu.lst", O_RDONLY, 0) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, out[1], 1) == 0);
    CHECK(run(words[0], words, &actions, &pid) == 0);
    close(out[1]);
    CHECK(read_all(out[0], text, sizeof(text) - 1) > 20 && *text == '#' && ended(pid, 0) && close(out[0]) == 0);
    CHECK(run(words[0], words, &actions, &pid) == EBADF);                   /* out[1] is closed here, too */
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0 && posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_addopen(&actions, 0, "/nowhere", O_RDONLY, 0) == 0);
    CHECK(run(words[0], words, &actions, &pid) == ENOENT);
    CHECK(posix_spawn_file_actions_adddup2(&actions, 1000, 1) == EBADF);
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
}

/* Again and again, each time everything goes: descriptors, slots, the server's pipes, memory. */
static void check_many(void)
{
    long before = 0;
    int fd[2];

    for (int round = 0; round < 150; round++) {
        if (round == 50) {
            before = sysconf(_SC_AVPHYS_PAGES);
        }
        make(fd);
        const pid_t pid = start_one("=say", "x", fd[1], 1);
        char text[8] = "";
        close(fd[1]);
        if (read_all(fd[0], text, sizeof(text)) != 2 || !ended(pid, 0)) {
            CHECK(!"a round");
            break;
        }
        close(fd[0]);
    }
    const long lost = before - sysconf(_SC_AVPHYS_PAGES);
    CHECK(lost < 20);
    /* As many at once as the server gives, and then as many again. */
    for (int again = 0; again < 2; again++) {
        int many[30][2], made = 0;
        while (made < 30 && pipe(many[made]) == 0) {
            made++;
        }
        CHECK(made == 30);
        while (made-- > 0) {
            close(many[made][0]), close(many[made][1]);
        }
    }
}

void test_pipes(void)
{
    signal(SIGPIPE, SIG_IGN);
    check_within();
    check_output();
    check_chain();
    check_blocks();
    check_ends();
    check_descriptors();
    check_open_action();
    check_many();
    signal(SIGPIPE, SIG_DFL);
}
