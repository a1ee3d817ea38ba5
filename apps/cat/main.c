/**
 * @file main.c  cat: standard input to standard output, until it ends.  A word on the command line stands before each
 * piece that was read, so that one sees who of several got it.  Status 1 if a read or a write failed.
 */
#include <os/err.h>
#include <os/print.h>
#include <os/stream.h>
#include <os/string.h>

int main(int argc, char **argv, char **envp)
{
    char text[STREAM_CALL_BYTES];
    bool begins = true;
    size_t count;
    err_t err;

    (void)envp;
    for (;;) {
        err = stream_read(text, sizeof(text), &count);
        if (!err_ok(err) || count == 0) {
            break;
        }
        if (begins && argc > 1) {
            err = stream_write(STREAM_OUT, argv[1], strlen(argv[1]));
        }
        if (err_ok(err)) {
            err = stream_write(STREAM_OUT, text, count);
        }
        if (!err_ok(err)) {
            break;
        }
        begins = text[count - 1] == '\n';
    }
    if (err_root(err) == E_STREAM_INTERRUPTED) {
        return 1;                               /* who pressed Ctrl-C knows */
    }
    if (!err_ok(err) && err_root(err) != E_STREAM_NONE) {
        err_print("cat", err);
        return 1;
    }
    return 0;
}
