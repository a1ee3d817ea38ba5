/* proc_symbols_test.c  Names of functions from ELF files: rules of the search against a naive one, each way in which a
 * file can be wrong, damaged files, and a program of our own toolchain. */
#include "symbols_maker.h"
#include "test.h"

#include "symbols.h"

static struct maker m;

/* A copy of exactly as many bytes as there are, so that the sanitizer sees a look beyond. */
static uint8_t *exact(const void *from, size_t bytes)
{
    uint8_t *const copy = malloc(bytes ? bytes : 1);

    memcpy(copy, from, bytes);
    return copy;
}

static bool finds(const struct symbols *s, uint64_t address, const char *name, uint64_t start)
{
    struct symbol f;

    if (!symbols_find(s, address, &f)) {
        return name == NULL;
    }
    return name && f.length == strlen(name) && memcmp(f.name, name, f.length) == 0 && f.start == start;
}

TEST(proc_symbols, finds_functions)
{
    static const struct {
        uint64_t address;
        const char *name;
        uint64_t start;
    } row[] = {
        { 0x0fff, NULL, 0 },                /* before all */
        { 0x1000, "first", 0x1000 },
        { 0x100f, "first", 0x1000 },
        { 0x1010, NULL, 0 },                /* between: the variable there is no function */
        { 0x1040, "outer", 0x1040 },
        { 0x1050, "inner", 0x1050 },
        { 0x105f, "inner", 0x1050 },
        { 0x1060, "outer", 0x1040 },        /* behind the inner one */
        { 0x1080, "twin", 0x1080 },         /* the first of two names */
        { 0x1100, "unsized", 0x1100 },
        { 0x11ff, "unsized", 0x1100 },
        { 0x1200, "sized", 0x1200 },        /* at the same place as an unsized one before it in the table */
        { 0x1210, "other", 0x1200 },
        { 0x11ff + 4096, "other", 0x1200 },
        { 0x1200 + 4096, NULL, 0 },
        { 0x7000, NULL, 0 },                /* a function of another file */
        { 0x8000, NULL, 0 },                /* no name */
        { ~0ull, NULL, 0 },
        { ~0ull - 4, "last", ~0ull - 16 },
    };
    struct symbols s;

    maker_init(&m);
    maker_add(&m, "outer", MAKER_FUNC, 1, 0x1040, 0x40);
    maker_add(&m, "first", MAKER_FUNC, 1, 0x1000, 0x10);
    maker_add(&m, "inner", MAKER_FUNC, 1, 0x1050, 0x10);
    maker_add(&m, "variable", 1, 2, 0x1010, 0x10);
    maker_add(&m, "$x", 0, 1, 0x1050, 0);
    maker_add(&m, "twin", MAKER_FUNC, 1, 0x1080, 8);
    maker_add(&m, "twin_2", MAKER_FUNC, 1, 0x1080, 8);
    maker_add(&m, "unsized", MAKER_FUNC, 1, 0x1100, 0);
    maker_add(&m, "other", MAKER_FUNC, 1, 0x1200, 0);
    maker_add(&m, "sized", MAKER_FUNC, 1, 0x1200, 0x10);
    maker_add(&m, "elsewhere", MAKER_FUNC, 0, 0x7000, 0x10);
    maker_add(&m, "", MAKER_FUNC, 1, 0x8000, 0x10);
    maker_add(&m, "last", MAKER_FUNC, 1, ~0ull - 16, 16);
    maker_finish(&m);
    uint8_t *const file = exact(m.file, m.bytes);
    const char *wrong = symbols_open(&s, file, m.bytes);
    EXPECT(!wrong, "%s", wrong);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        EXPECT(finds(&s, row[i].address, row[i].name, row[i].start), "%#" PRIx64 ": not %s", row[i].address,
               row[i].name ? row[i].name : "nothing");
    }
    free(file);
}

TEST(proc_symbols, cuts_long_names)
{
    char name[SYMBOL_NAME_MAX + 2];
    struct symbols s;
    struct symbol f;

    for (size_t length = SYMBOL_NAME_MAX - 1; length <= SYMBOL_NAME_MAX + 1; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        maker_init(&m);
        maker_add(&m, name, MAKER_FUNC, 1, 0x1000, 4);
        maker_finish(&m);
        EXPECT(!symbols_open(&s, m.file, m.bytes) && symbols_find(&s, 0x1000, &f), "length %zu", length);
        EXPECT_EQ(f.length, length < SYMBOL_NAME_MAX ? length : SYMBOL_NAME_MAX, "length %zu", length);
    }
}

