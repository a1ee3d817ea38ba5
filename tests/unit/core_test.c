/**
 * @file core_test.c  Starting another core: what the boot core checks and hands over, and what the new core's kernel makes of it,
 * down to its init's first instruction.  Husks.
 */
#include "core_world.h"

#include <arch/cache.h>
#include <arch/core.h>

TEST(core, start_hands_over)
{
    struct starting s;
    starting_prepare(&s);
    EXPECT_EQ(starting_start(&s, 2), E_OK, "start");
    EXPECT(fake_psci.on_calls == 1 && fake_psci.on_affinity == 2, "the right core");
    EXPECT_EQ(fake_psci.on_entry, s.w.k->image_pa + FAKE_CORE_ENTRY, "the entry");
    const struct core_words *const words = phys_to_virt(fake_psci.on_context);
    EXPECT((void *)words >= (void *)(s.boot + 1) && (char *)(words + 1) <= (char *)s.boot + PAGE, "its words lie behind the block");
    EXPECT(fake_cleaned == words, "and were cleaned");
    const struct kcb *const k = (const struct kcb *)words->kcb;
    EXPECT_EQ(virt_to_phys(k), s.range.base + PAGE, "its KCB");
    EXPECT(k->core == 2 && k->core_count == WORLD_CORES && k->canary == KCB_CANARY && k->machine == s.w.k->machine, "is filled in");
    EXPECT(k->mdb.root == NULL && k->current == NULL && k->log_head == 0 && cte_empty(&k->root[0]), "and else empty");
    EXPECT(cte_empty(world_cte(&s.w, s.loan)), "the slot of the loan is empty");
    const struct cte *const h = &s.w.k->husk[s.w.k->ret[0]];
    EXPECT(h->base == s.range.base && h->bytes == LOAN_BYTES && h->owner == 2 && h->flags & CTE_HUSK, "it has become a husk");
    world_check(&s.w, "started");

    EXPECT_EQ(world_invoke(&s.w, W_RAM, MEMORY_RETYPE, CAP_FRAME, MIB + PAGE, PAGE, 1, 0, world_slot(&s.w)), E_CAP_OVERLAP,
              "nothing can be made there");
    EXPECT_EQ(world_invoke(&s.w, 0, CNODE_REVOKE, W_RAM, 0, WORLD_RAM), E_REMOTE, "nor can it be revoked");
    EXPECT_EQ(world_invoke(&s.w, W_KERNEL, KERNEL_FROM_HUSK, 0, 0, s.loan), E_OK, "the loan comes back");
    EXPECT(world_cte(&s.w, s.loan)->flags == 0 && world_cte(&s.w, s.loan)->owner == 0, "as RAM of ours");
    EXPECT_EQ(world_invoke(&s.w, W_KERNEL, KERNEL_FROM_HUSK, 0, 0, world_slot(&s.w)), E_CAP_EMPTY, "once");
    world_revoke(&s.w, W_RAM, 0, WORLD_RAM);
    world_check(&s.w, "and can be revoked");
}

static const struct cte *slot(const struct kcb *k, cptr_t addr)
{
    return cspace_slot(k->init->l1, k->init->l1_slots, addr);
}

