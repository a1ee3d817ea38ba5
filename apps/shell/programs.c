/** @file programs.c  Contracts in shell.h. */
#include "builtins.h"

#include <os/services.h>
#include <os/startup.h>
#include <os/string.h>
#include <shoal/archive.h>
#include <stubs/proc.h>

#define NAMES_MAX 256u              /* that completion knows; programs beyond them can be run all the same */

static struct {
    const char *text;
    size_t bytes;
    const char *name[NAMES_MAX];    /* programs first */
    unsigned names, programs;
} archive;

static err_t map(uint64_t *address, uint64_t *offset, uint64_t *bytes)
{
    cptr_t slot, frame;

    TRY(slots_alloc(&os_stock()->slots, &slot));
    os_proc()->cap_slot = slot;
    err_t err = proc_archive(os_proc(), &frame, offset, bytes);
    os_proc()->cap_slot = CPTR_NULL;
    if (!err_ok(err)) {
        slots_free(&os_stock()->slots, slot);
        return err;
    }
    const uint64_t pages = (*offset + *bytes + SHOAL_PAGE_SIZE - 1) / SHOAL_PAGE_SIZE;
    return vspace_map(os_vspace(), frame, 0, pages * SHOAL_PAGE_SIZE, MAP_READ, address);
}

static bool is_program(const struct archive_file *file)
{
    return file->bytes >= 4 && memcmp(file->data, "\177ELF", 4) == 0;
}

/* Programs in the first round, the other files in the second. */
static void read_names(bool programs)
{
    struct archive_iter it;
    struct archive_file file;
    int found;

    archive_begin(&it, archive.text, archive.bytes);
    while (archive.names < NAMES_MAX && !archive_next(&it, &file, &found) && found) {
        if (is_program(&file) == programs) {
            archive.name[archive.names++] = file.name;
        }
    }
}

err_t programs_open(void)
{
    uint64_t address, offset, bytes;

    TRY(map(&address, &offset, &bytes));
    archive.text = (const char *)address + offset;
    archive.bytes = bytes;
    read_names(true);
    archive.programs = archive.names;
    read_names(false);
    return OK;
}

bool programs_file(const char *name, const char **text, size_t *bytes)
{
    struct archive_file file;
    int found = 0;

    if (!archive.text || archive_find(archive.text, archive.bytes, name, &file, &found) || !found) {
        return false;
    }
    *text = (const char *)file.data;
    *bytes = file.bytes;
    return true;
}

const char *programs_candidate(void *state, bool command, unsigned index)
{
    (void)state;
    if (index < builtin_count) {
        return builtins[index].name;
    }
    index -= builtin_count;
    return index < (command ? archive.programs : archive.names) ? archive.name[index] : NULL;
}