/* --- what is wrong with a file --- */

enum where { IN_HEADER, IN_SYMTAB, IN_STRTAB };

static const struct {
    const char *want;
    enum where where;
    unsigned offset, bytes;
    uint64_t value;
} refused[] = {
    { "the file is no ELF file for AArch64", IN_HEADER, 0, 1, 0 },
    { "the file is no ELF file for AArch64", IN_HEADER, AT_CLASS, 1, 1 },
    { "the file is no ELF file for AArch64", IN_HEADER, AT_ORDER, 1, 2 },
    { "the file is no ELF file for AArch64", IN_HEADER, AT_MACHINE, 2, 62 },
    { "section headers have an unknown size", IN_HEADER, AT_SHENTSIZE, 2, 40 },
    { "section headers reach beyond the file", IN_HEADER, AT_SHNUM, 2, 4 },
    { "section headers reach beyond the file", IN_HEADER, AT_SHNUM, 2, 0xffff },
    { "section headers reach beyond the file", IN_HEADER, AT_SHOFF, 8, ~0ull },
    { "section headers reach beyond the file", IN_HEADER, AT_SHOFF, 8, ~0ull - 191 },
    { "it has no symbol table", IN_HEADER, AT_SHNUM, 2, 0 },
    { "it has no symbol table", IN_SYMTAB, IN_SECTION_TYPE, 4, 11 },
    { "symbols have an unknown size", IN_SYMTAB, IN_SECTION_ENTSIZE, 8, 0 },
    { "symbols have an unknown size", IN_SYMTAB, IN_SECTION_ENTSIZE, 8, 16 },
    { "the symbol table reaches beyond the file", IN_SYMTAB, IN_SECTION_OFFSET, 8, ~0ull - 8 },
    { "the symbol table reaches beyond the file", IN_SYMTAB, IN_SECTION_SIZE, 8, ~0ull },
    { "the symbol table has no string table", IN_SYMTAB, IN_SECTION_LINK, 4, 3 },
    { "the symbol table has no string table", IN_SYMTAB, IN_SECTION_LINK, 4, ~0u },
    { "the symbol table has no string table", IN_SYMTAB, IN_SECTION_LINK, 4, 1 },
    { "the string table reaches beyond the file", IN_STRTAB, IN_SECTION_OFFSET, 8, 1ull << 63 },
    { "the string table reaches beyond the file", IN_STRTAB, IN_SECTION_SIZE, 8, MAKER_BYTES },
};

static void make_small(void)
{
    maker_init(&m);
    maker_add(&m, "main", MAKER_FUNC, 1, 0x400000, 0x20);
    maker_add(&m, "helper", MAKER_FUNC, 1, 0x400020, 0x10);
    maker_finish(&m);
}

TEST(proc_symbols, refuses)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct symbols s;
        make_small();
        const size_t base[] = { 0, m.symtab, m.strtab };
        maker_put(m.file + base[refused[i].where] + refused[i].offset, refused[i].value, refused[i].bytes);
        uint8_t *const file = exact(m.file, m.bytes);
        const char *wrong = symbols_open(&s, file, m.bytes);
        EXPECT(wrong && strcmp(wrong, refused[i].want) == 0, "row %zu: <%s>, wanted <%s>", i,
               wrong ? wrong : "accepted", refused[i].want);
        EXPECT(finds(&s, 0x400000, NULL, 0), "row %zu: no names", i);
        free(file);
    }
}

TEST(proc_symbols, refuses_every_beginning)
{
    make_small();
    for (size_t bytes = 0; bytes < m.bytes; bytes++) {
        struct symbols s;
        uint8_t *const file = exact(m.file, bytes);
        EXPECT(symbols_open(&s, file, bytes) != NULL, "%zu of %zu bytes", bytes, m.bytes);
        free(file);
    }
}

