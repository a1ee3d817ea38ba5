/**
 * @file mdb_bench.c  What the mapping database costs in instructions.  Not a test: run it by hand, under
 * `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='measure_*'`, once for each mode and size:
 *   mdb_bench MODE N      MODE: copy, retype, revoke or walk; N: capabilities in the database
 * and divide the instructions collected by the operations it prints.  Of the loop itself each takes about 10.
 */
#include <cap/mdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE 0x40000000ull
#define PAGE 4096ull
#define OPS  20000u

static struct mdb db;
static struct cte *slot; /* [0] RAM, [1] to [n] frames in it, [n + 1] spare */
static unsigned where[OPS];

static struct cte cap(enum cap_type type, uint64_t base, uint64_t bytes)
{
    return (struct cte){ .type = type, .base = base, .bytes = bytes };
}

/** Frames on every other page, in slots that are mixed up as after a while of use. */
static void build(unsigned n)
{
    fake_ram_init((n + 2) * SLOT_BYTES);
    slot = phys_to_virt(FAKE_PHYS_BASE);
    slot[0] = cap(CAP_RAM, BASE, 2 * PAGE * (n + 1));
    mdb_insert(&db, &slot[0]);
    srand(1);
    for (unsigned i = 1; i <= n; i++) {
        slot[i] = cap(CAP_FRAME, BASE + i * 2 * PAGE, PAGE);
    }
    for (unsigned i = n; i > 1; i--) {
        const unsigned j = 1 + (unsigned)rand() % i;
        const struct cte t = slot[i];
        slot[i] = slot[j];
        slot[j] = t;
    }
    for (unsigned i = 1; i <= n; i++) {
        mdb_insert(&db, &slot[i]);
    }
    for (unsigned i = 0; i < OPS; i++) {
        where[i] = 1 + (unsigned)rand() % n;
    }
}

__attribute__((noinline)) static unsigned measure_copy(unsigned n)
{
    struct cte *const spare = &slot[n + 1];

    for (unsigned i = 0; i < OPS; i++) {
        spare->type = CAP_FRAME;
        spare->base = slot[where[i]].base;
        spare->bytes = PAGE;
        mdb_insert_copy(&db, &slot[where[i]], spare);
        mdb_remove(&db, spare);
    }
    return OPS;
}

__attribute__((noinline)) static unsigned measure_retype(unsigned n)
{
    struct cte *const spare = &slot[n + 1];

    for (unsigned i = 0; i < OPS; i++) {
        spare->type = CAP_FRAME;
        spare->base = slot[where[i]].base + PAGE;
        spare->bytes = PAGE;
        if (mdb_first_inside(&db, &slot[0], spare->base, spare->base + PAGE)) {
            abort();
        }
        mdb_insert(&db, spare);
        mdb_remove(&db, spare);
    }
    return OPS;
}

__attribute__((noinline)) static unsigned measure_revoke(unsigned n)
{
    struct cte *c;
    unsigned ops = 0;

    (void)n;
    while ((c = mdb_first_inside(&db, &slot[0], slot[0].base, slot[0].base + slot[0].bytes))) {
        mdb_remove(&db, c);
        ops++;
    }
    return ops;
}

__attribute__((noinline)) static unsigned measure_walk(unsigned n)
{
    struct cte *c = mdb_next(&slot[0]);
    unsigned ops = 0;

    (void)n;
    while (c) {
        struct cte *const next = mdb_next(c);
        mdb_remove(&db, c);
        c = next;
        ops++;
    }
    return ops;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        unsigned (*run)(unsigned n);
    } mode[] = {
        { "copy", measure_copy }, { "retype", measure_retype }, { "revoke", measure_revoke }, { "walk", measure_walk }
    };
    const unsigned n = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 0) : 0;

    for (size_t i = 0; n && i < sizeof(mode) / sizeof(mode[0]); i++) {
        if (strcmp(mode[i].name, argv[1]) == 0) {
            build(n);
            printf("%u operations\n", mode[i].run(n));
            return 0;
        }
    }
    fprintf(stderr, "usage: mdb_bench copy|retype|revoke|walk N\n");
    return 2;
}
