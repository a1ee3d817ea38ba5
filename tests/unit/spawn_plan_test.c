/* spawn_plan_test.c  What goes where in a new process: nothing overlaps, everything fits, and page tables are counted
 * as a naive model counts them. */
#include "spawn_requests.h"

#include "../../libos/spawn/internal.h"

static uint64_t state;

struct part {
    uint64_t at, bytes;
    const char *name;
};

static void expect_apart(const struct part *part, unsigned count, uint64_t lo, uint64_t hi, const char *where)
{
    for (unsigned i = 0; i < count; i++) {
        EXPECT(part[i].at % 4096 == 0 && part[i].bytes % 4096 == 0, "%s: %s in pages", where, part[i].name);
        EXPECT(part[i].at >= lo && part[i].at + part[i].bytes <= hi, "%s: %s inside", where, part[i].name);
        for (unsigned k = 0; k < i; k++) {
            EXPECT(part[i].at + part[i].bytes <= part[k].at || part[k].at + part[k].bytes <= part[i].at,
                   "%s: %s and %s", where, part[i].name, part[k].name);
        }
    }
}

static void check_ram(const struct spawn_plan *p)
{
    const struct part part[] = {
        { p->l1, 4096, "L1" }, { p->task, 16384, "task CNode" },
        { p->root, 4096, "root" }, { p->kernel_page, 4096, "dispatcher" }, { p->frame, 4096, "frame" },
        { p->tables, p->tables_bytes, "tables" }, { p->reserve, p->reserve_bytes, "reserve" },
        { p->memory, p->memory_bytes, "memory" },
    };
    uint64_t sum = 0;

    expect_apart(part, sizeof(part) / sizeof(part[0]), 0, p->bytes, "RAM");
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        sum += part[i].bytes;
    }
    EXPECT_EQ(p->bytes, sum, "no page is left over");
}

/* Addresses in use, guards included, lowest first. */
static unsigned addresses(const struct spawn_plan *p, struct part part[ELF_SEGMENTS_MAX + 6])
{
    unsigned n = 0;

    for (; n < p->request->image->elf.segment_count; n++) {
        part[n] = (struct part){ p->segment[n].va, p->segment[n].bytes, p->segment[n].lazy ? "lazy" : "segment" };
    }
    part[n++] = (struct part){ p->upcall_va - 4096, 4096, "guard" };
    part[n++] = (struct part){ p->upcall_va, SPAWN_UPCALL_BYTES, "upcall stack" };
    part[n++] = (struct part){ p->stack_va - 4096, 4096, "guard of the stack" };
    part[n++] = (struct part){ p->stack_va, p->stack_bytes, "stack" };
    part[n++] = (struct part){ p->rings_va, 4096, "rings" };
    part[n++] = (struct part){ p->startup_va, p->startup_bytes, "startup block" };
    part[n++] = (struct part){ p->frame_va, 4096, "dispatcher frame" };
    return n;
}

/* A table per span of each level that any page lies in, page by page. */
static uint64_t naive_tables(const struct part *part, unsigned count)
{
    uint64_t tables = 0, last[4] = { ~0ull, ~0ull, ~0ull, ~0ull };

    for (unsigned i = 0; i < count; i++) {
        for (uint64_t va = part[i].at; va < part[i].at + part[i].bytes; va += 4096) {
            for (unsigned level = 1; level <= 3 && strncmp(part[i].name, "guard", 5) != 0 && part[i].name[0] != 'l'; level++) {
                const uint64_t span = va >> (48 - 9 * level);
                tables += span != last[level];
                last[level] = span;
            }
        }
    }
    return tables;
}

