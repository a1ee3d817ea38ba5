/** @file block.c  Checking and reading a startup block; contracts in os/startup.h. */
#include <os/child_vspace.h>
#include <os/startup.h>
#include <os/string.h>

/* Does [at, at + bytes) lie in the block behind its fixed part? */
static bool inside(const struct startup *b, uint64_t at, uint64_t bytes, uint64_t align)
{
    return at % align == 0 && at >= sizeof(*b) && at <= b->bytes && bytes <= b->bytes - at;
}

static bool strings_ok(const struct startup *b, uint32_t table, uint32_t count)
{
    if (!inside(b, table, ((uint64_t)count + 1) * 8, 8)) {
        return false;
    }
    const uint64_t *offset = (const uint64_t *)((const char *)b + table);
    for (uint32_t i = 0; i < count; i++) {
        if (!inside(b, offset[i], 1, 1) || !memchr((const char *)b + offset[i], '\0', b->bytes - offset[i])) {
            return false;
        }
    }
    return offset[count] == 0;
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
    REQUIRE(strings_ok(b, b->argv, b->argc) && strings_ok(b, b->envp, b->envc), E_STARTUP);
    REQUIRE(b->vspace_bytes >= sizeof(struct child_vspace) && inside(b, b->vspace, b->vspace_bytes, 8), E_STARTUP);
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
