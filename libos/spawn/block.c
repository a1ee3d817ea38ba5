/** @file block.c  Writing a startup block; contracts in internal.h and os/startup.h. */
#include "internal.h"
#include <os/string.h>

static uint64_t strings_bytes(const char *const *string, unsigned count)
{
    uint64_t bytes = ((uint64_t)count + 1) * 8;

    for (unsigned i = 0; i < count; i++) {
        bytes += strlen(string[i]) + 1;
    }
    return bytes;
}

uint64_t block_bytes(const struct spawn_request *request, uint64_t list_bytes)
{
    const uint64_t strings = strings_bytes(request->argv, request->argc) + strings_bytes(request->envp, request->envc);

    return (sizeof(struct startup) + list_bytes + strings + 7) & ~7ull;
}

/* The offsets of the strings to @p table, the strings to @p to.  @return where the next string goes */
static char *put_strings(struct startup *block, uint32_t table, const char *const *string, unsigned count, char *to)
{
    uint64_t *const offset = (uint64_t *)((char *)block + table);

    for (unsigned i = 0; i < count; i++) {
        const size_t bytes = strlen(string[i]) + 1;
        memcpy(to, string[i], bytes);
        offset[i] = (uint64_t)(to - (char *)block);
        to += bytes;
    }
    offset[count] = 0;
    return to;
}

static void put_segments(struct startup *block, const struct elf_image *elf)
{
    block->entry = elf->entry;
    block->segments = (uint32_t)elf->segment_count;
    for (size_t i = 0; i < elf->segment_count; i++) {
        block->segment[i] = (struct startup_segment){
            elf->segment[i].va, elf->segment[i].mem_bytes, elf->segment[i].flags,
        };
    }
}

void block_write(struct startup *block, const struct spawn_plan *plan, uint64_t ram_base)
{
    const struct spawn_request *r = plan->request;

    *block = (struct startup){
        .magic = STARTUP_MAGIC, .version = STARTUP_VERSION, .pid = r->pid, .passed = r->passed_count,
        .stream = { r->stream[0], r->stream[1], r->stream[2] },
        .bytes = (uint32_t)block_bytes(r, plan->list_bytes),
        .argc = r->argc, .envc = r->envc,
        .vspace = sizeof(*block), .vspace_bytes = (uint32_t)plan->list_bytes,
        .stack = plan->stack_va, .stack_bytes = plan->stack_bytes,
        .upcall_stack = plan->upcall_va, .upcall_stack_bytes = SPAWN_UPCALL_BYTES,
        .frame = plan->frame_va, .rings = plan->rings_va,
        .ram_base = ram_base, .ram_bytes = plan->reserve_bytes,
        .lazy_bytes = plan->lazy_bytes,
    };
    block->argv = block->vspace + block->vspace_bytes;
    block->envp = block->argv + (r->argc + 1) * 8;
    memcpy(block->name, r->name, strlen(r->name) + 1);
    put_segments(block, &r->image->elf);
    char *to = (char *)block + block->envp + ((size_t)r->envc + 1) * 8;
    to = put_strings(block, block->argv, r->argv, r->argc, to);
    (void)put_strings(block, block->envp, r->envp, r->envc, to);
}
