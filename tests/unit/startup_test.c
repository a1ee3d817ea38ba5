/* startup_test.c  The startup block: what the maker writes is what the child reads, and what was damaged on the way is
 * refused or still harmless. */
#include "spawn_requests.h"

#include "../../libos/spawn/internal.h"

static uint64_t state;

/* The block in exactly as many bytes as it says it has. */
static struct startup *written(const struct maker *m, struct spawn_plan *plan)
{
    EXPECT(err_ok(spawn_plan(plan, &m->request)), "plan");
    struct startup *const page = calloc(1, plan->startup_bytes);
    block_write(page, plan, 0x80000000);
    EXPECT(page->bytes <= plan->startup_bytes, "room");
    struct startup *const block = malloc(page->bytes);
    memcpy(block, page, page->bytes);
    free(page);
    return block;
}

static void expect_strings(char **got, const char *const *want, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        EXPECT(strcmp(got[i], want[i]) == 0, "string %u is <%s>, wanted <%s>", i, got[i], want[i]);
    }
    EXPECT(!got[count], "end of the list");
}

TEST(startup, reads_what_was_written)
{
    state = test_seed();
    for (unsigned round = 0; round < 2000; round++) {
        struct maker m;
        struct spawn_plan plan;
        char **argv, **envp;

        maker_random(&m, &state, 0x10000);
        struct startup *const b = written(&m, &plan);
        EXPECT(err_ok(startup_check(b, b->bytes)), "a block of ours");
        EXPECT(b->pid == m.request.pid && strcmp(b->name, "program") == 0, "who");
        EXPECT(b->argc == m.request.argc && b->envc == m.request.envc, "counts");
        EXPECT(b->entry == m.image.elf.entry && b->segments == m.image.elf.segment_count, "image");
        EXPECT(b->stack == plan.stack_va && b->upcall_stack == plan.upcall_va, "addresses");
        EXPECT(b->frame == plan.frame_va, "address of the frame");
        EXPECT(b->rings == plan.rings_va && b->ram_base == 0x80000000, "addresses");
        EXPECT(b->ram_bytes == plan.reserve_bytes && b->vspace_bytes == plan.list_bytes, "sizes");
        startup_strings(b, &argv, &envp);
        expect_strings(argv, m.argv, m.request.argc);
        expect_strings(envp, m.envp, m.request.envc);
        free(b);
    }
}

/* Whatever startup_check() accepts, startup_strings() and a reader of all strings stay inside. */
static void use(struct startup *b)
{
    char **argv, **envp;

    startup_strings(b, &argv, &envp);
    for (unsigned i = 0; i < b->argc; i++) {
        EXPECT(argv[i] + strlen(argv[i]) < (char *)b + b->bytes, "argument %u", i);
    }
    for (unsigned i = 0; i < b->envc; i++) {
        EXPECT(envp[i] + strlen(envp[i]) < (char *)b + b->bytes, "variable %u", i);
    }
    EXPECT(b->segments <= ELF_SEGMENTS_MAX && memchr(b->name, '\0', sizeof(b->name)), "fields");
}

TEST(startup, survives_damage)
{
    unsigned accepted = 0;

    state = test_seed() + 1;
    for (unsigned round = 0; round < 20000; round++) {
        struct maker m;
        struct spawn_plan plan;

        maker_random(&m, &state, 0x10000);
        struct startup *const b = written(&m, &plan);
        const size_t bytes = b->bytes;
        const size_t list = b->vspace, list_end = list + b->vspace_bytes;
        for (unsigned n = 1 + (unsigned)(test_random(&state) % 3); n > 0; n--) {
            size_t at = test_random(&state) % bytes;
            at = at >= list && at < list_end ? at % list : at;      /* that is vspace_adopt()'s to check */
            switch (test_random(&state) % 3) {
            case 0:
                ((uint8_t *)b)[at] ^= (uint8_t)(1u << test_random(&state) % 8);
                break;
            case 1:
                ((uint8_t *)b)[at] = (uint8_t)test_random(&state);
                break;
            default:
                ((uint32_t *)b)[at / 4] += (uint32_t)(test_random(&state) % 17) * 8 - 64;
                break;
            }
        }
        if (err_ok(startup_check(b, bytes))) {
            accepted++;
            use(b);
        }
        free(b);
    }
    EXPECT(accepted > 0 && accepted < 20000, "%u damaged blocks were accepted", accepted);
}

