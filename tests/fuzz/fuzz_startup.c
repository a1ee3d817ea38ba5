/* fuzz_startup.c  Any bytes as a startup block: what startup_check() accepts can be used without leaving it. */
#include <os/startup.h>

#include <stdlib.h>
#include <string.h>

static void read_strings(char **string, uint32_t count, const struct startup *b)
{
    for (uint32_t i = 0; i < count; i++) {
        if (string[i] < (char *)(b + 1) || string[i] + strlen(string[i]) >= (const char *)b + b->bytes) {
            abort();
        }
    }
    if (string[count]) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct startup *const b = malloc(bytes + 1);
    char **argv, **envp;

    memcpy(b, data, bytes);
    if (err_ok(startup_check(b, bytes))) {
        startup_strings(b, &argv, &envp);
        read_strings(argv, b->argc, b);
        read_strings(envp, b->envc, b);
        if (b->segments == 0 || b->segments > ELF_SEGMENTS_MAX || !memchr(b->name, '\0', sizeof(b->name))) {
            abort();
        }
    }
    free(b);
    return 0;
}
