#include <core/init_build.h>

#include <arch/zero.h>
#include <cap/cspace.h>
#include <cap/retype.h>
#include <cap/types.h>
#include <cap/vnode.h>
#include <core/panic.h>
#include <shoal/bootinfo.h>

#define PAGE        SHOAL_PAGE_SIZE
#define L1_LOG2     L1_SLOTS_LOG2_MIN
#define TABLE_SPAN  (2ull << 20)            /* what one last-level table covers */

/* All of this happens once, with arguments of our own: a refusal is a mistake of the kernel's. */
static void must(err_t err, const char *what)
{
    if (!err_ok(err)) {
        panic("building init: %s: error %lu", what, err.trail);
    }
}

uint64_t init_own_bytes(const struct elf_image *elf)
{
    uint64_t bytes = 64 * PAGE + INIT_STACK_BYTES;      /* CNodes, tables, dispatcher, frames; generously */
    for (size_t i = 0; i < elf->segment_count; i++) {
        bytes += elf->segment[i].mem_bytes + 2 * PAGE + elf->segment[i].mem_bytes / TABLE_SPAN * PAGE;
    }
    return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void make(struct init_builder *b, enum cap_type type, uint64_t size, uint64_t count, struct cte *dst,
                 const char *what)
{
    uint64_t bytes = 0;
    must(cap_object_bytes(type, size, &bytes) ? OK : ERR(E_CAP_SIZE), what);
    must(retype(b->k, b->ram, type, b->used, size, count, dst), what);
    b->used += (bytes * count + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

struct cte *init_own_slot(struct init_builder *b)
{
    if (b->own_count == L2_SLOTS) {
        panic("building init: its image needs more capabilities than one CNode holds");
    }
    return &b->own[b->own_count++];
}

cptr_t init_own_address(const struct init_builder *b, const struct cte *slot)
{
    return CPTR(INIT_L2_OWN, slot - b->own);
}

void init_build_objects(struct init_builder *b)
{
    struct kcb *const k = b->k;
    struct cte *const l1_cap = &k->root[1];     /* until there is a slot for it */

    make(b, CAP_L1CNODE, L1_LOG2, 1, l1_cap, "L1 CNode");
    b->l1 = cte_object(l1_cap);
    make(b, CAP_L2CNODE, 0, INIT_L2_FREE, b->l1, "L2 CNodes");
    b->task = cte_object(&b->l1[INIT_L2_TASK]);
    b->own = cte_object(&b->l1[INIT_L2_OWN]);
    mdb_move(&k->mdb, l1_cap, &b->task[TASK_L1]);
    make(b, CAP_VNODE_L0, 0, 1, &b->task[TASK_VSPACE], "page table");
    make(b, CAP_DISPATCHER, 0, 1, &b->task[TASK_DISPATCHER], "dispatcher");
    b->vspace = &b->task[TASK_VSPACE];
}

struct cte *init_frame(struct init_builder *b, struct cte *slot, uint64_t bytes)
{
    make(b, CAP_FRAME, bytes, 1, slot, "frame");
    arch_zero(cte_object(slot), bytes);
    return slot;
}

/* The table one level below `parent` that holds `va`; made if there is none. */
static struct cte *next_table(struct init_builder *b, struct cte *parent, uint64_t va)
{
    const enum cap_type type = (enum cap_type)(parent->type + 1);
    const unsigned shift = vnode_entry_shift(vnode_level((enum cap_type)parent->type));

    for (uint64_t i = 0; i < b->own_count; i++) {
        const struct cte *const m = &b->own[i];
        if (m->type == CAP_MAPPING && mapping_is_table(m) && mapping_level(m) + CAP_VNODE_L1 == (unsigned)type &&
            mapping_va(m) >> shift == va >> shift) {
            for (uint64_t j = 0; j < b->own_count; j++) {
                if (b->own[j].type == type && b->own[j].base == m->base) {
                    return &b->own[j];
                }
            }
        }
    }
    struct cte *const table = init_own_slot(b);
    make(b, type, 0, 1, table, "page table");
    const struct vnode_map_args link = {
        .vnode = parent, .source = table, .first = va >> shift & (VNODE_ENTRIES - 1), .count = 1, .dst = init_own_slot(b),
    };
    must(vnode_map(b->k, &link), "link page table");
    return table;
}

void init_map(struct init_builder *b, struct cte *frame, uint64_t va, uint64_t flags)
{
    for (uint64_t done = 0; done < frame->bytes;) {
        const uint64_t at = va + done, room = TABLE_SPAN - at % TABLE_SPAN;
        const uint64_t bytes = frame->bytes - done < room ? frame->bytes - done : room;
        struct cte *table = b->vspace;
        while (table->type != CAP_VNODE_L3) {
            table = next_table(b, table, at);
        }
        const struct vnode_map_args map = {
            .vnode = table, .source = frame, .first = at % TABLE_SPAN / PAGE, .count = bytes / PAGE, .offset = done,
            .flags = flags, .dst = init_own_slot(b),
        };
        must(vnode_map(b->k, &map), "map frame");
        done += bytes;
    }
}
