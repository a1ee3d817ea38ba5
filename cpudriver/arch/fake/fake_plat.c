/** @file fake_plat.c  Fake architecture: interrupt controller and console.  Host tests only. */
#include <arch/fake_plat.h>
#include <core/kcb.h>

struct fake_line fake_line[1024];

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

/* What the kernel prints is in its log ring, where a test can read it. */
void console_putc(const struct plat *p, char c)
{
    (void)p, (void)c;
}
