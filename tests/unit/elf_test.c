/* elf_test.c  The reader of ELF executables: a linker's output, and each way to be broken. */
#include "test.h"

#include <shoal/elf.h>
#include <shoal/invoke.h>

#define VA_MIN 0x10000ull
#define VA_MAX 0x800000000000ull
#define R 4u
#define W 2u
#define X 1u

enum { EH_BYTES = 64, PH_BYTES = 56, FILE_BYTES = 0x4000 };

/** A file with up to 16 program headers right after the ELF header. */
struct maker {
    uint8_t bytes[FILE_BYTES];
    unsigned headers;
};

static void put(uint8_t *at, unsigned bytes, uint64_t value)
{
    for (unsigned i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint8_t *header(struct maker *f, unsigned index)
{
    return f->bytes + EH_BYTES + index * PH_BYTES;
}

static void add(struct maker *f, unsigned flags, uint64_t va, uint64_t offset, uint64_t file_bytes, uint64_t mem_bytes)
{
    uint8_t *h = header(f, f->headers++);

    put(h, 4, 1);
    put(h + 4, 4, flags);
    put(h + 8, 8, offset);
    put(h + 16, 8, va);
    put(h + 24, 8, va);
    put(h + 32, 8, file_bytes);
    put(h + 40, 8, mem_bytes);
    put(h + 48, 8, 0x1000);
    put(f->bytes + 56, 2, f->headers);
}

static struct maker empty(void)
{
    struct maker f = { .bytes = { 0x7f, 'E', 'L', 'F', 2, 1, 1 } };

    put(f.bytes + 16, 2, 2);
    put(f.bytes + 18, 2, 183);
    put(f.bytes + 20, 4, 1);
    put(f.bytes + 24, 8, 0x400010);
    put(f.bytes + 32, 8, EH_BYTES);
    put(f.bytes + 52, 2, EH_BYTES);
    put(f.bytes + 54, 2, PH_BYTES);
    return f;
}

/** Text at 0x400000, data at 0x402100 with 0x80 bytes in the file and 0x2000 in memory. */
static struct maker good(void)
{
    struct maker f = empty();

    add(&f, R | X, 0x400000, 0, 0x1800, 0x1800);
    add(&f, R | W, 0x402100, 0x2100, 0x80, 0x2000);
    return f;
}

/** Reads a copy of exactly @p bytes bytes, misaligned, so that the sanitizers see what should not be. */
static const char *read_exact(const void *file, size_t bytes, uint64_t va_min, uint64_t va_max, struct elf_image *image)
{
    uint8_t *copy = malloc(bytes + 1);

    memcpy(copy + 1, file, bytes);
    const char *broken = elf_read(copy + 1, bytes, va_min, va_max, image);
    free(copy);
    return broken;
}

static void expect_broken(const struct maker *f, const char *want, const char *why)
{
    struct elf_image image;
    const char *got = read_exact(f->bytes, sizeof(f->bytes), VA_MIN, VA_MAX, &image);

    EXPECT(got && strcmp(got, want) == 0, "%s: got \"%s\", wanted \"%s\"", why, got ? got : "no error", want);
}

static void expect_good(const struct maker *f, const char *why)
{
    struct elf_image image;
    const char *got = read_exact(f->bytes, sizeof(f->bytes), VA_MIN, VA_MAX, &image);

    EXPECT(!got, "%s: got \"%s\"", why, got);
}

/** What elf.h promises of an image, whatever the file was. */
static void expect_promises(const struct elf_image *image, size_t file_bytes)
{
    bool entry_in_code = false;

    EXPECT(image->segment_count >= 1 && image->segment_count <= ELF_SEGMENTS_MAX, "number of segments");
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *s = &image->segment[i];
        EXPECT(s->va >= VA_MIN && s->mem_bytes > 0, "range");
        EXPECT(s->mem_bytes <= VA_MAX && s->va <= VA_MAX - s->mem_bytes, "range");
        EXPECT(s->file_bytes <= s->mem_bytes, "sizes");
        EXPECT(s->file_offset <= file_bytes && s->file_bytes <= file_bytes - s->file_offset, "bounds");
        EXPECT(s->va % 4096 == s->file_offset % 4096, "congruence");
        EXPECT((s->flags & ~(MAP_READ | MAP_WRITE | MAP_EXEC)) == 0, "flags");
        EXPECT((s->flags & (MAP_WRITE | MAP_EXEC)) != (MAP_WRITE | MAP_EXEC), "W and X");
        EXPECT(i == 0 || (s[-1].va + s[-1].mem_bytes - 1) / 4096 < s->va / 4096, "sorted, pages apart");
        entry_in_code |= (s->flags & MAP_EXEC) && image->entry >= s->va && image->entry < s->va + s->mem_bytes;
    }
    EXPECT(entry_in_code, "entry");
}

TEST(elf, lists_segments)
{
    struct maker f = good();
    struct elf_image image;

    EXPECT(!read_exact(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image), "in order");
    EXPECT_EQ(image.segment_count, 2, "segments");
    EXPECT_EQ(image.entry, 0x400010, "entry");
    EXPECT_EQ(image.segment[0].flags, MAP_READ | MAP_EXEC, "text");
    EXPECT_EQ(image.segment[1].va, 0x402100, "data");
    EXPECT_EQ(image.segment[1].file_offset, 0x2100, "data");
    EXPECT_EQ(image.segment[1].file_bytes, 0x80, "data");
    EXPECT_EQ(image.segment[1].mem_bytes, 0x2000, "data");
    EXPECT_EQ(image.segment[1].flags, MAP_READ | MAP_WRITE, "data");
    expect_promises(&image, sizeof(f.bytes));
}

TEST(elf, sorts_and_passes_over_other_headers)
{
    struct maker f = empty();
    struct elf_image image;

    add(&f, R | W, 0x700000, 0, 0, 1);
    add(&f, R, 0xdead0000dead, 1, 5, 1);
    put(header(&f, 1), 4, 0x6474e551);          /* GNU_STACK: no segment, whatever it says */
    add(&f, R | X, 0x400000, 0, 0x100, 0x100);
    add(&f, W, 0x123, 7, 0, 0);                 /* occupies nothing */
    add(&f, R, 0x500000, 0x1000, 1, 1);
    EXPECT(!read_exact(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image), "in order");
    EXPECT_EQ(image.segment_count, 3, "segments");
    EXPECT_EQ(image.segment[0].va, 0x400000, "first");
    EXPECT_EQ(image.segment[1].va, 0x500000, "second");
    EXPECT_EQ(image.segment[2].va, 0x700000, "third");
}

/* A header of that type, wherever it stands, says so if it has a size. */
TEST(elf, knows_who_serves_its_own_faults)
{
    struct maker f = good();
    struct elf_image image = { .paging = true };

    EXPECT(!read_exact(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image) && !image.paging, "no header");
    add(&f, R, 0x400010, 0x10, 1, 1);
    put(header(&f, 2), 4, ELF_PT_PAGING);
    EXPECT(!read_exact(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image) && image.paging, "one with a size");
    EXPECT_EQ(image.segment_count, 2, "it is no segment");
    put(header(&f, 2) + 40, 8, 0);
    EXPECT(!read_exact(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image) && !image.paging, "one without");
}

TEST(elf, reads_what_the_linker_makes)
{
    static uint8_t file[1 << 20];
    struct elf_image image;
    FILE *in = fopen(ELF_PROGRAM, "rb");
    const size_t bytes = in ? fread(file, 1, sizeof(file), in) : 0;

    if (in) {
        fclose(in);
    }
    const char *broken = read_exact(file, bytes, VA_MIN, VA_MAX, &image);
    EXPECT(!broken, "%s (%zu bytes): %s", ELF_PROGRAM, bytes, broken);
    if (!broken) {
        unsigned seen = 0;
        expect_promises(&image, bytes);
        for (size_t i = 0; i < image.segment_count; i++) {
            seen |= 1u << image.segment[i].flags;
        }
        EXPECT(seen & 1u << (MAP_READ | MAP_EXEC), "text");
        EXPECT(seen & 1u << MAP_READ, "constants");
        EXPECT(seen & 1u << (MAP_READ | MAP_WRITE), "data");
    }
}

TEST(elf, refuses_each_broken_header)
{
    static const struct {
        const char *why;
        unsigned at, bytes;
        uint64_t value;
        const char *want;
    } refused[] = {
        { "magic", 0, 1, 0x7e, "the file is not ELF" },
        { "magic", 3, 1, 'G', "the file is not ELF" },
        { "32 bits", 4, 1, 1, "the ELF file is not of the 64-bit class" },
        { "big-endian", 5, 1, 2, "the ELF file is not little-endian" },
        { "version in the identification", 6, 1, 0, "the ELF file is of an unknown version" },
        { "version", 20, 4, 2, "the ELF file is of an unknown version" },
        { "object file", 16, 2, 1, "the ELF file is no executable with fixed addresses" },
        { "shared object", 16, 2, 3, "the ELF file is no executable with fixed addresses" },
        { "x86-64", 18, 2, 62, "the ELF file is not for AArch64" },
        { "header size", 54, 2, 55, "the ELF program headers have an unknown size" },
        { "no header size", 54, 2, 0, "the ELF program headers have an unknown size" },
        { "one header too far", 32, 8, FILE_BYTES - 2 * PH_BYTES + 1, "the ELF program headers reach beyond the file" },
        { "headers after the end", 32, 8, FILE_BYTES + 1, "the ELF program headers reach beyond the file" },
        { "headers near 2^64", 32, 8, -(uint64_t)PH_BYTES, "the ELF program headers reach beyond the file" },
        { "as many as can be", 56, 2, 0xffff, "the ELF program headers reach beyond the file" },
        { "no headers", 56, 2, 0, "the ELF file has no segment to load" },
        { "entry before all", 24, 8, 0, "the ELF entry point is no instruction in an executable segment" },
        { "entry in data", 24, 8, 0x402100, "the ELF entry point is no instruction in an executable segment" },
        { "entry just after", 24, 8, 0x401800, "the ELF entry point is no instruction in an executable segment" },
        { "odd entry", 24, 8, 0x400012, "the ELF entry point is no instruction in an executable segment" },
        { "entry near 2^64", 24, 8, -4ull, "the ELF entry point is no instruction in an executable segment" },
    };

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct maker f = good();
        put(f.bytes + refused[i].at, refused[i].bytes, refused[i].value);
        expect_broken(&f, refused[i].want, refused[i].why);
    }
}

