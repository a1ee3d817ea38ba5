/* devtree_check_test.c  Device trees that are broken as files: headers, tags, names, sizes; then damage at random. */
#include "devtree_maker.h"
#include "test.h"

#include <core/devtree_check.h>
#include <libfdt.h>

enum { HEADER = 40, RESERVATIONS = 16, STRUCT_AT = HEADER + RESERVATIONS };

/** A tree from the tags up: header, no memory reservations, structure, strings. */
struct raw {
    uint32_t words[1024];               /**< structure                                                                */
    size_t count;
    const char *strings;
    size_t strings_bytes;
};

#define RAW(...)                                                                                                       \
    {                                                                                                                  \
        .words = { __VA_ARGS__ }, .count = sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t),               \
        .strings = "status", .strings_bytes = 7                                                                        \
    }

enum { BEGIN = FDT_BEGIN_NODE, FINISH = FDT_END_NODE, PROP = FDT_PROP, NOP = FDT_NOP, END = FDT_END };

static const char *check_raw(const struct raw *r)
{
    const size_t struct_bytes = r->count * 4, total = STRUCT_AT + struct_bytes + r->strings_bytes;
    const uint32_t header[10] = { FDT_MAGIC, (uint32_t)total, STRUCT_AT, (uint32_t)(STRUCT_AT + struct_bytes), HEADER,
                                  17, 16, 0, (uint32_t)r->strings_bytes, (uint32_t)struct_bytes };
    uint8_t *blob = calloc(1, total);

    for (size_t i = 0; i < 10; i++) {
        fdt32_st(blob + 4 * i, header[i]);
    }
    for (size_t i = 0; i < r->count; i++) {
        fdt32_st(blob + STRUCT_AT + 4 * i, r->words[i]);
    }
    memcpy(blob + STRUCT_AT + struct_bytes, r->strings, r->strings_bytes);
    const char *broken = devtree_check(blob, total);
    free(blob);
    return broken;
}

TEST(devtree_check, accepts_what_is_well_formed)
{
    static const struct raw good[] = {
        RAW(BEGIN, 0, FINISH, END),
        RAW(BEGIN, 0x61626300, FINISH, END),                    /* a root with a name */
        RAW(BEGIN, 0, BEGIN, 0x61626364, 0, FINISH, FINISH, END),
        RAW(BEGIN, 0, PROP, 0, 0, PROP, 4, 0, 0xffffffff, PROP, 5, 6, 1, 0x02000000, FINISH, END),
        RAW(NOP, BEGIN, 0, NOP, NOP, FINISH, NOP, END),
        RAW(BEGIN, 0, FINISH, END, 0xdead, 0xbeef),             /* nobody reads what follows the end */
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        EXPECT(!check_raw(&good[i]), "%zu: %s", i, check_raw(&good[i]));
    }
}

TEST(devtree_check, refuses_broken_structures)
{
    static const char name_end[] = "the device tree has a node whose name does not end";
    static const char prop_name[] = "the device tree has a property whose name does not end";
    static const char prop_outside[] = "the device tree has a property outside of a node";
    static const char prop_cut[] = "the device tree ends within a property";
    static const char prop_long[] = "the device tree has a property that reaches beyond the tree";
    static const char in_node[] = "the device tree ends within a node";
    static const char no_end[] = "the device tree has no end";
    static const struct {
        const char *why, *want;
        struct raw raw;
    } refused[] = {
        { "nothing", no_end, { .strings = "" } },
        { "no root", in_node, RAW(END) },
        { "no end", no_end, RAW(BEGIN, 0, FINISH) },
        { "no end of the node", no_end, RAW(BEGIN, 0) },
        { "no end after a property", no_end, RAW(BEGIN, 0, PROP, 4, 0, 0xffffffff) },
        { "no end after an empty property", no_end, RAW(BEGIN, 0, PROP, 0, 0) },
        { "end before the node's", in_node, RAW(BEGIN, 0, END) },
        { "end before the root's", in_node, RAW(BEGIN, 0, BEGIN, 0, FINISH, END) },
        { "a second root", "the device tree has two roots", RAW(BEGIN, 0, FINISH, BEGIN, 0, FINISH, END) },
        { "an end too many", "the device tree ends a node that has not begun", RAW(BEGIN, 0, FINISH, FINISH, END) },
        { "an end at the start", "the device tree ends a node that has not begun", RAW(FINISH, END) },
        { "a property first", prop_outside, RAW(PROP, 0, 0, BEGIN, 0, FINISH, END) },
        { "a property last", prop_outside, RAW(BEGIN, 0, FINISH, PROP, 0, 0, END) },
        { "tag 5", "the device tree has an unknown tag", RAW(BEGIN, 0, 5, FINISH, END) },
        { "tag 0", "the device tree has an unknown tag", RAW(BEGIN, 0, 0, FINISH, END) },
        { "a name at the end", name_end, RAW(BEGIN, 0x61616161) },
        { "no name at the end", name_end, RAW(BEGIN) },
        { "a property without its length", prop_cut, RAW(BEGIN, 0, PROP) },
        { "a property without its name", prop_cut, RAW(BEGIN, 0, PROP, 0) },
        { "one byte too long", prop_long, RAW(BEGIN, 0, PROP, 9, 0, FINISH, END) },
        { "length that leads back to itself", prop_long, RAW(BEGIN, 0, PROP, 0xfffffff4, 0, FINISH, END) },
        { "length that leads back to the root", prop_long, RAW(BEGIN, 0, PROP, 0xffffffec, 0, FINISH, END) },
        { "length of 2 GiB", prop_long, RAW(BEGIN, 0, PROP, 0x80000000, 0, FINISH, END) },
        { "name after the strings", prop_name, RAW(BEGIN, 0, PROP, 0, 7, FINISH, END) },
        { "name far after the strings", prop_name, RAW(BEGIN, 0, PROP, 0, 0xfffffff0, FINISH, END) },
    };

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        maker_expect_sentence(check_raw(&refused[i].raw), refused[i].want, refused[i].why);
    }
    struct raw r = RAW(BEGIN, 0, PROP, 0, 3, FINISH, END);
    r.strings_bytes = 6;
    maker_expect_sentence(check_raw(&r), prop_name, "the last name without its NUL");
}

