/** @file print_sink.c  Where print() goes in a program that does not say otherwise: its standard output. */
#include <os/dispatcher.h>
#include <os/err.h>
#include <os/print.h>
#include <os/stream.h>

void print_sink(const char *text, size_t bytes)
{
    static bool busy;               /* an assertion that failed on the way to the terminal would come here again */

    if (busy || frame_self()->disabled) {       /* in an upcall: nobody may wait there */
        return;
    }
    busy = true;
    err_ignore(stream_write(STREAM_OUT, text, bytes));      /* there is nobody to tell */
    busy = false;
}
