/**
 * @file ranges_bench.c  What libos/ranges and libos/mm cost in instructions.  Not a test: tools/ranges_curve.py runs it
 * under `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='measure_*'`, once for each mode and size:
 *   ranges_bench MODE N     MODE: find, fit, add-remove, merge-split or mm; N: free ranges
 * and divides the instructions collected by the operations it prints.  The kernel is left out: invocations do nothing.
 */
#include <os/mm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE  4096ull
#define BASE  0x100000000ull
#define OPS   4096u
#define HOLES 16u       /* free ranges of 3, 4, … pages, for the mode mm */
#define STEP  4u        /* every fourth page is free, so a page beside it can be added without touching another */

static struct slab slab, root_slab, cnode_slab;
static struct range_set set;
static struct slots slots;
static struct mm mm;
static uint64_t where[OPS];

struct sys_result sys_invoke(cptr_t cap, uint64_t op, struct sys_args args)
{
    (void)cap;
    (void)args;
    /* One RAM root over everything. */
    return (struct sys_result){ OK, { op == CNODE_IDENTIFY ? CAP_RAM : 0, RIGHTS_ALL, BASE, 1ull << 45 } };
}

err_t ram_request(size_t bytes, cptr_t *ram)
{
    (void)bytes;
    (void)ram;
    return ERR(E_RAM_NONE);
}

static void must(err_t err)
{
    if (!err_ok(err)) {
        fprintf(stderr, "ranges_bench: error %#llx\n", (unsigned long long)err.trail);
        exit(1);
    }
}

static void seed(struct slab *s, size_t object, uint64_t count)
{
    const size_t bytes = (count * ((object + 15) & ~15ull) / 4000 + 2) * PAGE;

    slab_init(s, object, NULL, 0);
    slab_seed(s, aligned_alloc(PAGE, bytes), bytes);
}

/* N free pages, every STEP-th of the line, put in in any order. */
static void build(uint64_t n)
{
    uint64_t *const order = malloc(n * sizeof(*order));

    seed(&slab, sizeof(struct range), n + 64);
    ranges_init(&set, &slab);
    srand(1);
    for (uint64_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (uint64_t i = n; i > 1; i--) {
        const uint64_t j = (uint64_t)rand() % i, t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
    for (uint64_t i = 0; i < n; i++) {
        must(ranges_add(&set, BASE + order[i] * STEP * PAGE, PAGE, 0, UINT64_MAX));
    }
    for (unsigned i = 0; i < OPS; i++) {
        where[i] = BASE + (uint64_t)rand() % n * STEP * PAGE;
    }
    free(order);
}

__attribute__((noinline)) static unsigned measure_find(void)
{
    for (unsigned i = 0; i < OPS; i++) {
        if (!range_find(&set.tree, where[i])) {
            abort();
        }
    }
    return OPS;
}

__attribute__((noinline)) static unsigned measure_fit(void)
{
    for (unsigned i = 0; i < OPS; i++) {
        const struct range_want want = { .bytes = PAGE, .align = PAGE, .from = where[i] };
        uint64_t base;
        if (!range_fit(&set.tree, &want, &base) || base != where[i]) {
            abort();
        }
    }
    return OPS;
}

__attribute__((noinline)) static unsigned measure_add_remove(void)
{
    for (unsigned i = 0; i < OPS; i++) {
        must(ranges_add(&set, where[i] + 2 * PAGE, PAGE, 0, UINT64_MAX));
        must(ranges_remove(&set, where[i] + 2 * PAGE, PAGE));
    }
    return OPS;
}

/* The three pages between two free ones. */
__attribute__((noinline)) static unsigned measure_merge_split(void)
{
    for (unsigned i = 0; i < OPS; i++) {
        must(ranges_add(&set, where[i] + PAGE, (STEP - 1) * PAGE, 0, UINT64_MAX));
        must(ranges_remove(&set, where[i] + PAGE, (STEP - 1) * PAGE));
    }
    return OPS;
}

/* Free ranges of 2 pages all over the line, and among them the only one of each of HOLES larger sizes. */
static void build_mm(uint64_t n)
{
    seed(&slab, sizeof(struct range), n + 64);
    seed(&root_slab, sizeof(struct mm_root), 4);
    seed(&cnode_slab, sizeof(struct slots_cnode), 4);
    slots_init(&slots, &cnode_slab, NULL, NULL);
    must(slots_adopt(&slots, 1, 0));
    mm_init(&mm, &slab, &root_slab, &slots);
    must(mm_add_root(&mm, 1));
    const uint64_t pitch = 2 * HOLES, apart = n / HOLES;
    for (uint64_t i = 0; i <= n; i++) {
        const bool hole = apart ? i % apart == apart / 2 && i / apart < HOLES : i == 0;
        const uint64_t free = !hole ? 2 : apart ? 3 + i / apart : 3;
        const uint64_t end = i == n ? 1ull << 33 : (i + 1) * pitch;
        must(ranges_remove(&mm.free, BASE + (i * pitch + free) * PAGE, (end - i * pitch - free) * PAGE));
    }
}

__attribute__((noinline)) static unsigned measure_mm(uint64_t n)
{
    const uint64_t holes = n < HOLES ? 1 : HOLES;

    for (unsigned i = 0; i < OPS; i++) {
        uint64_t base, bytes = (3 + i % holes) * PAGE;
        cptr_t ram;
        must(mm_alloc(&mm, bytes, PAGE, &base, &ram));
        slots_free(&slots, ram);
        must(mm_free(&mm, base, bytes));
    }
    return OPS;
}

int main(int argc, char **argv)
{
    const char *const mode = argc > 1 ? argv[1] : "";
    const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    unsigned ops = 0;

    if (n < 10) {
        fprintf(stderr, "usage: ranges_bench find|fit|add-remove|merge-split|mm N (10 or more)\n");
        return 2;
    }
    if (!strcmp(mode, "mm")) {
        build_mm(n);
        ops = measure_mm(n);
    } else {
        build(n);
        ops = !strcmp(mode, "find")          ? measure_find()
              : !strcmp(mode, "fit")         ? measure_fit()
              : !strcmp(mode, "add-remove")  ? measure_add_remove()
              : !strcmp(mode, "merge-split") ? measure_merge_split()
                                             : 0;
    }
    printf("%u\n", ops);
    return ops ? 0 : 2;
}
