/** @file abort.c  crash-abort: fails an assertion. */
#include <os/bug.h>

int main(int argc, char **argv)
{
    (void)argv;
    OS_ASSERT(argc < 0);
    return 0;
}
