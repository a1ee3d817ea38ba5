/** @file block.c  Checking and reading a startup block; contracts in os/startup.h. */
#include <os/child_vspace.h>
#include <os/startup.h>
#include <os/string.h>

/* Does [at, at + bytes) lie in the block, at or behind @p from?  Then *from becomes its end. */
static bool part(const struct startup *b, uint64_t *from, uint64_t at, uint64_t bytes)
{
    const bool ok = at % 8 == 0 && at >= *from && at <= b->bytes && bytes <= b->bytes - at;

    *from = at + bytes;
    return ok;
}

static bool offsets_ok(const struct startup *b, uint32_t table, uint32_t count, uint64_t strings)
{
    const uint64_t *offset = (const uint64_t *)((const char *)b + table);

    for (uint32_t i = 0; i < count; i++) {
        if (offset[i] < strings || offset[i] >= b->bytes) {
            return false;
        }
    }
    return offset[count] == 0;
}

/* The parts come in this order: list of the address space, argv, envp, strings.  The last byte is zero, so every string
 * that begins in the block ends there. */
static bool parts_ok(const struct startup *b)
{
    uint64_t from = sizeof(*b);

    return part(b, &from, b->vspace, b->vspace_bytes) && b->vspace_bytes >= sizeof(struct child_vspace) &&
           part(b, &from, b->argv, ((uint64_t)b->argc + 1) * 8) &&
           part(b, &from, b->envp, ((uint64_t)b->envc + 1) * 8) && offsets_ok(b, b->argv, b->argc, from) &&
           offsets_ok(b, b->envp, b->envc, from) && ((const char *)b)[b->bytes - 1] == '\0';
}

static bool pages_ok(uint64_t va, uint64_t bytes)
{
    return va % SHOAL_PAGE_SIZE == 0 && bytes % SHOAL_PAGE_SIZE == 0 && bytes > 0 && va >= PROCESS_LOW &&
           va < PROCESS_HIGH && bytes <= PROCESS_HIGH - va;
}

static bool segments_ok(const struct startup *b)
{
    const uint64_t access = MAP_READ | MAP_WRITE | MAP_EXEC;

    if (b->segments < 1 || b->segments > ELF_SEGMENTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < b->segments; i++) {
        const struct startup_segment *s = &b->segment[i];
        if (s->va < PROCESS_LOW || s->va >= PROCESS_HIGH || s->bytes == 0 || s->bytes > PROCESS_HIGH - s->va ||
            s->flags & ~access) {
            return false;
        }
    }
    return true;
}

err_t startup_check(const void *block, size_t bytes)
{
    const struct startup *b = block;

    REQUIRE(bytes >= sizeof(*b) && (uintptr_t)block % 8 == 0 && b->magic == STARTUP_MAGIC, E_STARTUP);
    REQUIRE(b->version == STARTUP_VERSION, E_STARTUP_VERSION);
    REQUIRE(b->bytes >= sizeof(*b) && b->bytes <= bytes && b->bytes <= STARTUP_BYTES_MAX, E_STARTUP);
    REQUIRE(b->name[0] && memchr(b->name, '\0', sizeof(b->name)), E_STARTUP);
    REQUIRE(parts_ok(b), E_STARTUP);
    REQUIRE(b->passed <= PASSED_MAX && segments_ok(b), E_STARTUP);
    REQUIRE(pages_ok(b->stack, b->stack_bytes) && pages_ok(b->upcall_stack, b->upcall_stack_bytes), E_STARTUP);
    REQUIRE(pages_ok(b->frame, SHOAL_PAGE_SIZE) && pages_ok(b->rings, SHOAL_PAGE_SIZE), E_STARTUP);
    REQUIRE(b->ram_bytes >= STOCK_RAM_MIN && (b->ram_base | b->ram_bytes) % SHOAL_PAGE_SIZE == 0, E_STARTUP);
    return OK;
}

static char **pointers(struct startup *block, uint32_t table, uint32_t count)
{
    uint64_t *const offset = (uint64_t *)((char *)block + table);
    char **const pointer = (char **)offset;

    _Static_assert(sizeof(char *) == sizeof(uint64_t), "a pointer takes the place of an offset");
    for (uint32_t i = 0; i < count; i++) {
        char *const string = (char *)block + offset[i];
        memcpy(&pointer[i], &string, sizeof(string));
    }
    return pointer;                             /* the last word is 0 already */
}

void startup_strings(struct startup *block, char ***argv, char ***envp)
{
    *argv = pointers(block, block->argv, block->argc);
    *envp = pointers(block, block->envp, block->envc);
}
