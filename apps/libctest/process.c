/** @file process.c  Clocks, signals, children. */
#include "libctest.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec / 1e9 : -1;
}

void test_time(void)
{
    struct timeval now;
    char text[64];

    const double before = seconds();
    CHECK(usleep(20000) == 0);
    const double after = seconds();
    CHECK(before > 0 && after - before >= 0.02);
    CHECK(gettimeofday(&now, NULL) == 0 && now.tv_usec < 1000000 && time(NULL) - now.tv_sec <= 1);
    CHECK(time(NULL) > 1700000000 && now.tv_sec < 4294967296);         /* the machine's clock: after 2023, before 2106 */
    struct timespec later;
    CHECK(clock_gettime(CLOCK_REALTIME, &later) == 0);
    later.tv_nsec += 20000000;
    later.tv_sec += later.tv_nsec / 1000000000;
    later.tv_nsec %= 1000000000;
    CHECK(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &later, NULL) == 0);
    CHECK(seconds() - after >= 0.015 && seconds() - after < 10);
    const time_t day = 1700000000;                      /* 14 November 2023, 22:13:20 UTC */
    const struct tm *const tm = gmtime(&day);
    CHECK(tm->tm_year == 123 && tm->tm_mon == 10 && tm->tm_mday == 14 && tm->tm_wday == 2);
    CHECK(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %j", tm) > 0 && strcmp(text, "2023-11-14 22:13:20 318") == 0);
    struct tm back = *tm;
    CHECK(mktime(&back) == day);
    CHECK(clock() != (clock_t)-1);
    CHECK(sysconf(_SC_PAGESIZE) == 4096 && sysconf(_SC_PHYS_PAGES) > 1000 && sysconf(-1) == -1);
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

void test_signals(void)
{
    CHECK(signal(SIGUSR1, on_signal) == SIG_DFL);
    CHECK(raise(SIGUSR1) == 0 && caught == SIGUSR1);
    CHECK(signal(SIGUSR1, SIG_IGN) == on_signal);
    caught = 0;
    CHECK(raise(SIGUSR1) == 0 && caught == 0);
    CHECK(signal(SIGUSR1, on_signal) == SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && caught == 0);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && caught == SIGUSR1);
    CHECK(signal(SIGINT, on_signal) == SIG_DFL && kill(getpid(), SIGINT) == 0 && caught == SIGINT);
    CHECK(kill(getpid(), 0) == 0 && kill(99999, 0) == -1 && errno == ESRCH);
    CHECK(signal(SIGKILL, on_signal) == SIG_ERR && errno == EINVAL);
}

static pid_t child(const char *what, const char *with, char *const envp[])
{
    char *const argv[] = { "libctest", (char *)what, (char *)with, NULL };
    pid_t pid = -1;

    CHECK(posix_spawn(&pid, "/libctest", NULL, NULL, argv, envp) == 0);
    return pid;
}

void test_processes(void)
{
    char *const environment[] = { "ANSWER=42", NULL };
    int status = 0;

    fflush(stdout);
    pid_t pid = child("=exit", "7", NULL);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    pid = child("=env", "ANSWER", environment);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 42);
    pid = child("=last", NULL, NULL);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pid = child("=abort", NULL, NULL);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    pid = child("=null", NULL, NULL);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
    CHECK(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD);
    char *const spin[] = { "spin", NULL };
    CHECK(posix_spawn(&pid, "spin", NULL, NULL, spin, NULL) == 0);
    CHECK(waitpid(pid, &status, WNOHANG) == 0);
    CHECK(kill(pid, SIGKILL) == 0 && wait(&status) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK(posix_spawn(&pid, "/nowhere", NULL, NULL, spin, NULL) == ENOENT);
    CHECK(posix_spawn(&pid, "/menu.lst", NULL, NULL, spin, NULL) == ENOEXEC);
}
