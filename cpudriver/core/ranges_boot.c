/** @file ranges_boot.c  See ranges_boot.h. */
#include <core/ranges_boot.h>

#define PAGE 4096ull

static uint64_t end_of(struct range r)
{
    return r.bytes > UINT64_MAX - r.base ? UINT64_MAX : r.base + r.bytes;
}

static void insert_at(struct range *list, size_t *count, size_t at, struct range r)
{
    for (size_t i = (*count)++; i > at; i--) {
        list[i] = list[i - 1];
    }
    list[at] = r;
}

static void erase_at(struct range *list, size_t *count, size_t at)
{
    (*count)--;
    for (size_t i = at; i < *count; i++) {
        list[i] = list[i + 1];
    }
}

bool ranges_remove(struct range *list, size_t *count, size_t max, struct range hole)
{
    if (hole.bytes == 0) {
        return true;
    }
    const uint64_t lo = hole.base & ~(PAGE - 1);
    const uint64_t last = (end_of(hole) - 1) | (PAGE - 1);      /* the last byte: no overflow at the top */
    for (size_t i = 0; i < *count;) {
        const uint64_t base = list[i].base, end = end_of(list[i]);
        if (end <= lo || base > last) {
            i++;
        } else if (base < lo && end - 1 > last) {
            if (*count == max) {
                return false;                                   /* the hole lies in this range only: nothing done yet */
            }
            list[i].bytes = lo - base;
            insert_at(list, count, i + 1, (struct range){ last + 1, end - (last + 1) });
            return true;
        } else if (base < lo) {
            list[i++].bytes = lo - base;
        } else if (end - 1 > last) {
            list[i].base = last + 1;
            list[i++].bytes = end - (last + 1);
        } else {
            erase_at(list, count, i);
        }
    }
    return true;
}

size_t ranges_free(const struct machine *m, struct range image, struct range tree, struct range *out)
{
    size_t count = 0;
    for (size_t i = 0; i < m->memory_count; i++) {
        out[count++] = m->memory[i];
    }
    bool fits = true;
    for (size_t i = 0; i < m->reserved_count; i++) {
        fits &= ranges_remove(out, &count, BOOT_RANGES_MAX, m->reserved[i]);
    }
    const struct range own[] = { image, tree, m->initrd };
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        fits &= ranges_remove(out, &count, BOOT_RANGES_MAX, own[i]);
    }
    return fits ? count : 0;                                    /* always fits: see BOOT_RANGES_MAX */
}
