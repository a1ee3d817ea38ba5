/**
 * @file main.c  hello: says who it is, with which arguments and which environment.
 *
 * One line, to standard output, and as a string to the beginning of every Frame that was passed on.  Ends with status 0,
 * or with the one that EXIT=n in the environment names.
 */
#include <os/caps.h>
#include <os/err.h>
#include <os/print.h>
#include <os/process.h>
#include <os/startup.h>
#include <os/string.h>
#include <os/vspace.h>

#define TEXT_BYTES 512u

static size_t add(char *text, size_t at, const char *before, const char *word, const char *behind)
{
    return at < TEXT_BYTES ? at + format_text(text + at, TEXT_BYTES - at, "%s%s%s", before, word, behind) : at;
}

static void describe(char *text, int argc, char **argv, char **envp)
{
    const struct startup *s = os_startup();
    char pid[PID_TEXT_BYTES];
    size_t at = format_text(text, TEXT_BYTES, "%s, process %s:", s->name, pid_text(pid, s->pid));

    for (int i = 1; i < argc; i++) {
        at = add(text, at, " \"", argv[i], "\"");
    }
    for (; *envp; envp++) {
        at = add(text, at, " ", *envp, "");
    }
}

static err_t write_frame(cptr_t frame, const char *text)
{
    uint64_t address;

    TRY(vspace_map(os_vspace(), frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address));
    memcpy((void *)address, text, strlen(text) + 1);
    return vspace_unmap(os_vspace(), address, SHOAL_PAGE_SIZE);
}

static err_t tell(const char *text)
{
    print("%s\n", text);
    for (unsigned i = 0; i < os_startup()->passed; i++) {
        const cptr_t slot = PSLOT_PASSED + i;
        struct cap_info info;
        TRY(cap_identify(CPTR_NULL, slot, &info));
        if (info.type == CAP_FRAME) {
            TRY(write_frame(slot, text));
        }
    }
    return OK;
}

static int status(char **envp)
{
    for (; *envp; envp++) {
        if (strncmp(*envp, "EXIT=", 5) == 0) {
            int n = 0;
            for (const char *c = *envp + 5; *c >= '0' && *c <= '9' && n < 128; c++) {
                n = n * 10 + (*c - '0');
            }
            return n;
        }
    }
    return 0;
}

int main(int argc, char **argv, char **envp)
{
    char text[TEXT_BYTES];

    describe(text, argc, argv, envp);
    const err_t err = tell(text);
    if (!err_ok(err)) {
        print("hello: %s\n", err_text(err_root(err)));
        return 1;
    }
    return status(envp);
}