TEST(elf, refuses_each_broken_segment)
{
    static const struct {
        const char *why;
        unsigned flags;
        uint64_t va, offset, file_bytes, mem_bytes;
        const char *want;
    } refused[] = {
        { "file part larger", R, 0x500000, 0, 2, 1, "an ELF segment is larger in the file than in memory" },
        { "file part without memory", R, 0x500000, 0, 1, 0, "an ELF segment is larger in the file than in memory" },
        { "one byte too long", R, 0x500000, 0x3000, 0x1001, 0x2000, "an ELF segment reaches beyond the file" },
        { "starts after the end", R, 0x500001, 0x4001, 0, 1, "an ELF segment reaches beyond the file" },
        { "offset near 2^64", R, 0x500000, -0x1000ull, 0x2000, 0x2000, "an ELF segment reaches beyond the file" },
        { "size near 2^64", R, 0x500000, 0x1000, -0x1000ull, -1ull, "an ELF segment reaches beyond the file" },
        { "below the range", R, VA_MIN - 1, 0xfff, 1, 2, "an ELF segment has an address out of range" },
        { "at its end", R, VA_MAX, 0, 0, 1, "an ELF segment has an address out of range" },
        { "across its end", R, VA_MAX - 0x1000, 0, 0, 0x1001, "an ELF segment has an address out of range" },
        { "memory near 2^64", R, 0x500000, 0, 0, -1ull, "an ELF segment has an address out of range" },
        { "kernel address", R, 0xffff000000000000, 0, 0, 1, "an ELF segment has an address out of range" },
        { "misaligned", R, 0x500010, 0, 1, 1, "an ELF segment lies differently in its page than in the file" },
        { "W and X", R | W | X, 0x500000, 0, 1, 1, "an ELF segment is both writable and executable" },
        { "no rights", 0, 0x500000, 0, 1, 1, "an ELF segment is not readable" },
        { "execute only", X, 0x500000, 0, 1, 1, "an ELF segment is not readable" },
        { "page of the text", R, 0x401fff, 0xfff, 1, 1, "two ELF segments share a page" },
        { "page of the data's end", R, 0x4040ff, 0xff, 1, 1, "two ELF segments share a page" },
        { "same address", R, 0x400000, 0, 1, 1, "two ELF segments share a page" },
        { "around the text", R, 0x3ff000, 0, 0, 0x10000, "two ELF segments share a page" },
    };

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct maker f = good();
        add(&f, refused[i].flags, refused[i].va, refused[i].offset, refused[i].file_bytes, refused[i].mem_bytes);
        expect_broken(&f, refused[i].want, refused[i].why);
    }
}

