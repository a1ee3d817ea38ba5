/** @file main.c  bindrandom all | NAME ... : status 0 if nothing was wrong, else 1. */
#include "bindrandom.h"

#define SEEDS 3u

static const struct unit *const units[] = { &unit_every, &unit_one, &unit_two, &unit_three, &unit_four };

#define UNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *unit;             /* the one whose turn it is */

/* What proctest's checks need of who starts programs. */
void run_ends(struct test *t, uint64_t pid, unsigned status)
{
    uint64_t ended = 0;
    unsigned got = 0;

    if (EXPECT_OK(t, process_wait(pid, &ended, &got))) {
        CHECK_EQ(t, ended, pid);
        CHECK(t, got == status, "the server ended with status %u, wanted %u", got, status);
    }
}

static err_t start(const char *service, uint64_t seed, uint64_t *pid)
{
    char number[24];

    (void)format_text(number, sizeof(number), "%lu", seed);
    const char *const words[] = { "bindrandom", "as-child", unit->name, service, number };
    return process_spawn(5, words, NULL, pid);
}

static void one_seed(struct test *t, uint64_t seed)
{
    static unsigned servers;
    char service[9];
    uint64_t pid;
    iref_t iref;

    (void)format_text(service, sizeof(service), "rnd%u", servers++);
    world_begin(false, seed);
    MUST(t, start(service, seed, &pid));
    if (EXPECT_OK(t, binding_lookup(service, true, &iref)) && !unit->talk(iref)) {
        CHECK(t, false, "seed %lu: %lu wrong", seed, world.wrong);
        err_ignore(process_kill(pid));
    }
    const unsigned halves = unit->halves;
    CHECK(t, t->wrong || world.received >= halves, "only %lu messages came for %u halves", world.received, halves);
    run_ends(t, pid, 0);
}

static void all_seeds(struct test *t)
{
    for (uint64_t seed = 1; seed <= SEEDS && t->wrong == 0; seed++) {
        one_seed(t, seed);
    }
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "all") == 0 || strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static int run_wanted(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    for (unsigned i = 0; i < UNITS; i++) {
        struct test t = { .name = units[i]->name };
        unit = units[i];
        if (!wanted(t.name, argc, argv)) {
            continue;
        }
        test_same_memory(&t, all_seeds);
        failed += t.wrong != 0;
        passed += t.wrong == 0;
        if (t.wrong == 0) {
            print("ok %s\n", t.name);
        }
    }
    print("bindrandom: %u passed, %u failed\n", passed, failed);
    return failed != 0 || passed == 0;
}

static int as_server(char **argv)
{
    uint64_t seed = 0;

    for (const char *c = argv[4]; *c; c++) {
        seed = seed * 10 + (uint64_t)(*c - '0');
    }
    world_begin(true, seed);
    for (unsigned i = 0; i < UNITS; i++) {
        if (strcmp(units[i]->name, argv[2]) == 0) {
            return units[i]->serve(argv[3]) ? 0 : 1;
        }
    }
    return 127;
}

int main(int argc, char **argv, char **envp)
{
    (void)envp;
    err_t err = thread_start_library();
    if (err_ok(err)) {
        err = binding_lmp_start();
    }
    if (err_ok(err)) {
        err = world_frames();
    }
    if (!err_ok(err)) {
        err_print("bindrandom", err);
        return 1;
    }
    return argc == 5 && strcmp(argv[1], "as-child") == 0 ? as_server(argv) : run_wanted(argc, argv);
}
