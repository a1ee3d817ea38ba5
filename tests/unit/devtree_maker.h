/**
 * @file devtree_maker.h  Device trees made by hand, for tests of core/devtree.h.
 * Start from maker_board and change what the test is about.  A mistake in using it ends the test program.
 */
#ifndef DEVTREE_MAKER_H
#define DEVTREE_MAKER_H

#include <core/devtree.h>

struct maker {
    _Alignas(8) uint8_t blob[1 << 20];
};

/** A board in order: 256 MiB at 0x40000000, cores 0 and 1, GICv3 and timer at the top, a PL011 in /soc@10000000, which
 *  shows 16 MiB at 0x10000000 as its 0; alias serial0, stdout-path = "serial0:115200n8", PSCI by hvc. */
void maker_board(struct maker *t);

void maker_node(struct maker *t, const char *path);
void maker_drop_node(struct maker *t, const char *path);
void maker_bytes(struct maker *t, const char *path, const char *name, const void *value, size_t bytes);
void maker_text(struct maker *t, const char *path, const char *name, const char *text);
void maker_cells(struct maker *t, const char *path, const char *name, const uint32_t *cells, size_t count);
void maker_drop(struct maker *t, const char *path, const char *name);
void maker_reserve(struct maker *t, uint64_t base, uint64_t bytes);         /**< in the memreserve block              */

#define MAKER_CELLS(t, path, name, ...)                                                                                \
    maker_cells(t, path, name, (const uint32_t[]){ __VA_ARGS__ },                                                      \
                sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/** devtree_read of a copy in exactly as much memory as it needs, and what must hold of every result. */
const char *maker_read(struct maker *t, struct machine *m);
const char *maker_read_blob(const void *blob, size_t bytes, struct machine *m);

/** The tree must be refused with the sentence @p want, or (NULL) accepted.  @p m may be NULL. */
void maker_expect(struct maker *t, const char *want, struct machine *m, const char *why);
void maker_expect_sentence(const char *got, const char *want, const char *why);

/** Lists must be equal; @p want holds @p count entries. */
void maker_expect_ranges(const struct range *got, size_t got_count, const struct range *want, size_t count,
                         const char *why);

#endif