TEST(elf, accepts_what_just_fits)
{
    struct maker f = good();

    add(&f, R, VA_MAX - 0x1000, 0x3000, 0x1000, 0x1000);
    expect_good(&f, "up to the ends of file and range");
    add(&f, R, VA_MIN, 0, 0, 1);
    expect_good(&f, "at the start of the range");
    add(&f, R, 0x405000, 0x4000, 0, 0x1000);
    expect_good(&f, "the page after the data, nothing in the file");
    add(&f, R, 0x3ff000, 0x2000, 1, 0x1000);
    expect_good(&f, "the page before the text");
}

TEST(elf, counts_segments)
{
    struct maker f = good();

    while (f.headers < ELF_SEGMENTS_MAX) {
        add(&f, R, 0x500000 + f.headers * 0x1000ull, 0, 1, 1);
    }
    expect_good(&f, "as many as there is room for");
    add(&f, R, 0x300000, 0, 1, 1);
    expect_broken(&f, "the ELF file has too many segments", "one more");
}

TEST(elf, reads_nothing_beyond_a_short_file)
{
    struct maker f = good();
    struct elf_image image;

    for (size_t bytes = 0; bytes < 0x2180; bytes++) {
        const char *got = read_exact(f.bytes, bytes, VA_MIN, VA_MAX, &image);
        const char *want = bytes < EH_BYTES                  ? "the file is not ELF"
                           : bytes < EH_BYTES + 2 * PH_BYTES ? "the ELF program headers reach beyond the file"
                                                             : "an ELF segment reaches beyond the file";
        EXPECT(got && strcmp(got, want) == 0, "%zu bytes: %s", bytes, got);
    }
    EXPECT(!read_exact(f.bytes, 0x2180, VA_MIN, VA_MAX, &image), "just enough");
}

TEST(elf, survives_random_damage)
{
    uint64_t state = test_seed();
    int in_order = 0;

    for (int round = 0; round < 20000; round++) {
        struct maker f = good();
        struct elf_image image;
        for (uint64_t hits = 1 + test_random(&state) % 4; hits > 0; hits--) {
            f.bytes[test_random(&state) % (EH_BYTES + 2 * PH_BYTES)] = (uint8_t)test_random(&state);
        }
        if (!elf_read(f.bytes, sizeof(f.bytes), VA_MIN, VA_MAX, &image)) {
            expect_promises(&image, sizeof(f.bytes));
            in_order++;
        }
    }
    EXPECT(in_order > 0, "some damage does not matter");
}
