/**
 * @file main.c  adder: adds its arguments, by calls of a server that it starts for it.
 *
 *   adder NUMBER...      the sum, and its square root
 *   adder serve          the server
 */
#include "server.h"

#include <errno.h>
#include <math.h>
#include <os/err.h>
#include <os/services.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stubs/adder.h>
#include <sys/wait.h>

static err_t sum_up(int count, char **number, uint64_t *sum)
{
    static struct rpc_client adder;

    TRY(service_bind_name(&adder, "adder", true));
    for (int i = 0; i < count; i++) {
        TRY(adder_add(&adder, *sum, strtoull(number[i], NULL, 0), sum));
    }
    return OK;
}

static int end_of_server(pid_t pid)
{
    int status;

    if (kill(pid, SIGKILL) < 0 || waitpid(pid, &status, 0) != pid) {
        perror("adder: server");
        return 1;
    }
    return WIFSIGNALED(status) ? 0 : 1;
}

int main(int argc, char **argv)
{
    char *const words[] = { "adder", "serve", NULL };
    uint64_t sum = 0;
    err_t err;
    pid_t pid;

    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        err = serve();
        err_print("adder serve", err);
        return 1;
    }
    errno = posix_spawn(&pid, "/adder", NULL, NULL, words, NULL);
    if (errno) {
        perror("adder: cannot start the server");
        return 1;
    }
    err = sum_up(argc - 1, argv + 1, &sum);
    if (err_ok(err)) {
        printf("the sum is %llu, its square root %.3f\n", (unsigned long long)sum, sqrt((double)sum));
    } else {
        err_print("adder", err);
    }
    return end_of_server(pid) || !err_ok(err);
}
