/** @file plan.c  How much memory a process takes, and what goes where; contract in os/spawn.h. */
#include "internal.h"
#include <os/string.h>

/* What of the child is mapped, as far as counting goes. */
struct extent {
    uint64_t va, bytes;
};

struct count {
    uint64_t tables, mappings;
    uint64_t last[4];           /* span of the last table of each level, plus 1 */
};

/* A table of level 1, 2, 3 translates 2^39, 2^30, 2^21 bytes.  Extents come in order of addresses.  Without large pages
 * there are most tables, and at least as many mappings. */
static void count_extent(struct count *c, struct extent e)
{
    for (unsigned level = 1; level <= 3; level++) {
        const unsigned shift = 48 - 9 * level;
        const uint64_t first = (e.va >> shift) + 1, last = ((e.va + e.bytes - 1) >> shift) + 1;
        c->tables += last - first + (first != c->last[level]);
        c->last[level] = last;
        if (level == 3) {
            c->mappings += last - first + 1;
        }
    }
}

/* One extent per call of vspace_map_at(): the segments, upcall stack, stack to startup block, frame. */
#define EXTRA_EXTENTS 3u
#define GUARDS        2u

static struct count count_all(const struct spawn_plan *plan, uint64_t startup_bytes)
{
    const size_t segments = plan->request->image->elf.segment_count;
    const uint64_t block_end = plan->startup_va + startup_bytes;
    struct count c = { 0 };

    for (size_t i = 0; i < segments; i++) {
        if (!plan->segment[i].lazy) {
            count_extent(&c, (struct extent){ plan->segment[i].va, plan->segment[i].bytes });
        }
    }
    count_extent(&c, (struct extent){ plan->upcall_va, SPAWN_UPCALL_BYTES });
    count_extent(&c, (struct extent){ plan->stack_va, block_end - plan->stack_va });
    count_extent(&c, (struct extent){ block_end, SHOAL_PAGE_SIZE });
    return c;
}

/* Writable parts, and what is not wholly in the file or reaches beyond its frame, are copied. */
static bool can_share(const struct image *image, const struct elf_segment *s)
{
    const uint64_t end = page_up(image->frame_offset + s->file_offset + s->file_bytes);

    return image->frame != CPTR_NULL && !(s->flags & MAP_WRITE) && s->file_bytes == s->mem_bytes &&
           end <= image->frame_bytes;
}

static bool can_be_lazy(const struct spawn_request *request, const struct elf_segment *s)
{
    return request->lazy && request->image->elf.paging && s->file_bytes == 0 && s->flags & MAP_WRITE &&
           s->mem_bytes >= SPAWN_LAZY_MIN;
}

static void place_segments(struct spawn_plan *plan)
{
    const struct image *image = plan->request->image;
    uint64_t at = plan->written_offset + plan->startup_bytes;       /* what is copied follows the block */

    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *s = &image->elf.segment[i];
        struct spawn_segment *to = &plan->segment[i];
        if (to->in_place) {
            to->offset = image->frame_offset + page_down(s->file_offset);
            continue;
        }
        if (to->lazy) {
            plan->lazy_bytes += to->bytes;
            continue;
        }
        to->offset = at;
        at += to->bytes;
        if (s->file_bytes > 0) {
            plan->written_bytes = page_up(to->offset + s->va % SHOAL_PAGE_SIZE + s->file_bytes) - plan->written_offset;
        }
    }
    plan->memory_bytes = at;
}

static void place_addresses(struct spawn_plan *plan)
{
    const struct image *image = plan->request->image;
    uint64_t end = 0;

    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *s = &image->elf.segment[i];
        const uint64_t va = page_down(s->va);
        end = page_up(s->va + s->mem_bytes);
        plan->segment[i] = (struct spawn_segment){
            .va = va, .bytes = end - va, .in_place = can_share(image, s), .lazy = can_be_lazy(plan->request, s),
        };
    }
    plan->upcall_va = end + SHOAL_PAGE_SIZE;
    plan->stack_va = plan->upcall_va + SPAWN_UPCALL_BYTES + SHOAL_PAGE_SIZE;
    plan->rings_va = plan->stack_va + plan->stack_bytes;
    plan->startup_va = plan->rings_va + SHOAL_PAGE_SIZE;
    plan->stack_offset = SPAWN_UPCALL_BYTES;
    plan->written_offset = plan->stack_offset + plan->stack_bytes + SHOAL_PAGE_SIZE;
}

