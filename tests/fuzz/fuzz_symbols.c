/* fuzz_symbols.c  Any bytes as a program file: names of functions lie in the file and keep the promises of symbols.h. */
#include "symbols.h"

#include <stdlib.h>
#include <string.h>

static void must(bool cond)
{
    if (!cond) {
        abort();
    }
}

static void look(const struct symbols *s, uint64_t address, const uint8_t *data, size_t bytes)
{
    struct symbol f;

    if (symbols_find(s, address, &f)) {
        const uint8_t *const name = (const uint8_t *)f.name;
        must(f.length > 0 && f.length <= SYMBOL_NAME_MAX && f.start <= address);
        must(name >= data && name < data + bytes && f.length < (size_t)(data + bytes - name));
        must(!memchr(name, 0, f.length) && (f.length == SYMBOL_NAME_MAX || name[f.length] == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct symbols s;

    if (symbols_open(&s, data, bytes)) {
        must(s.count == 0);
    }
    for (size_t i = 0; i < s.count && i < 64; i++) {        /* every function's own address, and around it */
        uint64_t start;
        memcpy(&start, s.table + i * 24 + 8, sizeof(start));
        look(&s, start, data, bytes);
        look(&s, start - 1, data, bytes);
        look(&s, start + 4095, data, bytes);
    }
    look(&s, 0, data, bytes);
    look(&s, ~0ull, data, bytes);
    return 0;
}
