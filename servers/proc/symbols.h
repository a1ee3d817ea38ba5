/**
 * @file symbols.h  Names of a program's functions, from the symbol table of its ELF file.
 *
 * The file is believed in nothing: whatever it holds, only its own bytes are read, and a table that makes no sense is no
 * table.  Nothing is copied or allocated; the file must stay mapped as long as names are used.
 */
#ifndef PROC_SYMBOLS_H
#define PROC_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols {
    const uint8_t *table;       /**< Elf64_Sym, not aligned                                                           */
    size_t count;
    const uint8_t *names;       /**< string table                                                                     */
    size_t names_bytes;
};

#define SYMBOL_NAME_MAX 64u     /* longer names are cut */

struct symbol {
    const char *name;           /**< in the file, @p length characters, not terminated; any bytes but zero            */
    size_t length;              /**< 1 to SYMBOL_NAME_MAX                                                             */
    uint64_t start;             /**< address of the function                                                          */
};

/** Find the symbol table of @p file, an AArch64 executable, borrowed.
 * @return NULL, or what is wrong; then *symbols has no names.  Cost: O(sections) */
const char *symbols_open(struct symbols *symbols, const void *file, size_t bytes);

/** The function that @p address lies in: of several the one that begins last, of those the first in the table.  One whose
 *  size is not known counts as SYMBOL_UNSIZED_BYTES long at most, up to the next function, and after those of known size.
 * @return false: no function is there, or its name is none.  Cost: O(symbols), no allocation */
bool symbols_find(const struct symbols *symbols, uint64_t address, struct symbol *found);

#define SYMBOL_UNSIZED_BYTES 4096u      /* hand-written assembly: no such function is larger */

#endif
