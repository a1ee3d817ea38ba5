/** @file ktables.c  See ktables.h. */
#include "ktables.h"

#define DESC_VALID   1ull
#define DESC_TABLE   3ull      /* at levels 0 to 2; at level 3 the same bits mean a page */
#define DESC_ADDRESS 0x0000fffffffff000ull

static const char *const no_tables = "no room for kernel page tables";
static const char *const in_use = "two things at one kernel address";

static unsigned level_shift(unsigned level)
{
    return 39 - 9 * level;
}

size_t ktables_take(struct ktables *t)
{
    return *t->used < t->max ? (*t->used)++ : SIZE_MAX;
}

/** The entry that @p va should have: at level @p want, deeper where a table is already, higher where a leaf is already.
 * @return NULL: no table left. */
static uint64_t *find_entry(struct ktables *t, size_t root, uint64_t va, unsigned want, unsigned *level)
{
    size_t table = root;
    for (*level = 0;; (*level)++) {
        uint64_t *e = &t->pages[table][va >> level_shift(*level) & 511];
        if (*level == 3 || (*e & DESC_TABLE) == DESC_VALID || (*level >= want && !(*e & DESC_VALID))) {
            return e;
        }
        if (!(*e & DESC_VALID)) {
            const size_t next = ktables_take(t);
            if (next == SIZE_MAX) {
                return NULL;
            }
            *e = ktables_pa(t, next) | DESC_TABLE;
        }
        table = ((*e & DESC_ADDRESS) - t->pa) / KPAGE;
    }
}

/** The highest level whose leaf fits: 1 to 3. */
static unsigned leaf_level(uint64_t va, uint64_t pa, uint64_t bytes)
{
    for (unsigned level = 1; level < 3; level++) {
        const uint64_t size = 1ull << level_shift(level);
        if (((va | pa) & (size - 1)) == 0 && bytes >= size) {
            return level;
        }
    }
    return 3;
}

const char *ktables_map(struct ktables *t, size_t root, uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attrs)
{
    while (bytes > 0) {
        unsigned level;
        uint64_t *e = find_entry(t, root, va, leaf_level(va, pa, bytes), &level);
        if (!e) {
            return no_tables;
        }
        const uint64_t size = 1ull << level_shift(level);
        const uint64_t leaf = (pa & ~(size - 1)) | attrs | (level == 3 ? DESC_TABLE : DESC_VALID);
        if ((*e & DESC_VALID) && (*e != leaf || ((va ^ pa) & (size - 1)) != 0)) {
            return in_use;
        }
        *e = leaf;
        const uint64_t rest_of_leaf = size - (va & (size - 1)), step = rest_of_leaf < bytes ? rest_of_leaf : bytes;
        va += step, pa += step, bytes -= step;
    }
    return NULL;
}
