/* fuzz_shell_parser.c  Any bytes as a script: it is read to its end, each command keeps the promises of parser.h. */
#include "parser.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(int cond)
{
    if (!cond) {
        abort();
    }
}

static void check(const struct parsed *p, const char *wrong)
{
    must(p->words.count <= WORDS_MAX && !p->words.word[p->words.count]);
    must(p->variables < p->words.count || (p->variables == 0 && p->words.count == 0));
    must(!wrong || (p->words.count == 0 && !p->background));
    must(!p->background || p->words.count > 0);
    for (unsigned i = 0; i < p->words.count; i++) {
        const char *word = p->words.word[i];
        must(word >= p->words.text && word + strlen(word) < p->words.text + WORDS_BYTES);
        must(i >= p->variables || strchr(word, '='));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *at = (const char *)data;

    while (bytes > 0) {
        static struct parsed p;
        size_t used = 0;
        const char *wrong = parse_command(at, bytes, &p, &used);
        check(&p, wrong);
        must(used > 0 && used <= bytes);
        must(!wrong || used == bytes || at[used - 1] == '\n');
        at += used;
        bytes -= used;
    }
    return 0;
}
