/**
 * @file symbols.c  Contracts in symbols.h.
 * Source: System V ABI, chapter 4, "Sections" and "Symbol Table"; Arm IHI 0056.
 */
#include "symbols.h"
#include <os/string.h>

enum {
    CLASS_64 = 2,
    DATA_LITTLE = 1,
    MACHINE_AARCH64 = 183,
    SHT_SYMTAB = 2,
    SHT_STRTAB = 3,
    STT_FUNC = 2,
};

/* Offsets of Elf64_Ehdr, Elf64_Shdr and Elf64_Sym. */
enum {
    EH_CLASS = 4, EH_DATA = 5, EH_MACHINE = 18, EH_SHOFF = 40, EH_SHENTSIZE = 58, EH_SHNUM = 60, EH_BYTES = 64,
    SH_TYPE = 4, SH_OFFSET = 24, SH_SIZE = 32, SH_LINK = 40, SH_ENTSIZE = 56, SH_BYTES = 64,
    SYM_NAME = 0, SYM_INFO = 4, SYM_SECTION = 6, SYM_VALUE = 8, SYM_SIZE = 16, SYM_BYTES = 24,
};

struct file {
    const uint8_t *at;
    size_t bytes;
    const uint8_t *sections;
    size_t section_count;
};

static uint64_t little(const uint8_t *p, unsigned bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0) {
        value = value << 8 | p[bytes];
    }
    return value;
}

static const char *find_sections(struct file *f)
{
    if (f->bytes < EH_BYTES || memcmp(f->at, "\177ELF", 4) != 0 || f->at[EH_CLASS] != CLASS_64 ||
        f->at[EH_DATA] != DATA_LITTLE || little(f->at + EH_MACHINE, 2) != MACHINE_AARCH64) {
        return "the file is no ELF file for AArch64";
    }
    const uint64_t offset = little(f->at + EH_SHOFF, 8), count = little(f->at + EH_SHNUM, 2);

    if (count > 0 && little(f->at + EH_SHENTSIZE, 2) != SH_BYTES) {
        return "section headers have an unknown size";
    }
    if (offset > f->bytes || count * SH_BYTES > f->bytes - offset) {
        return "section headers reach beyond the file";
    }
    f->sections = f->at + offset;
    f->section_count = count;
    return NULL;
}

/* What a section holds.  @return NULL: it is not all in the file */
static const uint8_t *content(const struct file *f, const uint8_t *section, size_t *bytes)
{
    const uint64_t offset = little(section + SH_OFFSET, 8), size = little(section + SH_SIZE, 8);

    if (offset > f->bytes || size > f->bytes - offset) {
        return NULL;
    }
    *bytes = size;
    return f->at + offset;
}

static const char *read_table(const struct file *f, const uint8_t *section, struct symbols *out)
{
    const uint64_t link = little(section + SH_LINK, 4);
    struct symbols found;
    size_t bytes;

    if (little(section + SH_ENTSIZE, 8) != SYM_BYTES) {
        return "symbols have an unknown size";
    }
    found.table = content(f, section, &bytes);
    if (!found.table) {
        return "the symbol table reaches beyond the file";
    }
    found.count = bytes / SYM_BYTES;
    if (link >= f->section_count || little(f->sections + link * SH_BYTES + SH_TYPE, 4) != SHT_STRTAB) {
        return "the symbol table has no string table";
    }
    found.names = content(f, f->sections + link * SH_BYTES, &found.names_bytes);
    if (!found.names) {
        return "the string table reaches beyond the file";
    }
    *out = found;
    return NULL;
}

const char *symbols_open(struct symbols *symbols, const void *file, size_t bytes)
{
    struct file f = { .at = file, .bytes = bytes };

    *symbols = (struct symbols){ 0 };
    const char *wrong = find_sections(&f);
    if (wrong) {
        return wrong;
    }
    for (size_t i = 0; i < f.section_count; i++) {
        const uint8_t *section = f.sections + i * SH_BYTES;
        if (little(section + SH_TYPE, 4) == SHT_SYMTAB) {
            return read_table(&f, section, symbols);
        }
    }
    return "it has no symbol table";
}

static bool is_function(const uint8_t *symbol)
{
    return (symbol[SYM_INFO] & 15) == STT_FUNC && little(symbol + SYM_SECTION, 2) != 0;     /* 0: defined elsewhere */
}

static bool read_name(const struct symbols *s, const uint8_t *symbol, struct symbol *found)
{
    const uint64_t offset = little(symbol + SYM_NAME, 4);

    if (offset >= s->names_bytes) {
        return false;
    }
    const uint8_t *const name = s->names + offset, *const end = memchr(name, 0, s->names_bytes - offset);
    if (!end || end == name) {
        return false;
    }
    const size_t length = (size_t)(end - name);
    found->name = (const char *)name;
    found->length = length < SYMBOL_NAME_MAX ? length : SYMBOL_NAME_MAX;
    found->start = little(symbol + SYM_VALUE, 8);
    return true;
}

bool symbols_find(const struct symbols *symbols, uint64_t address, struct symbol *found)
{
    const uint8_t *best = NULL, *unsized = NULL;
    uint64_t best_start = 0, nearest = 0;       /* nearest: where the last function up to address begins */

    for (size_t i = 0; i < symbols->count; i++) {
        const uint8_t *const symbol = symbols->table + i * SYM_BYTES;
        const uint64_t start = little(symbol + SYM_VALUE, 8), size = little(symbol + SYM_SIZE, 8);
        if (!is_function(symbol) || start > address) {
            continue;
        }
        if (address - start < size && (!best || start > best_start)) {
            best = symbol;
            best_start = start;
        }
        if (start > nearest) {
            nearest = start;
            unsized = NULL;
        }
        if (size == 0 && start == nearest && !unsized) {
            unsized = symbol;
        }
    }
    if (unsized && address - nearest < SYMBOL_UNSIZED_BYTES && (!best || best_start < nearest)) {
        best = unsized;
    }
    return best && read_name(symbols, best, found);
}