TEST(proc_symbols, names_that_are_none)
{
    struct symbols s;

    make_small();
    maker_put(m.file + m.strtab + IN_SECTION_SIZE, m.names_bytes - 1, 8);     /* "helper" has no end */
    EXPECT(!symbols_open(&s, m.file, m.bytes), "the table as such is right");
    EXPECT(finds(&s, 0x400000, "main", 0x400000), "the name before is whole");
    EXPECT(finds(&s, 0x400020, NULL, 0), "a name without end");
    maker_put(m.file + m.strtab + IN_SECTION_SIZE, 2, 8);
    EXPECT(!symbols_open(&s, m.file, m.bytes), "the table as such is right");
    EXPECT(finds(&s, 0x400020, NULL, 0), "a name beyond the string table");
}

/* --- random ones --- */

static uint64_t state;

static uint64_t any(uint64_t below)
{
    return test_random(&state) % below;
}

struct function {
    char name[8];
    uint64_t start, size;
};

/* As the contract says it. */
static const struct function *naive_find(const struct function *f, unsigned count, uint64_t address)
{
    const struct function *best = NULL;

    for (unsigned i = 0; i < count; i++) {
        uint64_t end = f[i].start + f[i].size;
        if (f[i].size == 0) {
            end = f[i].start + SYMBOL_UNSIZED_BYTES;
            for (unsigned n = 0; n < count; n++) {
                end = f[n].start > f[i].start && f[n].start < end ? f[n].start : end;
            }
        }
        if (address < f[i].start || address >= end) {
            continue;
        }
        if (!best || f[i].start > best->start || (f[i].start == best->start && best->size == 0 && f[i].size > 0)) {
            best = &f[i];
        }
    }
    return best;
}

TEST(proc_symbols, random_tables)
{
    state = test_seed();
    for (unsigned round = 0; round < 400; round++) {
        struct function f[24];
        struct symbols s;
        const unsigned count = (unsigned)any(24);
        maker_init(&m);
        for (unsigned i = 0; i < count; i++) {
            f[i].start = any(32) * 256, f[i].size = any(4) ? any(8) * 100 : 0;
            snprintf(f[i].name, sizeof(f[i].name), "f%u", i);
            maker_add(&m, f[i].name, MAKER_FUNC, 1, f[i].start, f[i].size);
        }
        maker_finish(&m);
        EXPECT(!symbols_open(&s, m.file, m.bytes), "round %u", round);
        for (unsigned n = 0; n < 200; n++) {
            const uint64_t address = any(16 * 1024);
            const struct function *want = naive_find(f, count, address);
            EXPECT(finds(&s, address, want ? want->name : NULL, want ? want->start : 0),
                   "round %u: %#" PRIx64 ": not %s", round, address, want ? want->name : "nothing");
        }
    }
}

TEST(proc_symbols, random_damage)
{
    unsigned opened = 0;

    state = test_seed();
    for (unsigned round = 0; round < 20000; round++) {
        make_small();
        for (uint64_t n = 1 + any(3); n > 0; n--) {
            m.file[any(m.bytes)] = (uint8_t)any(256);
        }
        const size_t bytes = any(4) ? m.bytes : any(m.bytes);
        uint8_t *const file = exact(m.file, bytes);
        struct symbols s;
        struct symbol f;
        opened += !symbols_open(&s, file, bytes);
        if (symbols_find(&s, 0x400000 + any(0x40), &f)) {
            const uint8_t *const name = (const uint8_t *)f.name;
            EXPECT(name >= file && name + f.length < file + bytes && f.length > 0 && f.length <= SYMBOL_NAME_MAX &&
                       !memchr(name, 0, f.length), "round %u: the name", round);
        }
        free(file);
    }
    EXPECT(opened > 1000, "only %u were opened", opened);
}

TEST(proc_symbols, a_program)
{
    static uint8_t file[256 * 1024];
    FILE *const in = fopen(ELF_PROGRAM, "rb");
    struct symbols s;
    unsigned starts = 0;

    EXPECT(in != NULL, "cannot open %s", ELF_PROGRAM);
    if (!in) {
        return;
    }
    const size_t bytes = fread(file, 1, sizeof(file), in);
    fclose(in);
    const char *wrong = symbols_open(&s, file, bytes);
    EXPECT(!wrong, "%s", wrong);
    for (uint64_t address = 0; address < 0x400000; address += 4) {
        struct symbol f;
        starts += symbols_find(&s, address, &f) && f.start == address && f.length == 6 &&
                  memcmp(f.name, "_start", 6) == 0;
    }
    EXPECT_EQ(starts, 1, "_start is at one address");
}
