/** @file main.c  true: does nothing, successfully.  What a process costs at the least. */
#include <os/startup.h>

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    return 0;
}
