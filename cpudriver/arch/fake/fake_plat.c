/** @file fake_plat.c  Fake architecture: interrupt controller, console, firmware, processor.  Host tests only. */
#include <arch/cache.h>
#include <arch/core.h>
#include <arch/cpu.h>
#include <arch/fake_plat.h>
#include <core/kcb.h>
#include <core/ranges_boot.h>

struct fake_line fake_line[1024];
struct fake_psci fake_psci;
struct fake_bell fake_bell;
const void *fake_cleaned;

void gic_mask(const struct plat *p, uint32_t intid)
{
    (void)p;
    fake_line[intid].unmasked = false;
    fake_line[intid].masks++;
}

void gic_unmask(const struct plat *p, uint32_t intid)
{
    (void)p;
    fake_line[intid].unmasked = true;
    fake_line[intid].unmasks++;
}

void gic_set_trigger(const struct plat *p, uint32_t intid, bool edge)
{
    (void)p;
    fake_line[intid].edge = edge;
}

void gic_set_target(const struct plat *p, uint32_t intid, uint64_t affinity)
{
    (void)p;
    fake_line[intid].target = affinity;
}

/* The kernel's image is nowhere in fake memory. */
struct range boot_image_range(uint64_t image)
{
    return (struct range){ image, 0 };
}

/* What the kernel prints is in its log ring, where a test can read it. */
void console_putc(const struct plat *p, char c)
{
    (void)p, (void)c;
}

void gic_signal_core(uint64_t affinity)
{
    fake_bell.rung++;
    fake_bell.affinity = affinity;
}

const char *gic_init_core(struct plat *p)
{
    p->gicr_va = 1;
    return NULL;
}

void timer_init(struct plat *p)
{
    p->timer_hz = 1000000;
}

void cpu_init(struct kcb *k)
{
    k->asid_count = 256;
}

paddr_t arch_core_entry(const struct kcb *k)
{
    return k->image_pa + FAKE_CORE_ENTRY;
}

static bool no_such_core(uint64_t affinity)
{
    return affinity >= sizeof fake_psci.state / sizeof fake_psci.state[0];
}

int64_t plat_core_state(const struct plat *p, uint64_t affinity)
{
    (void)p;
    return no_such_core(affinity) ? -2 : (int64_t)fake_psci.state[affinity];
}

int64_t plat_core_on(const struct plat *p, uint64_t affinity, uint64_t entry, uint64_t context)
{
    (void)p;
    if (no_such_core(affinity)) {
        return -2;
    }
    fake_psci.on_calls++;
    fake_psci.on_affinity = affinity;
    fake_psci.on_entry = entry;
    fake_psci.on_context = context;
    return fake_psci.on_answer;
}
