/** @file symbols_maker.h  ELF files that hold a symbol table and nothing else, right ones and wrong ones. */
#ifndef SYMBOLS_MAKER_H
#define SYMBOLS_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MAKER_BYTES 8192u
#define MAKER_FUNC  2u      /* STT_FUNC */

/* Offsets of fields that tests make wrong. */
enum {
    AT_CLASS = 4, AT_ORDER = 5, AT_MACHINE = 18, AT_SHOFF = 40, AT_SHENTSIZE = 58, AT_SHNUM = 60,
    IN_SECTION_TYPE = 4, IN_SECTION_OFFSET = 24, IN_SECTION_SIZE = 32, IN_SECTION_LINK = 40, IN_SECTION_ENTSIZE = 56,
};

struct maker {
    uint8_t file[MAKER_BYTES];
    size_t bytes;
    size_t symtab, strtab;      /**< offsets of the two section headers                                               */
    uint8_t symbols[MAKER_BYTES / 4];
    size_t symbols_bytes;
    char names[MAKER_BYTES / 4];
    size_t names_bytes;
};

static inline void maker_put(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static inline void maker_init(struct maker *m)
{
    memset(m, 0, sizeof(*m));
    m->names_bytes = 1;             /* the empty name */
    m->symbols_bytes = 24;          /* the empty symbol */
}

static inline void maker_add(struct maker *m, const char *name, unsigned type, unsigned section, uint64_t value,
                             uint64_t size)
{
    uint8_t *const s = m->symbols + m->symbols_bytes;

    maker_put(s, m->names_bytes, 4);
    maker_put(s + 4, 1 << 4 | type, 1);
    maker_put(s + 6, section, 2);
    maker_put(s + 8, value, 8);
    maker_put(s + 16, size, 8);
    m->symbols_bytes += 24;
    memcpy(m->names + m->names_bytes, name, strlen(name) + 1);
    m->names_bytes += strlen(name) + 1;
}

static inline size_t maker_append(struct maker *m, const void *data, size_t bytes)
{
    const size_t at = m->bytes;

    memcpy(m->file + at, data, bytes);
    m->bytes += bytes;
    return at;
}

static inline void maker_section(uint8_t *header, unsigned type, uint64_t offset, uint64_t size, unsigned link,
                                 uint64_t entry)
{
    maker_put(header + IN_SECTION_TYPE, type, 4);
    maker_put(header + IN_SECTION_OFFSET, offset, 8);
    maker_put(header + IN_SECTION_SIZE, size, 8);
    maker_put(header + IN_SECTION_LINK, link, 4);
    maker_put(header + IN_SECTION_ENTSIZE, entry, 8);
}

/** Header, names (of any length, so what follows is not aligned), symbols, three section headers. */
static inline void maker_finish(struct maker *m)
{
    uint8_t headers[3 * 64] = { 0 };

    m->bytes = 64;
    const size_t names = maker_append(m, m->names, m->names_bytes);
    const size_t symbols = maker_append(m, m->symbols, m->symbols_bytes);
    maker_section(headers + 64, 2, symbols, m->symbols_bytes, 2, 24);
    maker_section(headers + 128, 3, names, m->names_bytes, 0, 0);
    const size_t sections = maker_append(m, headers, sizeof(headers));
    m->symtab = sections + 64;
    m->strtab = sections + 128;
    memcpy(m->file, "\177ELF", 4);
    maker_put(m->file + AT_CLASS, 2, 1);
    maker_put(m->file + AT_ORDER, 1, 1);
    maker_put(m->file + AT_MACHINE, 183, 2);
    maker_put(m->file + AT_SHOFF, sections, 8);
    maker_put(m->file + AT_SHENTSIZE, 64, 2);
    maker_put(m->file + AT_SHNUM, 3, 2);
}

#endif
