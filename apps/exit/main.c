/** @file main.c  exit N: ends with status N, 0 to 127; with status 2 if it is told none. */
#include <os/print.h>
#include <stdbool.h>

#define USAGE 2

static bool parse_status(const char *text, int *status)
{
    int number = 0;

    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        number = number * 10 + (*text - '0');
        if (number > 127) {
            return false;
        }
    }
    *status = number;
    return true;
}

int main(int argc, char **argv)
{
    int status;

    if (argc != 2 || !parse_status(argv[1], &status)) {
        print("exit: wants a status of 0 to 127\n");
        return USAGE;
    }
    return status;
}