static void check_memory(const struct spawn_plan *p)
{
    const struct image *image = p->request->image;
    struct part part[ELF_SEGMENTS_MAX + 4];
    uint64_t written = p->written_offset + p->startup_bytes, lazy_bytes = 0;
    unsigned n = 0;

    part[n++] = (struct part){ 0, SPAWN_UPCALL_BYTES, "upcall stack" };
    part[n++] = (struct part){ p->stack_offset, p->stack_bytes, "stack" };
    part[n++] = (struct part){ p->stack_offset + p->stack_bytes, 4096, "rings" };
    part[n++] = (struct part){ p->written_offset, p->startup_bytes, "startup block" };
    EXPECT(p->startup_va - p->stack_va == p->written_offset - p->stack_offset, "mapped in one piece");
    for (size_t i = 0; i < image->elf.segment_count; i++) {
        const struct elf_segment *s = &image->elf.segment[i];
        const struct spawn_segment *to = &p->segment[i];
        EXPECT(to->va <= s->va && s->va + s->mem_bytes <= to->va + to->bytes, "pages");
        EXPECT(to->bytes < s->mem_bytes + 8192, "no more pages than that");
        if (to->in_place) {
            EXPECT(image->frame && !(s->flags & MAP_WRITE) && s->file_bytes == s->mem_bytes, "may be shared");
            EXPECT_EQ(to->offset + s->va % 4096, image->frame_offset + s->file_offset, "the file's own bytes");
            EXPECT(to->offset + to->bytes <= image->frame_bytes, "inside the frame");
            continue;
        }
        const bool lazy = p->request->lazy && image->elf.paging && s->file_bytes == 0 && s->flags & MAP_WRITE &&
                          s->mem_bytes >= SPAWN_LAZY_MIN;
        EXPECT_EQ(to->lazy, lazy, "lazy");
        if (lazy) {
            lazy_bytes += to->bytes;
            continue;
        }
        part[n++] = (struct part){ to->offset, to->bytes, "copied segment" };
        if (s->file_bytes > 0) {
            const uint64_t end = to->offset + s->va % 4096 + s->file_bytes;
            EXPECT(to->offset >= p->written_offset && end <= p->written_offset + p->written_bytes, "written");
            written = end > written ? end : written;
        }
    }
    EXPECT_EQ(p->lazy_bytes, lazy_bytes, "all that is lazy");
    expect_apart(part, n, 0, p->memory_bytes, "memory");
    EXPECT_EQ(p->written_offset + p->written_bytes, page_up(written), "nothing more than what is written");
}

TEST(spawn_plan, random_images)
{
    unsigned refused = 0, shared = 0, lazy = 0;

    state = test_seed();
    for (unsigned round = 0; round < 4000; round++) {
        struct maker m;
        struct spawn_plan p;
        struct part part[ELF_SEGMENTS_MAX + 7];

        maker_random(&m, &state, 1 + test_random(&state) % (round % 40 ? 0x20000 : 0x4000000));
        const err_t err = spawn_plan(&p, &m.request);
        if (!err_ok(err)) {
            EXPECT_EQ(err.trail, E_SPAWN_SLOTS, "the only reason left");
            refused++;
            continue;
        }
        const unsigned n = addresses(&p, part);
        expect_apart(part, n, PROCESS_LOW, PROCESS_HIGH, "addresses");
        for (unsigned i = 1; i < n; i++) {
            EXPECT(part[i - 1].at < part[i].at, "in order");
        }
        EXPECT_EQ(p.tables_bytes, naive_tables(part, n) * 4096, "tables");
        check_ram(&p);
        check_memory(&p);
        for (size_t i = 0; i < m.image.elf.segment_count; i++) {
            shared += p.segment[i].in_place;
            lazy += p.segment[i].lazy;
        }
        EXPECT(block_bytes(&m.request, p.list_bytes) <= p.startup_bytes, "the block fits");
    }
    EXPECT(shared > 100, "%u segments are mapped in place", shared);
    EXPECT(lazy > 3, "%u are lazy", lazy);
    EXPECT(refused < 100, "%u refused", refused);
}

static struct maker plain(void)
{
    struct maker m;

    state = 5;
    maker_random(&m, &state, 0x3000);
    m.request.argc = m.request.envc = 0;
    m.request.stack_bytes = m.request.reserve_bytes = 0;
    return m;
}

static void expect_plan(const struct maker *m, enum err_code want, const char *why)
{
    struct spawn_plan p;
    struct spawn_request r = m->request;

    r.image = &m->image;                /* the maker was copied */
    EXPECT_EQ(spawn_plan(&p, &r).trail, want, "%s", why);
}