TEST(startup, refuses)
{
    struct maker m;
    struct spawn_plan plan;

    state = test_seed() + 2;
    maker_random(&m, &state, 0x10000);
    m.request.argc = m.request.envc = 2;
    static const struct {
        const char *why;
        size_t offset, bytes;
        uint64_t value;
        enum err_code want;
    } damage[] = {
#define FIELD(name) offsetof(struct startup, name), sizeof(((struct startup *)0)->name)
        { "magic", FIELD(magic), 1, E_STARTUP },
        { "version", FIELD(version), STARTUP_VERSION + 1, E_STARTUP_VERSION },
        { "shorter than its fixed part", FIELD(bytes), sizeof(struct startup) - 8, E_STARTUP },
        { "longer than what is mapped", FIELD(bytes), STARTUP_BYTES_MAX, E_STARTUP },
        { "longer than any", FIELD(bytes), UINT32_MAX, E_STARTUP },
        { "no name", offsetof(struct startup, name), 1, 0, E_STARTUP },
        { "more arguments than there is room for", FIELD(argc), UINT32_MAX, E_STARTUP },
        { "fewer arguments", FIELD(argc), 1, E_STARTUP },
        { "argv not aligned", FIELD(argv), sizeof(struct startup) + 4, E_STARTUP },
        { "argv over the fixed part", FIELD(argv), 0, E_STARTUP },
        { "argv at the end", FIELD(argv), UINT32_MAX - 7, E_STARTUP },
        { "envp over argv", FIELD(envp), sizeof(struct startup), E_STARTUP },
        { "list too short", FIELD(vspace_bytes), 8, E_STARTUP },
        { "no segment", FIELD(segments), 0, E_STARTUP },
        { "too many segments", FIELD(segments), ELF_SEGMENTS_MAX + 1, E_STARTUP },
        { "too many capabilities", FIELD(passed), PASSED_MAX + 1, E_STARTUP },
        { "stack not in pages", FIELD(stack), PROCESS_LOW + 8, E_STARTUP },
        { "no stack", FIELD(stack_bytes), 0, E_STARTUP },
        { "stack beyond all", FIELD(stack_bytes), 1ull << 63, E_STARTUP },
        { "upcall stack at null", FIELD(upcall_stack), 0, E_STARTUP },
        { "frame too high", FIELD(frame), PROCESS_HIGH, E_STARTUP },
        { "rings too high", FIELD(rings), PROCESS_HIGH, E_STARTUP },
        { "too little RAM", FIELD(ram_bytes), STOCK_RAM_MIN - 4096, E_STARTUP },
        { "RAM not in pages", FIELD(ram_base), 1, E_STARTUP },
        { "segment at null", FIELD(segment[0].va), 0, E_STARTUP },
        { "segment of no bytes", FIELD(segment[0].bytes), 0, E_STARTUP },
        { "segment with a memory type", FIELD(segment[0].flags), MAP_READ | MAP_DEVICE, E_STARTUP },
#undef FIELD
    };

    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        struct startup *const b = written(&m, &plan);
        const size_t bytes = b->bytes;
        memcpy((char *)b + damage[i].offset, &damage[i].value, damage[i].bytes);
        EXPECT_EQ(startup_check(b, bytes).trail, damage[i].want, "%s", damage[i].why);
        free(b);
    }
    struct startup *const b = written(&m, &plan);
    memset(b->name, 'x', sizeof(b->name));
    EXPECT_EQ(startup_check(b, b->bytes).trail, E_STARTUP, "a name without end");
    EXPECT_EQ(startup_check(b, sizeof(*b) - 1).trail, E_STARTUP, "less than the fixed part is mapped");
    free(b);
    struct startup *const c = written(&m, &plan);
    ((char *)c)[c->bytes - 1] = 'x';
    EXPECT_EQ(startup_check(c, c->bytes).trail, E_STARTUP, "a string without end");
    free(c);
}
