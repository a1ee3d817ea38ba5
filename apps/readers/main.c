/**
 * @file main.c  readers WORD...: one cat for each word, all at once, all reading what we would.  For tests of who gets
 * what.  Status 1 if one could not be started or failed.
 */
#include <os/err.h>
#include <os/print.h>
#include <os/process.h>

int main(int argc, char **argv, char **envp)
{
    unsigned running = 0;
    int status = 0;

    (void)envp;
    for (int i = 1; i < argc; i++) {
        const char *const words[] = { "cat", argv[i] };
        uint64_t pid;
        const err_t err = process_spawn(2, words, NULL, &pid);
        if (!err_ok(err)) {
            err_print("readers", err);
            status = 1;
        }
        running += err_ok(err);
    }
    while (running-- > 0) {
        uint64_t pid;
        unsigned ended = 1;
        const err_t err = process_wait(0, &pid, &ended);
        if (!err_ok(err)) {
            err_print("readers", err);
        }
        if (ended != 0) {
            status = 1;
        }
    }
    return status;
}
