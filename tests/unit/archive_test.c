/* archive_test.c  The reader of cpio archives: what it accepts, and each way to be broken. */
#include "test.h"

#include <shoal/archive.h>

#define HEADER 110

/** An archive under construction. */
struct maker {
    uint8_t bytes[16384];
    size_t used;
};

static void put(struct maker *a, const void *bytes, size_t count)
{
    memcpy(a->bytes + a->used, bytes, count);
    a->used += count;
}

static void align4(struct maker *a)
{
    while (a->used % 4 != 0) {
        a->bytes[a->used++] = 0;
    }
}

/** Add an entry.  @p name_bytes counts its NUL and perhaps more of them. */
static void add(struct maker *a, unsigned mode, const char *name, size_t name_bytes, const void *body, size_t bytes)
{
    const unsigned field[13] = { 1, mode, 0, 0, 1, 0, (unsigned)bytes, 0, 0, 0, 0, (unsigned)name_bytes, 0 };
    char text[HEADER + 1], padded[8192] = { 0 };
    int at = sprintf(text, "070701");

    for (int i = 0; i < 13; i++) {
        at += sprintf(text + at, i % 2 ? "%08X" : "%08x", field[i]);
    }
    put(a, text, HEADER);
    memcpy(padded, name, strlen(name) < name_bytes ? strlen(name) : name_bytes);
    put(a, padded, name_bytes);
    align4(a);
    put(a, body, bytes);
    align4(a);
}

static void add_file(struct maker *a, const char *name, const char *body)
{
    add(a, 0100755, name, strlen(name) + 1, body, strlen(body));
}

static void add_trailer(struct maker *a)
{
    add(a, 0, "TRAILER!!!", 11, "", 0);
}

/** A copy of exactly the bytes given, so that the sanitizer sees the first one read beyond. */
static uint8_t *exact(const void *bytes, size_t count)
{
    uint8_t *copy = malloc(count);

    memcpy(copy, bytes, count);
    return copy;
}

static volatile uint8_t sink;       /* so that all bytes are really read */

/** Read to the end.  @return the sentence, NULL for an archive in order; @p files counts what was found. */
static const char *read_all(const void *bytes, size_t count, size_t *files)
{
    uint8_t *copy = exact(bytes, count);
    struct archive_iter it;
    struct archive_file file;
    const char *broken;
    int found;

    *files = 0;
    archive_begin(&it, copy, count);
    while (!(broken = archive_next(&it, &file, &found)) && found) {
        (*files)++;
        for (size_t i = 0; i < file.bytes; i++) {
            sink += file.data[i];
        }
        sink += (uint8_t)strlen(file.name);
    }
    EXPECT(!found, "an error or the end is no file");
    free(copy);
    return broken;
}

static void expect_broken(const void *bytes, size_t count, const char *want, const char *why)
{
    size_t files;
    const char *got = read_all(bytes, count, &files);

    EXPECT(got && strcmp(got, want) == 0, "%s: got \"%s\", wanted \"%s\"", why, got ? got : "no error", want);
}

TEST(archive, lists_files_in_order)
{
    struct maker a = { 0 };
    struct archive_iter it;
    struct archive_file file;
    int found;

    add_file(&a, "sbin/init", "first");
    add(&a, 0100644, "empty", 6, "", 0);
    add_file(&a, "menu.lst", "four");
    add_trailer(&a);

    static const struct {
        const char *name, *body;
        uint32_t mode;
    } want[] = { { "sbin/init", "first", 0100755 }, { "empty", "", 0100644 }, { "menu.lst", "four", 0100755 } };
    archive_begin(&it, a.bytes, a.used);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(!archive_next(&it, &file, &found) && found, "file %zu is there", i);
        EXPECT(strcmp(file.name, want[i].name) == 0, "file %zu: name %s", i, file.name);
        EXPECT_EQ(file.bytes, strlen(want[i].body), "file %zu: size", i);
        EXPECT(memcmp(file.data, want[i].body, file.bytes) == 0, "file %zu: body", i);
        EXPECT_EQ(file.mode, want[i].mode, "file %zu: mode", i);
    }
    for (int i = 0; i < 3; i++) {
        EXPECT(!archive_next(&it, &file, &found) && !found, "the end stays the end");
    }
}

