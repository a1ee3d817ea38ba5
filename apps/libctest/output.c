/** @file output.c  What children print, read through a pipe: lines of several threads, assertions, atexit(), buffers at the end. */
#include "libctest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define LINES   150
#define TAIL    "of a line that is long enough to be cut"

/* ---- children ------------------------------------------------------------------------------------------------------ */

static void *print_lines(void *arg)
{
    for (int line = 0; line < LINES; line++) {
        errno = (int)(intptr_t)arg;             /* each thread has its own */
        printf("%d %d %s %.3f\n", (int)(intptr_t)arg, line, TAIL, line / 8.0);
        if (errno != (int)(intptr_t)arg) {
            abort();
        }
    }
    return NULL;
}

static int threads_print(void)
{
    pthread_t thread[THREADS];

    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&thread[i], NULL, print_lines, (void *)(intptr_t)(i + 1)) != 0) {
            return 3;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    return 0;
}

static void say_first(void)
{
    printf("first");
}

static void say_second(void)
{
    printf("second ");
}

__attribute__((constructor)) static void before(void)
{
    errno = 0;                                  /* TLS and the heap are there */
    free(malloc(10));
}

int output_child(const char *what)
{
    if (strcmp(what, "threads") == 0) {
        return threads_print();
    }
    if (strcmp(what, "assert") == 0) {
        const volatile int one = 1;
        assert(one == 2);
    }
    if (strcmp(what, "atexit") == 0) {
        atexit(say_first);
        atexit(say_second);
        printf("main ");                        /* stays in the buffer until the end */
        return 5;
    }
    if (strcmp(what, "fdopen") == 0) {          /* a file of ours: flushed at the end as the others are */
        FILE *const open = fdopen(dup(1), "w"), *const closed = fdopen(dup(1), "w");
        fprintf(closed, "closed ");
        fclose(closed);
        fprintf(open, "open");
        return fdopen(60, "w") || errno != EBADF || fdopen(1, "r") || errno != EINVAL ? 8 : 7;
    }
    if (strcmp(what, "fclose") == 0) {          /* as careful programs do at their end */
        printf("flushed");
        const int closed = fclose(stdin) | fclose(stdout);
        return closed == 0 && write(1, "", 1) < 0 && errno == EBADF && fclose(stdout) == EOF ? 4 : 3;
    }
    if (strcmp(what, "quick") == 0) {
        printf("lost");
        _Exit(6);
    }
    return -1;
}

/* ---- the parent ---------------------------------------------------------------------------------------------------- */

/* Run "libctest =WHAT" with descriptor @p as a pipe; what it prints there. */
static int run(const char *what, int as, char *text, size_t most)
{
    const char *const words[] = { "libctest", what, NULL };
    posix_spawn_file_actions_t actions;
    int fd[2], status = -1;
    pid_t pid = -1;
    size_t all = 0;
    ssize_t got;

    CHECK(pipe2(fd, O_CLOEXEC) == 0 && posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, fd[1], as) == 0);
    CHECK(posix_spawn(&pid, "libctest", &actions, NULL, (char *const *)words, NULL) == 0);
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0 && close(fd[1]) == 0);
    while (all < most - 1 && (got = read(fd[0], text + all, most - 1 - all)) > 0) {
        all += (size_t)got;
    }
    text[all] = '\0';
    CHECK(close(fd[0]) == 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

static void check_lines(void)
{
    static char text[THREADS * LINES * 80];
    int next[THREADS + 1] = { 0 }, whole = 0;
    char *rest;

    CHECK(WEXITSTATUS(run("=threads", 1, text, sizeof(text))) == 0);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char want[120];
        const int thread = *line - '0';
        if (thread < 1 || thread > THREADS) {
            continue;
        }
        snprintf(want, sizeof(want), "%d %d %s %.3f", thread, next[thread], TAIL, next[thread] / 8.0);
        next[thread]++;
        whole += strcmp(line, want) == 0;
    }
    CHECK(whole == THREADS * LINES);
}

void test_output(void)
{
    char text[300];
    int status;

    check_lines();
    status = run("=assert", 2, text, sizeof(text));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    check_text(strstr(text, "output.c") && strstr(text, "one == 2") && strstr(text, "output_child"), "assert", text,
               "…output.c…one == 2…output_child…");
    status = run("=atexit", 1, text, sizeof(text));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    check_text(strcmp(text, "main second first") == 0, "atexit", text, "main second first");
    status = run("=fdopen", 1, text, sizeof(text));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    check_text(strcmp(text, "closed open") == 0, "fdopen", text, "closed open");
    status = run("=fclose", 1, text, sizeof(text));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    check_text(strcmp(text, "flushed") == 0, "fclose", text, "flushed");
    status = run("=quick", 1, text, sizeof(text));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 6 && *text == '\0');
}
