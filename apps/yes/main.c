/** @file main.c  yes: prints its arguments, or y, in a line, again and again.  It ends when it is killed. */
#include <os/print.h>

int main(int argc, char **argv, char **envp)
{
    (void)envp;
    for (;;) {
        for (int i = 1; i < argc; i++) {
            print("%s%s", i > 1 ? " " : "", argv[i]);
        }
        print(argc > 1 ? "\n" : "y\n");
    }
}