TEST(archive, accepts_names_padded_to_a_page)
{
    struct maker a = { 0 };
    struct archive_file file;
    int found;

    add_file(&a, "short", "x");
    const size_t body_at = (a.used + HEADER + 4095) / 4096 * 4096;
    add(&a, 0100755, "aligned", body_at - a.used - HEADER, "body", 4);
    add_trailer(&a);

    EXPECT(!archive_find(a.bytes, a.used, "aligned", &file, &found) && found, "found by its name without the padding");
    EXPECT_EQ(file.data - a.bytes, body_at, "body on a page");
    EXPECT(memcmp(file.data, "body", 4) == 0, "the right body");
}

/** Whole contents of a file of the build machine; the caller frees them. */
static uint8_t *contents(const char *path, size_t *bytes)
{
    enum { MOST = 1 << 20 };
    uint8_t *data = malloc(MOST);
    FILE *in = fopen(path, "rb");

    *bytes = in ? fread(data, 1, MOST, in) : 0;
    if (in) {
        fclose(in);
    }
    return data;
}

TEST(archive, reads_what_the_image_tool_makes)
{
    static const char *const names[] = { "init", "source" }, *const paths[] = { MADE_INIT, MADE_SOURCE };
    size_t bytes;
    uint8_t *made = contents(MADE_ARCHIVE, &bytes);
    struct archive_iter it;
    struct archive_file file;
    const char *broken;
    int found;

    archive_begin(&it, made, bytes);
    for (size_t i = 0; i < 2; i++) {
        size_t want_bytes;
        uint8_t *want = contents(paths[i], &want_bytes);
        broken = archive_next(&it, &file, &found);
        EXPECT(!broken && found, "%s: %s", names[i], broken ? broken : "not found");
        if (!broken && found) {
            EXPECT(strcmp(file.name, names[i]) == 0, "%s, not %s", names[i], file.name);
            EXPECT_EQ((file.data - made) % 4096, 0, "%s: body on a page", names[i]);
            EXPECT(file.bytes == want_bytes && memcmp(file.data, want, want_bytes) == 0, "%s: body", names[i]);
        }
        free(want);
    }
    EXPECT(!archive_next(&it, &file, &found) && !found, "nothing more");
    free(made);
}

TEST(archive, passes_over_what_is_no_regular_file)
{
    static const unsigned other[] = { 0040755, 0120777, 0020600, 0060600, 0010600, 0140600, 0 };
    struct maker a = { 0 };
    size_t files;

    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        add(&a, other[i], "other", 6, "target", 6);
    }
    add_file(&a, "file", "x");
    add_trailer(&a);
    EXPECT(!read_all(a.bytes, a.used, &files), "in order");
    EXPECT_EQ(files, 1, "one regular file");
}

TEST(archive, finds_by_whole_name)
{
    struct maker a = { 0 };
    struct archive_file file;
    int found;

    add_file(&a, "ab", "1");
    add_file(&a, "abc", "2");
    add_file(&a, "abc", "3");
    add_trailer(&a);
    EXPECT(!archive_find(a.bytes, a.used, "abc", &file, &found) && found && file.data[0] == '2', "first of that name");
    EXPECT(!archive_find(a.bytes, a.used, "a", &file, &found) && !found, "a prefix is not it");
    EXPECT(!archive_find(a.bytes, a.used, "abcd", &file, &found) && !found, "longer is not it");
    EXPECT(!archive_find(a.bytes, a.used, "TRAILER!!!", &file, &found) && !found, "the trailer is no file");
}

TEST(archive, find_reports_a_broken_archive_before_the_file)
{
    struct maker a = { 0 };
    struct archive_file file;
    int found;

    add_file(&a, "ab", "1");
    add_file(&a, "abc", "2");
    add_trailer(&a);
    const size_t first = 116;                   /* header, "ab", NUL, padding to 116, then the body */
    EXPECT(!archive_find(a.bytes, first + 4, "ab", &file, &found) && found, "it comes before the broken part");
    EXPECT(archive_find(a.bytes, first + 4, "abc", &file, &found) && !found, "it may come after the broken part");
}

TEST(archive, a_body_may_end_the_archive_but_not_stand_for_the_trailer)
{
    struct maker a = { 0 };
    struct archive_iter it;
    struct archive_file file;
    int found;

    add_file(&a, "f", "odd");
    uint8_t *copy = exact(a.bytes, a.used - 1);     /* without the body's padding */
    archive_begin(&it, copy, a.used - 1);
    EXPECT(!archive_next(&it, &file, &found) && found, "all of the body is there");
    EXPECT(archive_next(&it, &file, &found) && !found, "nothing follows");
    free(copy);
}

