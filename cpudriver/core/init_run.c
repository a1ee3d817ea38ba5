#include <core/init_run.h>

#include <arch/cache.h>
#include <core/lib.h>
#include <core/panic.h>
#include <dispatch/dispatcher.h>
#include <dispatch/sched.h>

#define PAGE         ((uint64_t)SHOAL_PAGE_SIZE)
#define SLICES_PER_S 100                    /* a time slice is 10 ms */
#define ID_BITS      40                     /* identities of each core: a range of their own */

#ifndef SHOAL_VERSION
#define SHOAL_VERSION "0.1.0"
#endif

struct cte *init_root_cap(struct kcb *k, struct cte *slot, enum cap_type type, uint64_t base, uint64_t bytes, unsigned rights)
{
    *slot = (struct cte){
        .type = (uint8_t)type, .rights = (uint8_t)rights, .owner = (uint8_t)k->core, .base = base, .bytes = bytes,
    };
    mdb_insert(&k->mdb, slot);
    return slot;
}

void init_own_singletons(struct init_builder *b)
{
    const uint64_t core = b->k->core;
    init_root_cap(b->k, &b->task[TASK_KERNEL], CAP_KERNEL, SPACE_BASE(SPACE_CORE) + core, 1, RIGHTS_ALL);
    init_root_cap(b->k, &b->task[TASK_ID], CAP_ID, SPACE_BASE(SPACE_ID) + (core << ID_BITS), 1ull << ID_BITS, RIGHTS_ALL);
}

static void load_segments(struct init_builder *b, const struct elf_image *elf, const uint8_t *file,
                          struct bootinfo *info)
{
    info->segment_count = elf->segment_count;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *const s = &elf->segment[i];
        const uint64_t skip = s->va % PAGE, bytes = (skip + s->mem_bytes + PAGE - 1) & ~(PAGE - 1);
        struct cte *const frame = init_frame(b, init_own_slot(b), bytes);
        char *const memory = cte_object(frame);

        memcpy(memory + skip, file + s->file_offset, s->file_bytes);
        if (s->flags & MAP_EXEC) {
            cache_clean_to_pou(memory, bytes);
        }
        init_map(b, frame, s->va - skip, s->flags | MAP_READ);
        info->segment[i].va = s->va - skip;
        info->segment[i].bytes = bytes;
        info->segment[i].flags = s->flags | MAP_READ;
        info->segment[i].frame = init_own_address(b, frame);
    }
}

static void describe_machine(struct bootinfo *info, const struct kcb *k, bool from_el2)
{
    const struct machine *const m = k->machine;

    info->magic = BOOTINFO_MAGIC;
    info->core = k->core;
    info->core_count = m->cpu_count;
    info->el2 = from_el2;
    info->timer_hz = k->plat.timer_hz;
    info->irq_count = k->plat.irq_count;
    for (size_t i = 0; i < m->memory_count; i++) {
        info->ram_total += m->memory[i].bytes;
    }
#ifdef SHOAL_DEBUG
    info->debug = 1;
#endif
    memcpy(info->version, SHOAL_VERSION, sizeof SHOAL_VERSION);
    memcpy(info->board, m->board, sizeof info->board - 1);
}

struct bootinfo *init_image(struct init_builder *b, const struct elf_image *elf, const uint8_t *file, bool from_el2)
{
    init_build_objects(b);
    struct cte *const frame = init_frame(b, &b->task[TASK_FRAME], PAGE);
    struct cte *const info_frame = init_frame(b, &b->task[TASK_BOOTINFO], PAGE);
    struct bootinfo *const info = cte_object(info_frame);
    struct dispatcher_frame *const df = cte_object(frame);

    init_map(b, frame, INIT_FRAME_VA, MAP_READ | MAP_WRITE);
    init_map(b, info_frame, INIT_BOOTINFO_VA, MAP_READ);
    init_map(b, init_frame(b, init_own_slot(b), INIT_STACK_BYTES), INIT_STACK_TOP - INIT_STACK_BYTES, MAP_READ | MAP_WRITE);
    load_segments(b, elf, file, info);
    describe_machine(info, b->k, from_el2);
    df->run_entry = elf->entry;
    return info;
}

_Noreturn void init_run(struct init_builder *b, struct bootinfo *info)
{
    struct kcb *const k = b->k;
    struct dcb *const d = cte_object(&b->task[TASK_DISPATCHER]);

    info->own_count = b->own_count;
    b->task[TASK_BOOTINFO].rights &= (uint8_t)~(RIGHT_WRITE | RIGHT_EXEC);
    k->slice_ticks = k->plat.timer_hz / SLICES_PER_S;
    k->stack_top = (uint64_t)(k->stack + sizeof k->stack);
    k->init = d;
    err_t err = dispatcher_configure(k, d, &b->task[TASK_L1], &b->task[TASK_VSPACE], &b->task[TASK_FRAME], INIT_FRAME_VA, NULL);
    if (err_ok(err)) {
        err = dispatcher_start(k, d);
    }
    if (!err_ok(err)) {
        panic("starting init: error %lu", err.trail);
    }
    sched_leave(k);
}