TEST(spawn_plan, refuses)
{
    struct maker m = plain();
    char name[STARTUP_NAME_BYTES + 1];

    m.request.name = "x";
    expect_plan(&m, E_OK, "plain");
    m.request.name = "";
    expect_plan(&m, E_SPAWN_NAME, "no name");
    memset(name, 'x', sizeof(name));
    name[STARTUP_NAME_BYTES] = '\0';
    m.request.name = name;
    expect_plan(&m, E_SPAWN_NAME, "a name that is too long");
    m.request.name = name + 1;
    expect_plan(&m, E_OK, "the longest name");
    m.request.passed_count = PASSED_MAX;
    expect_plan(&m, E_OK, "as many capabilities as there are slots");
    m.request.passed_count++;
    expect_plan(&m, E_SPAWN_PASSED, "one more");
    m.request.passed_count = 0;

    static const struct {
        uint64_t stack, reserve;
        enum err_code want;
    } size[] = {
        { 1, 0, E_SPAWN_STACK }, { 4097, 0, E_SPAWN_STACK }, { SPAWN_STACK_MAX + 4096, 0, E_SPAWN_STACK },
        { UINT64_MAX - 4095, 0, E_SPAWN_STACK }, { 4096, 0, E_OK }, { SPAWN_STACK_MAX, 0, E_OK },
        { 0, STOCK_RAM_MIN - 4096, E_SPAWN_RESERVE }, { 0, STOCK_RAM_MIN + 1, E_SPAWN_RESERVE },
        { 0, SPAWN_RESERVE_MAX + 4096, E_SPAWN_RESERVE }, { 0, SPAWN_RESERVE_MAX, E_OK }, { 0, STOCK_RAM_MIN, E_OK },
    };
    for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
        m.request.stack_bytes = size[i].stack;
        m.request.reserve_bytes = size[i].reserve;
        expect_plan(&m, size[i].want, "sizes");
    }
}

/* Arguments up to the size of the block, and not a byte further. */
TEST(spawn_plan, arguments)
{
    static char text[STARTUP_BYTES_MAX + 1];
    static const char *argv[STARTUP_BYTES_MAX / 8];
    struct maker m = plain();
    uint64_t longest = 0;

    m.request.name = "x";
    m.request.argv = argv;
    m.request.argc = 1;
    argv[0] = text;
    memset(text, 'x', STARTUP_BYTES_MAX);
    for (uint64_t length = STARTUP_BYTES_MAX - 4096; length < STARTUP_BYTES_MAX; length++) {
        struct spawn_plan p;
        struct spawn_request r = m.request;
        r.image = &m.image;
        text[length] = '\0';
        const err_t err = spawn_plan(&p, &r);
        if (err_ok(err)) {
            EXPECT(length == STARTUP_BYTES_MAX - 4096 || longest == length - 1, "one limit");
            EXPECT(p.startup_bytes <= STARTUP_BYTES_MAX && block_bytes(&r, p.list_bytes) <= p.startup_bytes, "fits");
            longest = length;
        } else {
            EXPECT_EQ(err.trail, E_SPAWN_ARGS, "too long");
        }
        text[length] = 'x';
    }
    EXPECT(longest > STARTUP_BYTES_MAX - 2048, "the longest argument is %lu", (unsigned long)longest);
    for (size_t i = 0; i < sizeof(argv) / sizeof(argv[0]); i++) {
        argv[i] = "";
    }
    m.request.argc = sizeof(argv) / sizeof(argv[0]);
    expect_plan(&m, E_SPAWN_ARGS, "too many");
    m.request.argc = 4000;
    expect_plan(&m, E_OK, "many");
}

/* An image over so many addresses that its page tables need more slots than one CNode has. */
TEST(spawn_plan, too_many_tables)
{
    struct maker m = plain();
    struct elf_segment *s = &m.image.elf.segment[m.image.elf.segment_count - 1];

    m.request.name = "x";
    s->mem_bytes = 64ull << 20;
    expect_plan(&m, E_OK, "64 MiB");
    s->mem_bytes = 256ull << 20;
    expect_plan(&m, E_SPAWN_SLOTS, "256 MiB");
    s->file_bytes = 0;
    s->flags = MAP_READ | MAP_WRITE;
    m.image.elf.paging = m.request.lazy = true;
    s->mem_bytes = 2048ull << 20;
    expect_plan(&m, E_OK, "2 GiB that come by page faults");
}