TEST(devtree_check, limits_names_and_depth)
{
    struct raw r = { .strings = "", .strings_bytes = 1 };
    char name[DEVTREE_NAME_MAX + 4] = { 0 };

    for (size_t bytes = DEVTREE_NAME_MAX - 1; bytes <= DEVTREE_NAME_MAX; bytes++) {
        memset(name, 'a', bytes);
        r.count = 0;
        r.words[r.count++] = BEGIN;
        for (size_t i = 0; i < (bytes + 4) / 4 * 4; i += 4) {
            r.words[r.count++] = fdt32_ld((const fdt32_t *)(name + i));
        }
        r.words[r.count++] = FINISH;
        r.words[r.count++] = END;
        const bool fits = bytes < DEVTREE_NAME_MAX;
        maker_expect_sentence(check_raw(&r), fits ? NULL : "the device tree has a node whose name does not end", name);
        struct raw p = RAW(BEGIN, 0, PROP, 0, 0, FINISH, END);
        p.strings = name;
        p.strings_bytes = sizeof(name);
        maker_expect_sentence(check_raw(&p), fits ? NULL : "the device tree has a property whose name does not end",
                              name);
    }
    for (size_t depth = DEVTREE_DEPTH_MAX; depth <= DEVTREE_DEPTH_MAX + 1; depth++) {
        r.count = 0;
        for (size_t i = 0; i < depth; i++) {
            r.words[r.count++] = BEGIN;
            r.words[r.count++] = 0;
        }
        for (size_t i = 0; i < depth; i++) {
            r.words[r.count++] = FINISH;
        }
        r.words[r.count++] = END;
        maker_expect_sentence(check_raw(&r), depth <= DEVTREE_DEPTH_MAX ? NULL : "the device tree is too deep",
                              "depth");
    }
}

/** The board's tree with one word of its header replaced, read from @p bytes bytes (0: all). */
static void expect_header(size_t at, uint32_t value, const char *want, const char *why)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    fdt_pack(t.blob);
    const size_t bytes = fdt_totalsize(t.blob);
    fdt32_st(t.blob + at, value);
    maker_expect_sentence(maker_read_blob(t.blob, bytes, &m), want, why);
}

TEST(devtree_check, refuses_broken_headers)
{
    static const char header[] = "the device tree has a broken header";
    static const char misaligned[] = "the device tree has a misaligned part";
    struct maker t;

    maker_board(&t);
    fdt_pack(t.blob);
    const uint32_t bytes = fdt_totalsize(t.blob), at = fdt_off_dt_struct(t.blob);
    expect_header(0, 0xd00dfeee, "there is no device tree", "magic");
    expect_header(0, ~FDT_MAGIC + 1, "there is no device tree", "libfdt's mark of a tree under construction");
    expect_header(4, bytes + 1, "the device tree is larger than the memory it lies in", "larger than what is there");
    expect_header(4, bytes - 1, header, "smaller than its parts");
    expect_header(4, 0x80000000, header, "2 GiB");
    expect_header(8, bytes + 4, header, "structure after the end");
    expect_header(8, 0, header, "structure in the header");
    expect_header(8, at + 2, misaligned, "structure misaligned");
    expect_header(12, bytes + 1, header, "strings after the end");
    expect_header(16, bytes + 8, header, "reservations after the end");
    expect_header(16, HEADER + 4, misaligned, "reservations misaligned");
    expect_header(20, 16, "the device tree is of a version before 17", "version");
    expect_header(24, 18, header, "last compatible version");
    expect_header(32, bytes, header, "more strings than there is room for");
    expect_header(32, 0xfffffff0, header, "strings wrap round");
    expect_header(36, bytes, header, "more structure than there is room for");
    expect_header(36, fdt_size_dt_struct(t.blob) - 2, misaligned, "structure ends within a tag");
    expect_header(36, fdt_size_dt_struct(t.blob) - 4, "the device tree has no end", "structure cut");
}

