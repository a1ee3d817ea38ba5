/** @file builtin_memtest.c  `memtest`: take memory, write and check patterns, give it back. */
#include "builtins.h"
#include "numbers.h"

#include <os/caps.h>
#include <os/err.h>
#include <os/services.h>
#include <os/startup.h>
#include <stubs/mem.h>

#define MIB         (1024 * 1024ull)
#define DEFAULT_MIB 16u
#define PIECES_MAX  64u
#define PIECE_MOST  (32 * MIB)         /* between two looks for Ctrl-C */
#define BLOCK       (2 * MIB)           /* aligned to this, it is mapped by blocks */

/** One grant of the memory server's. */
static struct piece {
    cptr_t ram, frame;
    uint64_t address, bytes;
} pieces[PIECES_MAX];

static unsigned piece_count;

/* --- taking and giving back --- */

static err_t map_piece(struct piece *p)
{
    TRY(cap_retype(p->ram, CAP_FRAME, 0, p->bytes, 1, CPTR_NULL, p->frame));
    return vspace_map(os_vspace(), p->frame, 0, p->bytes, MAP_READ | MAP_WRITE, &p->address);
}

static err_t give_back(struct piece *p)
{
    struct slots *const slots = &os_stock()->slots;

    if (p->address) {
        TRY(vspace_unmap(os_vspace(), p->address, p->bytes));
    }
    TRY(mem_free(os_mem(), p->ram));    /* the frame goes with it */
    slots_free(slots, p->frame);
    slots_free(slots, p->ram);
    return OK;
}

static err_t take_piece(struct piece *p, uint64_t bytes)
{
    struct slots *const slots = &os_stock()->slots;

    *p = (struct piece){ .bytes = bytes };
    TRY(stock_refill(os_stock()));
    TRY(slots_alloc(slots, &p->ram));
    err_t err = slots_alloc(slots, &p->frame);
    if (err_ok(err)) {
        os_mem()->cap_slot = p->ram;
        err = mem_alloc(os_mem(), bytes, bytes >= BLOCK ? BLOCK : SHOAL_PAGE_SIZE, &p->ram);
        if (!err_ok(err)) {
            slots_free(slots, p->frame);
        }
    }
    if (!err_ok(err)) {
        slots_free(slots, p->ram);
        return err;
    }
    err = map_piece(p);
    if (!err_ok(err)) {
        const err_t undo = give_back(p);
        return err_ok(undo) ? err : undo;
    }
    return OK;
}

/* @p bytes in pieces as large as there are. */
static err_t take_all(uint64_t bytes)
{
    uint64_t size = PIECE_MOST;

    piece_count = 0;
    while (bytes > 0) {
        size = size < bytes ? size : bytes;
        REQUIRE(piece_count < PIECES_MAX, E_RAM_NONE);
        const err_t err = take_piece(&pieces[piece_count], size);
        if (err_ok(err)) {
            piece_count++;
            bytes -= size;
        } else if (size > MIB) {
            size = size / 2 / MIB * MIB;
        } else {
            return err;
        }
    }
    return OK;
}

static err_t give_all_back(void)
{
    while (piece_count > 0) {
        TRY(give_back(&pieces[piece_count - 1]));
        piece_count--;
    }
    return OK;
}

/* --- patterns --- */

/* A word holds (its address & mask) ^ flip: two patterns that tell addresses apart, two that test neighbouring bits. */
static const struct pattern {
    uint64_t mask, flip;
} patterns[] = { { ~0ull, 0 }, { ~0ull, ~0ull }, { 0, 0x5555555555555555 }, { 0, 0xaaaaaaaaaaaaaaaa } };

#define PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

static void fill(const struct piece *p, struct pattern pattern)
{
    volatile uint64_t *const end = (volatile uint64_t *)(p->address + p->bytes);

    for (volatile uint64_t *word = (volatile uint64_t *)p->address; word < end; word++) {
        *word = ((uint64_t)word & pattern.mask) ^ pattern.flip;
    }
}

static bool check(const struct piece *p, struct pattern pattern)
{
    const volatile uint64_t *const end = (const volatile uint64_t *)(p->address + p->bytes);

    for (const volatile uint64_t *word = (const volatile uint64_t *)p->address; word < end; word++) {
        const uint64_t got = *word, want = ((uint64_t)word & pattern.mask) ^ pattern.flip;
        if (got != want) {
            complain("memtest: at %#lx: %#lx, wanted %#lx\n", (uint64_t)word, got, want);
            return false;
        }
    }
    return true;
}

/* All is written before any of it is checked: two pieces that are the same memory do not pass. */
static bool check_all(void)
{
    for (unsigned n = 0; n < PATTERNS; n++) {
        for (unsigned i = 0; i < piece_count && !was_interrupted(); i++) {
            fill(&pieces[i], patterns[n]);
        }
        for (unsigned i = 0; i < piece_count && !was_interrupted(); i++) {
            if (!check(&pieces[i], patterns[n])) {
                return false;
            }
        }
    }
    return true;
}

int builtin_memtest(const struct command *c)
{
    uint64_t mib = DEFAULT_MIB;

    if (c->argc == 2 && (!read_number(c->argv[1], 1u << 20, &mib) || mib == 0)) {
        return usage(c);
    }
    err_t err = take_all(mib * MIB);
    const bool good = err_ok(err) && check_all();
    const err_t back = give_all_back();
    err = err_ok(err) ? back : err;
    if (!err_ok(err)) {
        return complain_err("memtest", NULL, err);
    }
    if (shell.interrupted) {
        return (int)STATUS_KILLED;
    }
    if (good) {
        say("memtest: %lu MiB ok\n", mib);
    }
    return good ? 0 : STATUS_FAILED;
}
