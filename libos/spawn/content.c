/** @file content.c  What a child's addresses hold; contracts in internal.h. */
#include "internal.h"
#include <os/cache.h>
#include <os/string.h>

/* From here on by 2 MiB, as the heap does. */
#define LAZY_BLOCKS_MIN (4u * 1024 * 1024)

/* Bytes of copied segments with the same rights from the @p i-th on, one behind the other: data and BSS are one mapping. */
static uint64_t run_bytes(const struct spawn_plan *plan, size_t i)
{
    const struct elf_image *const elf = &plan->request->image->elf;
    uint64_t bytes = plan->segment[i].bytes;

    for (size_t k = i + 1; k < elf->segment_count; k++) {
        const struct spawn_segment *const to = &plan->segment[k];
        if (plan->segment[i].in_place || to->in_place || to->lazy || elf->segment[k].flags != elf->segment[i].flags ||
            to->va != plan->segment[i].va + bytes) {
            break;
        }
        bytes += to->bytes;
    }
    return bytes;
}

static err_t map_segments(struct spawn *s, const struct spawn_plan *plan)
{
    const struct image *image = plan->request->image;
    uint64_t end = 0;

    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct spawn_segment *to = &plan->segment[i];
        const uint64_t flags = image->elf.segment[i].flags;
        if (to->va < end) {
            continue;
        }
        if (to->lazy) {
            TRY(vspace_lazy_at(&s->vspace, to->va, to->bytes, flags, to->bytes >= LAZY_BLOCKS_MIN));
            continue;
        }
        const cptr_t frame = to->in_place ? image->frame : spawn_slot(s, PSLOT_MEMORY);
        const uint64_t bytes = run_bytes(plan, i);
        TRY(vspace_map_at(&s->vspace, to->va, frame, to->offset, bytes, flags));
        end = to->va + bytes;
    }
    return OK;
}

err_t build_vspace(struct spawn *s, const struct spawn_plan *plan)
{
    const uint64_t rw = MAP_READ | MAP_WRITE;
    const cptr_t memory = spawn_slot(s, PSLOT_MEMORY);
    const uint64_t stack_to_block = plan->startup_va + plan->startup_bytes - plan->stack_va;

    TRY(map_segments(s, plan));
    TRY(vspace_reserve_at(&s->vspace, plan->upcall_va - SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE));
    TRY(vspace_map_at(&s->vspace, plan->upcall_va, memory, 0, SPAWN_UPCALL_BYTES, rw));
    TRY(vspace_reserve_at(&s->vspace, plan->stack_va - SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE));
    TRY(vspace_map_at(&s->vspace, plan->stack_va, memory, plan->stack_offset, stack_to_block, rw));
    return vspace_map_at(&s->vspace, plan->frame_va, spawn_slot(s, TASK_FRAME), 0, SHOAL_PAGE_SIZE, rw);
}

static err_t open_window(struct spawn *s, cptr_t frame, uint64_t offset, uint64_t bytes, void **at)
{
    TRY(vspace_map(s->maker->vspace, frame, offset, bytes, MAP_READ | MAP_WRITE, &s->window));
    s->window_bytes = bytes;
    *at = (void *)s->window;
    return OK;
}

err_t close_window(struct spawn *s)
{
    if (s->window_bytes > 0) {
        TRY(vspace_unmap(s->maker->vspace, s->window, s->window_bytes));
        s->window_bytes = 0;
    }
    return OK;
}

static void copy_segments(uint8_t *memory, const struct spawn_plan *plan)
{
    const struct image *image = plan->request->image;

    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *from = &image->elf.segment[i];
        const struct spawn_segment *to = &plan->segment[i];
        if (to->in_place || from->file_bytes == 0) {
            continue;
        }
        uint8_t *const place = memory + (to->offset - plan->written_offset) + from->va % SHOAL_PAGE_SIZE;
        memcpy(place, image->file + from->file_offset, from->file_bytes);
        if (from->flags & MAP_EXEC) {
            cache_clean_code(place, from->file_bytes);
        }
    }
}

static err_t fill_memory(struct spawn *s, const struct spawn_plan *plan, uint64_t ram_base)
{
    void *window;

    TRY(open_window(s, spawn_slot(s, PSLOT_MEMORY), plan->written_offset, plan->written_bytes, &window));
    struct startup *const block = window;
    copy_segments(window, plan);
    block_write(block, plan, ram_base + plan->reserve);
    TRY(vspace_export(&s->vspace, (char *)window + block->vspace, plan->list_bytes));
    return close_window(s);
}

static err_t fill_frame(struct spawn *s, const struct spawn_plan *plan)
{
    void *window;

    TRY(open_window(s, spawn_slot(s, TASK_FRAME), 0, SHOAL_PAGE_SIZE, &window));
    struct dispatcher_frame *const frame = window;
    frame->run_entry = plan->request->image->elf.entry;
    frame->user[(DFU_UPCALL_STACK - DF_USER) / 8] = plan->upcall_va + SPAWN_UPCALL_BYTES;
    frame->user[(DFU_STARTUP - DF_USER) / 8] = plan->startup_va;
    frame->user[(DFU_STARTUP_BYTES - DF_USER) / 8] = plan->startup_bytes;
    return close_window(s);
}

err_t build_content(struct spawn *s, const struct spawn_plan *plan, uint64_t ram_base)
{
    TRY(fill_memory(s, plan, ram_base));
    return fill_frame(s, plan);
}