TEST(archive, refuses_each_broken_header)
{
    struct maker good = { 0 }, a;

    add_file(&good, "name", "body");
    add_trailer(&good);

    expect_broken("", 0, "the archive ends before its trailer", "nothing at all");
    expect_broken(good.bytes, HEADER - 1, "the archive ends before its trailer", "part of a header");

    a = good;
    a.bytes[5] = '2';
    expect_broken(a.bytes, a.used, "an archive header does not start with 070701", "the variant with checksums");
    a = good;
    a.bytes[0] = 0xc7, a.bytes[1] = 0x71;
    expect_broken(a.bytes, a.used, "an archive header does not start with 070701", "the old binary format");

    a = good;
    memcpy(a.bytes + 6 + 5 * 8, "0189afAF", 8);
    size_t files;
    EXPECT(!read_all(a.bytes, a.used, &files) && files == 1, "every kind of digit, in the time");
    static const char no_digit[] = { 'g', 'G', '/', ':', '@', '`', ' ', 0, '-', 'x' };
    for (size_t i = 0; i < sizeof(no_digit); i++) {
        a = good;
        a.bytes[6 + 11 * 8 + 7] = (uint8_t)no_digit[i];
        expect_broken(a.bytes, a.used, "an archive header holds something that is no hexadecimal digit", "name size");
        a = good;
        a.bytes[6 + i * 8] = (uint8_t)no_digit[i];
        expect_broken(a.bytes, a.used, "an archive header holds something that is no hexadecimal digit", "any field");
    }
}

TEST(archive, refuses_names_and_bodies_that_reach_beyond)
{
    struct maker a = { 0 };

    add(&a, 0100644, "name", 5, "body", 4);
    const size_t whole = a.used;
    expect_broken(a.bytes, HEADER, "a name in the archive reaches beyond the archive", "the header alone");
    expect_broken(a.bytes, HEADER + 4, "a name in the archive reaches beyond the archive", "name cut");
    expect_broken(a.bytes, HEADER + 5, "a file in the archive reaches beyond the archive", "padding of the name cut");
    expect_broken(a.bytes, whole - 1, "a file in the archive reaches beyond the archive", "body cut");

    memcpy(a.bytes + 6 + 11 * 8, "ffffffff", 8);
    expect_broken(a.bytes, whole, "a name in the archive reaches beyond the archive", "largest name");
    memcpy(a.bytes + 6 + 11 * 8, "00000004", 8);
    expect_broken(a.bytes, whole, "a name in the archive has no end", "NUL not counted");
    memcpy(a.bytes + 6 + 11 * 8, "00000000", 8);
    expect_broken(a.bytes, whole, "a name in the archive has no end", "no name at all");
    memcpy(a.bytes + 6 + 11 * 8, "00000005", 8);
    memcpy(a.bytes + 6 + 6 * 8, "ffffffff", 8);
    expect_broken(a.bytes, whole, "a file in the archive reaches beyond the archive", "largest body");

    struct maker b = { 0 };
    add(&b, 0100644, "", 4, "body", 4);
    add_trailer(&b);
    expect_broken(b.bytes, b.used, "a name in the archive is empty", "only NULs");
}

TEST(archive, every_truncation_is_noticed)
{
    struct maker a = { 0 };
    size_t files;

    add_file(&a, "one", "1");
    add(&a, 0040755, "dir", 4, "", 0);
    add_file(&a, "three", "333");
    const size_t trailer_at = a.used;
    add_trailer(&a);
    for (size_t bytes = 0; bytes < a.used; bytes++) {
        const bool whole = bytes >= trailer_at + HEADER + 11 + 3;  /* with the padding of the trailer's name */
        EXPECT(!read_all(a.bytes, bytes, &files) == whole, "%zu of %zu bytes", bytes, a.used);
    }
}

TEST(archive, survives_random_damage)
{
    uint64_t state = test_seed();
    struct maker good = { 0 };
    size_t files, in_order = 0;

    add_file(&good, "one", "1");
    add_file(&good, "three", "333");
    add_trailer(&good);
    for (int round = 0; round < 20000; round++) {
        struct maker a = good;
        for (uint64_t hits = 1 + test_random(&state) % 3; hits > 0; hits--) {
            a.bytes[test_random(&state) % a.used] = (uint8_t)test_random(&state);
        }
        in_order += !read_all(a.bytes, test_random(&state) % (a.used + 1), &files);
        EXPECT(files <= 3, "no file appears out of nothing");
    }
    EXPECT(in_order > 0, "some damage is to names and bodies only");
}