TEST(devtree_check, refuses_reservations_without_end)
{
    struct maker t;
    struct machine m;

    maker_board(&t);
    fdt_pack(t.blob);
    const uint32_t bytes = fdt_totalsize(t.blob);
    memset(t.blob + bytes, 0xff, 64);
    fdt_set_totalsize(t.blob, bytes + 64);
    fdt_set_off_mem_rsvmap(t.blob, (bytes + 15) / 8 * 8);
    maker_expect_sentence(maker_read_blob(t.blob, bytes + 64, &m), "the device tree's memory reservations do not end",
                          "all ones to the end");
}

TEST(devtree_check, refuses_size_and_place)
{
    struct maker t;
    struct machine m;
    uint8_t *large = calloc(1, DEVTREE_BYTES_MAX + 8);

    maker_board(&t);
    fdt_pack(t.blob);
    const uint32_t bytes = fdt_totalsize(t.blob);
    maker_expect_sentence(maker_read_blob(t.blob, 0, &m), "there is no device tree", "no bytes");
    maker_expect_sentence(maker_read_blob(t.blob, HEADER - 1, &m), "there is no device tree", "part of the header");
    maker_expect_sentence(maker_read_blob(t.blob, HEADER, &m), "the device tree is larger than the memory it lies in",
                          "the header alone");
    maker_expect_sentence(maker_read_blob(t.blob, sizeof(t.blob), &m), NULL, "more memory than tree");

    memcpy(large, t.blob, bytes);
    fdt_set_totalsize(large, DEVTREE_BYTES_MAX);
    maker_expect_sentence(maker_read_blob(large, DEVTREE_BYTES_MAX, &m), NULL, "2 MiB");
    fdt_set_totalsize(large, DEVTREE_BYTES_MAX + 1);
    maker_expect_sentence(maker_read_blob(large, DEVTREE_BYTES_MAX + 1, &m), "the device tree is larger than 2 MiB",
                          "one byte more");
    memcpy(large + 4, t.blob, bytes);
    maker_expect_sentence(devtree_read(large + 4, bytes, &m), "the device tree is not aligned to 8 bytes", "at 4");
    free(large);
}

TEST(devtree_check, survives_random_damage)
{
    uint64_t state = test_seed();
    struct maker good;
    struct machine m;
    int in_order = 0;

    maker_board(&good);
    fdt_pack(good.blob);
    const size_t bytes = fdt_totalsize(good.blob);
    for (int round = 0; round < 10000; round++) {
        struct maker t;
        memcpy(t.blob, good.blob, bytes);
        for (uint64_t hits = 1 + test_random(&state) % 4; hits > 0; hits--) {
            t.blob[test_random(&state) % bytes] = (uint8_t)test_random(&state);
        }
        in_order += !maker_read_blob(t.blob, bytes, &m);
    }
    EXPECT(in_order > 0, "some damage does not matter");
}

TEST(devtree_check, the_largest_tree_is_read_in_time)
{
    /* As many nodes and properties as fit, with the longest name; each search goes through all of them.  The test's
     * time limit is the check. */
    struct machine m;
    const size_t words = (DEVTREE_BYTES_MAX - STRUCT_AT - DEVTREE_NAME_MAX) / 4;
    uint8_t *blob = calloc(1, DEVTREE_BYTES_MAX);
    size_t at = STRUCT_AT;
    const uint32_t header[10] = { FDT_MAGIC, DEVTREE_BYTES_MAX, STRUCT_AT, (uint32_t)(STRUCT_AT + words * 4), HEADER,
                                  17, 16, 0, DEVTREE_NAME_MAX, (uint32_t)(words * 4) };

    for (size_t i = 0; i < 10; i++) {
        fdt32_st(blob + 4 * i, header[i]);
    }
    memset(blob + STRUCT_AT + words * 4, 'a', DEVTREE_NAME_MAX - 1);
    fdt32_st(blob + at, BEGIN), at += 8;
    while (at + 28 + 8 <= STRUCT_AT + words * 4) {
        fdt32_st(blob + at, BEGIN), at += 8;
        fdt32_st(blob + at, PROP), at += 12;
        fdt32_st(blob + at, FINISH), at += 4;
    }
    fdt32_st(blob + at, FINISH), at += 4;
    fdt32_st(blob + at, END);
    maker_expect_sentence(devtree_read(blob, DEVTREE_BYTES_MAX, &m), "the device tree has no memory", "87,000 nodes");
    free(blob);
}
