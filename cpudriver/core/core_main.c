/* A new core, from its first C function to its init. */
#include <arch/cpu.h>
#include <core/cores.h>
#include <core/init_run.h>
#include <core/panic.h>

#define PAGE ((uint64_t)SHOAL_PAGE_SIZE)

static void start_devices(struct kcb *k)
{
    cpu_init(k);
    const char *const wrong = gic_init_core(&k->plat);
    if (wrong) {
        panic("%s", wrong);
    }
    timer_init(&k->plat);
    gic_unmask(&k->plat, GIC_DOORBELL);
}

/* A Frame of the boot core's.  Without *own*: it cannot be revoked from here. */
static void hand_over(struct init_builder *b, unsigned slot, struct range r, unsigned rights)
{
    if (r.bytes != 0) {
        struct cte *const c = init_root_cap(b->k, &b->task[slot], CAP_FRAME, r.base, r.bytes, rights | RIGHT_GRANT);
        c->owner = 0;
        c->flags = CTE_FOREIGN;
    }
}

static void hand_out_ram(struct init_builder *b, struct range rest, uint64_t pool_bytes, struct bootinfo *info)
{
    const uint64_t pool = pool_bytes ? pool_bytes : rest.bytes;
    struct cte *const ram = cte_object(&b->l1[INIT_L2_RAM]);

    init_root_cap(b->k, &b->task[TASK_POOL], CAP_RAM, rest.base, pool, RIGHTS_ALL);
    info->pool_bytes = pool;
    if (pool < rest.bytes) {
        init_root_cap(b->k, &ram[0], CAP_RAM, rest.base + pool, rest.bytes - pool, RIGHTS_ALL);
        info->ram_count = 1;
    }
}

_Noreturn void core_main(bool from_el2)
{
    struct kcb *const k = kcb_get();
    const struct core_gift *const g = &k->gift;
    const struct core_boot *const boot = phys_to_virt(g->loan.base);
    const struct range kcb = core_kcb_range(g->loan);

    start_devices(k);
    const struct range own = { kcb.base + kcb.bytes, init_own_bytes(&boot->image) };
    struct init_builder b = { .k = k, .ram = init_root_cap(k, &k->root[0], CAP_RAM, own.base, own.bytes, RIGHTS_ALL) };
    struct bootinfo *const info = init_image(&b, &boot->image, phys_to_virt(g->image.base), from_el2);
    const uint64_t rest = own.base + own.bytes;
    hand_out_ram(&b, (struct range){ rest, g->loan.base + g->loan.bytes - rest }, boot->pool_bytes, info);
    hand_over(&b, TASK_ARCHIVE, g->image, RIGHT_READ | RIGHT_EXEC);
    hand_over(&b, TASK_CHANNEL, g->channel, RIGHT_READ | RIGHT_WRITE);
    init_own_singletons(&b);
    info->archive_bytes = boot->archive_bytes;
    info->archive_offset = boot->archive_offset;
    info->channel_bytes = g->channel.bytes;
    for (unsigned i = 0; i < BOOTINFO_ARGUMENTS; i++) {
        info->argument[i] = boot->argument[i];
    }
    init_run(&b, info);
}