static err_t place_block(struct spawn_plan *plan)
{
    /* The list's size depends on the tables, and they on where the block ends: counted with the largest block first. */
    const struct count most = count_all(plan, STARTUP_BYTES_MAX);
    const uint64_t regions = plan->request->image->elf.segment_count + EXTRA_EXTENTS + GUARDS;

    REQUIRE(2 * most.tables + most.mappings <= L2_SLOTS - PSLOT_FREE, E_SPAWN_SLOTS);
    plan->list_bytes = sizeof(struct child_vspace) + most.tables * sizeof(struct child_table) +
                       most.mappings * sizeof(struct child_mapping) + regions * sizeof(struct child_region);
    const uint64_t bytes = block_bytes(plan->request, plan->list_bytes);
    REQUIRE(bytes <= STARTUP_BYTES_MAX, E_SPAWN_ARGS);
    plan->startup_bytes = page_up(bytes);
    plan->written_bytes = plan->startup_bytes;
    plan->frame_va = plan->startup_va + plan->startup_bytes;
    plan->tables_bytes = count_all(plan, plan->startup_bytes).tables * SHOAL_PAGE_SIZE;
    return OK;
}

static uint64_t take(struct spawn_plan *plan, uint64_t bytes)
{
    const uint64_t at = plan->bytes;

    plan->bytes += page_up(bytes);
    return at;
}

static void place_ram(struct spawn_plan *plan)
{
    plan->l1 = take(plan, (uint64_t)SLOT_BYTES << L1_SLOTS_LOG2_MIN);
    plan->task = take(plan, L2_SLOTS * SLOT_BYTES);
    plan->root = take(plan, SHOAL_PAGE_SIZE);
    plan->kernel_page = take(plan, SHOAL_PAGE_SIZE);
    plan->frame = take(plan, SHOAL_PAGE_SIZE);
    plan->tables = take(plan, plan->tables_bytes);
    plan->reserve = take(plan, plan->reserve_bytes);
    plan->memory = take(plan, plan->memory_bytes);
}

static bool size_ok(uint64_t bytes, uint64_t least, uint64_t most)
{
    return bytes % SHOAL_PAGE_SIZE == 0 && bytes >= least && bytes <= most;
}

/* argc and argv are the caller's, but what they are made from is often its client's. */
static bool strings_fit(const char *const *string, unsigned count, size_t *left)
{
    for (unsigned i = 0; i <= count; i++) {
        const size_t bytes = 8 + (i < count ? strnlen(string[i], *left) + 1 : 0);
        if (bytes > *left) {
            return false;
        }
        *left -= bytes;
    }
    return true;
}

err_t spawn_plan(struct spawn_plan *plan, const struct spawn_request *request)
{
    size_t room = STARTUP_BYTES_MAX;

    *plan = (struct spawn_plan){
        .request = request,
        .stack_bytes = request->stack_bytes ? request->stack_bytes : SPAWN_STACK_BYTES,
        .reserve_bytes = request->reserve_bytes ? request->reserve_bytes : SPAWN_RESERVE_BYTES,
    };
    REQUIRE(request->name[0] && strnlen(request->name, STARTUP_NAME_BYTES) < STARTUP_NAME_BYTES, E_SPAWN_NAME);
    REQUIRE(request->passed_count <= PASSED_MAX, E_SPAWN_PASSED);
    REQUIRE(size_ok(plan->stack_bytes, SHOAL_PAGE_SIZE, SPAWN_STACK_MAX), E_SPAWN_STACK);
    REQUIRE(size_ok(plan->reserve_bytes, STOCK_RAM_MIN, SPAWN_RESERVE_MAX), E_SPAWN_RESERVE);
    REQUIRE(strings_fit(request->argv, request->argc, &room) && strings_fit(request->envp, request->envc, &room),
            E_SPAWN_ARGS);
    place_addresses(plan);
    TRY(place_block(plan));
    place_segments(plan);
    place_ram(plan);
    return OK;
}
