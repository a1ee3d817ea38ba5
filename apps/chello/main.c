/** @file main.c  chello: the C library is there: printf with everything, malloc, environment, errno, exit handlers. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bye(void)
{
    printf("bye\n");
}

static void numbers(void)
{
    printf("%d %5d|%-5d|%05d %+d %x %#X %o %c %s %.3s %%\n", 42, 42, 42, 42, 42, 255, 255, 8, 'c', "string", "string");
    printf("%ld %llu %zu %hhd %p\n", -1L, ~0ull, sizeof(int), (signed char)44, (void *)0x1234);
    printf("%f %.2f %10.3e %g %g %a\n", 3.14159265358979, 2.5, 123456.789, 1e-10, 1e20, 1.0);
    printf("%.17g %g %g %g\n", 0.1, INFINITY, -INFINITY, NAN);
    printf("sqrt(2) = %.15f, 2^53 = %.0f\n", sqrt(2), pow(2, 53));
}

int main(int argc, char **argv)
{
    atexit(bye);
    printf("hello from C, %d words:", argc);
    for (int i = 0; i < argc; i++) {
        printf(" \"%s\"", argv[i]);
    }
    printf("\n");
    numbers();
    char *const text = malloc(100000);
    if (!text) {
        perror("malloc");
        return 1;
    }
    memset(text, 'x', 100000);
    text[50] = '\0';
    printf("%s\n", text);
    free(text);
    errno = ENOENT;
    perror("chello");
    if (getenv("EXIT")) {
        return atoi(getenv("EXIT"));
    }
    return 0;
}