TEST(core, new_core_reaches_its_init)
{
    struct starting s;
    starting_prepare(&s);
    EXPECT_EQ(starting_start(&s, 3), E_OK, "start");
    struct kcb *const k = phys_to_virt(s.range.base + PAGE);
    const struct range image = { world_cte(&s.w, s.image)->base, FILE_BYTES };
    starting_run(&s, k);
    EXPECT_EQ(fake_left.how, LEFT_UPCALL, "init runs");
    EXPECT(fake_left.frame->run_entry == TEXT_VA + 8, "at its entry");
    EXPECT(world_wrong(&s.w) == NULL, "invariants: %s", world_wrong(&s.w));
    EXPECT(fake_line[GIC_DOORBELL].unmasked, "it can be called");

    const struct bootinfo *const info = cte_object(slot(k, TASK_BOOTINFO));
    EXPECT(info->magic == BOOTINFO_MAGIC && info->core == 3 && info->core_count == WORLD_CORES && info->el2 == 1, "boot information");
    EXPECT(info->argument[0] == 1 && info->argument[3] == 4 && info->archive_bytes == 100 && info->archive_offset == 50, "passed on");
    EXPECT(info->segment_count == 2 && info->pool_bytes == POOL_BYTES && info->ram_count == 1, "its parts");
    const uint8_t *const text = cte_object(slot(k, info->segment[0].frame)), *const data = cte_object(slot(k, info->segment[1].frame));
    EXPECT(memcmp(text, s.file + 100, PAGE + 5) == 0 && text[PAGE + 5] == 0, "text");
    EXPECT(data[0x1f] == 0 && memcmp(data + 0x20, s.file + 2 * PAGE + 0x20, 300) == 0 && data[0x20 + 300] == 0, "data");

    const struct cte *const archive = slot(k, TASK_ARCHIVE), *const channel = slot(k, TASK_CHANNEL);
    EXPECT(archive->flags == CTE_FOREIGN && archive->owner == 0 && archive->base == image.base && archive->bytes == image.bytes &&
               !(archive->rights & (RIGHT_OWN | RIGHT_WRITE)), "the image, foreign");
    EXPECT(channel->flags == CTE_FOREIGN && channel->rights == (RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT), "the channel");
    EXPECT(cte_empty(slot(k, TASK_CORECONTROL)) && cte_empty(slot(k, TASK_IRQTABLE)), "what is the boot core's alone");
    uint64_t bytes = 0;
    for (const struct cte *c = mdb_lower_bound(&k->mdb, 0, UINT64_MAX, CAP_NULL, 0, 0); c; c = mdb_next(c)) {
        if (c->type == CAP_RAM && c->owner == 3) {
            EXPECT(c->base >= s.range.base + PAGE + sizeof *k && c->base + c->bytes <= s.range.base + LOAN_BYTES,
                   "RAM behind the KCB and inside the loan");
            bytes += c->bytes;
        }
    }
    EXPECT_EQ(bytes + core_kcb_range(s.range).bytes + PAGE, LOAN_BYTES, "nothing of the loan is lost");
    EXPECT_EQ(world_invoke(&s.w, 0, CNODE_REVOKE, TASK_CHANNEL, 0, PAGE), E_FOREIGN, "foreign: no revoke");
    EXPECT_EQ(world_invoke(&s.w, 0, CNODE_COPY, CPTR(0, 20), 0, TASK_CHANNEL, RIGHTS_ALL), E_OK, "but copy");
    EXPECT_EQ(slot(k, CPTR(0, 20))->flags, CTE_FOREIGN, "which is foreign too");
}

TEST(core, stop)
{
    struct starting s;
    starting_prepare(&s);
    EXPECT_EQ(world_syscall(&s.w, W_KERNEL, KERNEL_STOP), E_BOOT_CORE, "the boot core stays");
    s.w.k->core = 1;
    EXPECT_EQ(world_syscall(&s.w, W_KERNEL, KERNEL_STOP), WORLD_LEFT, "another one");
    EXPECT_EQ(fake_left.how, LEFT_CORE_OFF, "is switched off");
}

