/** @file programs.c  Contracts in proc.h. */
#include "proc.h"
#include <os/err.h>
#include <os/startup.h>
#include <os/string.h>
#include <shoal/archive.h>

bool archive_file(const char *name, const char **text, size_t *bytes)
{
    struct archive_file file;
    int found = 0;

    if (archive_find(proc.archive, proc.archive_bytes, name, &file, &found) || !found) {
        return false;
    }
    *text = (const char *)file.data;
    *bytes = file.bytes;
    return true;
}

static err_t read(struct program *p, const char *name)
{
    TRY(image_find(&p->image, proc.archive, proc.archive_bytes, name));
    const uint64_t offset = proc.archive_offset + (uint64_t)((const char *)p->image.file - proc.archive);
    return image_frame(&p->image, PSLOT_PASSED, offset);
}

err_t program_find(const char *name, struct program **program)
{
    struct program *p = proc.programs;

    REQUIRE(strnlen(name, STARTUP_NAME_BYTES) < STARTUP_NAME_BYTES, E_ARCHIVE_NONE);
    while (p && strcmp(p->name, name) != 0) {
        p = p->next;
    }
    if (!p) {
        p = slab_alloc(&proc.program_slab);
        REQUIRE(p, E_SLAB_EMPTY);
        const err_t err = read(p, name);
        if (!err_ok(err)) {
            slab_free(&proc.program_slab, p);
            return err;
        }
        memcpy(p->name, name, strlen(name) + 1);
        p->next = proc.programs;
        proc.programs = p;
    }
    *program = p;
    return OK;
}