#define REFUSED(change, code)                                                                                          \
    do {                                                                                                               \
        struct starting s;                                                                                             \
        starting_prepare(&s);                                                                                                   \
        uint64_t core = 1;                                                                                             \
        change;                                                                                                        \
        EXPECT_EQ(starting_start(&s, core), code, #change);                                                                     \
        EXPECT(fake_psci.on_calls == (code == E_FIRMWARE && core == 1 && fake_psci.on_answer), "the firmware: " #change); \
        EXPECT(!world_cte(&s.w, s.loan) || world_cte(&s.w, s.loan)->type == CAP_NULL || cte_empty(&s.w.k->husk[0]), "a husk: " #change); \
        world_check(&s.w, "refused");                                                                                  \
    } while (0)

TEST(core, start_refuses)
{
    struct core_boot *b;
    struct elf_segment *g;
#define BLOCK (b = s.boot)
#define SEGMENT(i) (g = &s.boot->image.segment[i])
    REFUSED(core = WORLD_CORES, E_ARG);
    REFUSED(core = UINT64_MAX, E_ARG);
    REFUSED(core = 0, E_BOOT_CORE);
    REFUSED(s.loan = s.image, E_CAP_TYPE);
    REFUSED(s.loan = world_slot(&s.w), E_CAP_EMPTY);
    REFUSED(s.loan = world_copy(&s.w, s.loan, RIGHTS_ALL), E_CAP_OVERLAP);
    REFUSED(world_retype(&s.w, s.loan, CAP_FRAME, LOAN_BYTES - PAGE, PAGE), E_CAP_OVERLAP);
    REFUSED(world_cte(&s.w, s.loan)->rights &= (uint8_t)~RIGHT_OWN, E_CAP_RIGHTS);
    REFUSED(s.image = W_DISP, E_CAP_TYPE);
    REFUSED(s.image = world_copy(&s.w, s.image, RIGHT_WRITE), E_CAP_RIGHTS);
    REFUSED(s.channel = W_DISP, E_CAP_TYPE);
    REFUSED(s.channel = world_copy(&s.w, s.channel, RIGHT_READ), E_CAP_RIGHTS);
    REFUSED(s.channel = world_slot(&s.w), E_CAP_EMPTY);
    REFUSED(BLOCK->magic = 0, E_CORE_BLOCK);
    REFUSED(BLOCK->pool_bytes = 1, E_CORE_BLOCK);
    REFUSED(BLOCK->pool_bytes = LOAN_BYTES, E_CAP_SIZE);
    REFUSED(BLOCK->pool_bytes = UINT64_MAX - PAGE + 1, E_CAP_SIZE);
    REFUSED(BLOCK->archive_offset = FILE_BYTES + 1, E_CORE_BLOCK);
    REFUSED(BLOCK->archive_bytes = UINT64_MAX - 10, E_CORE_BLOCK);
    REFUSED(BLOCK->image.segment_count = 0, E_CORE_BLOCK);
    REFUSED(BLOCK->image.segment_count = ELF_SEGMENTS_MAX + 1, E_CORE_BLOCK);
    REFUSED(BLOCK->image.entry = TEXT_VA + 2, E_CORE_BLOCK);
    REFUSED(BLOCK->image.entry = TEXT_VA + PAGE + 8, E_CORE_BLOCK);
    REFUSED(BLOCK->image.entry = TEXT_VA + 0x10020, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->va = INIT_FRAME_VA, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->va = 0, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->mem_bytes = 0, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->mem_bytes = 0x10020, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->file_bytes = PAGE + 6, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->file_offset = FILE_BYTES - PAGE - 4, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->file_offset = UINT64_MAX - PAGE, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->flags = MAP_WRITE | MAP_EXEC, E_CORE_BLOCK);
    REFUSED(SEGMENT(0)->flags = MAP_EXEC | MAP_UNCACHED, E_CORE_BLOCK);
    REFUSED(SEGMENT(1)->mem_bytes = UINT64_MAX, E_CORE_BLOCK);
    REFUSED(SEGMENT(1)->mem_bytes = CORE_IMAGE_BYTES_MAX, E_CORE_BLOCK);
    REFUSED(SEGMENT(1)->mem_bytes = CORE_IMAGE_BYTES_MAX / 2, E_CAP_SIZE);
    REFUSED(fake_psci.state[1] = CORE_IS_ON, E_CORE_ON);
    REFUSED(fake_psci.state[1] = CORE_IS_STARTING, E_CORE_ON);
    REFUSED(fake_psci.state[1] = 17, E_FIRMWARE);
    REFUSED(fake_psci.on_answer = -4, E_FIRMWARE);
    (void)b, (void)g;
}

TEST(husk, as_many_as_there_is_room_for)
{
    struct world w;
    world_init(&w);
    cptr_t ram[KCB_HUSKS + 1];
    for (unsigned i = 0; i <= KCB_HUSKS; i++) {
        ram[i] = world_retype(&w, W_RAM, CAP_RAM, i * PAGE, PAGE);
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram[i], 1 + i % 3), i < KCB_HUSKS ? E_OK : E_KERNEL_FULL, "%u", i);
    }
    world_check(&w, "many");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, 100, 0, ram[100]), E_OK, "one is back");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram[KCB_HUSKS], 1), E_OK, "room again");
    EXPECT_EQ(w.k->ret[0], 100, "in its place");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram[100], 0), E_ARG, "not to oneself");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_TO_HUSK, ram[100], WORLD_CORES), E_ARG, "nor to nobody");
    EXPECT_EQ(world_invoke(&w, world_copy(&w, W_KERNEL, RIGHT_READ), KERNEL_TO_HUSK, ram[100], 1), E_CAP_RIGHTS, "rights");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, 3, 0, W_RAM), E_SLOT_OCCUPIED, "into a slot in use");
    EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, KCB_HUSKS, 0, ram[0]), E_CAP_EMPTY, "no such number");
    for (unsigned i = 0; i < KCB_HUSKS; i++) {
        EXPECT_EQ(world_invoke(&w, W_KERNEL, KERNEL_FROM_HUSK, i, 0, ram[i == 100 ? KCB_HUSKS : i]), E_OK, "%u is back", i);
    }
    world_revoke(&w, W_RAM, 0, WORLD_RAM);
    world_check(&w, "all back");
}
