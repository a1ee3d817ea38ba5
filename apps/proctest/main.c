/** @file main.c  proctest all | NAME ... : tests of processes; status 0 if every one passed, else 1. */
#include "proctest.h"

static const struct {
    const char *name;
    void (*run)(struct test *t);
} table[] = {
    { "memory-64m", memory_64m },
    { "memory-1g", memory_1g },
    { "many-after-another", many_after_another },
    { "many-at-once", many_at_once },
    { "many-of-one", many_of_one },
    { "many-arguments", many_arguments },
    { "ends-wait", ends_wait },
    { "ends-list", ends_list },
    { "ends-kill", ends_kill },
    { "ends-kill-itself", ends_kill_itself },
    { "ends-kill-any-moment", ends_kill_any_moment },
    { "ends-kill-tree", ends_kill_tree },
    { "ends-crash", ends_crash },
    { "ends-orphan", ends_orphan },
    { "refuse-everything", refuse_everything },
    { "refuse-draft-is-forgotten", refuse_draft_is_forgotten },
    { "hostile-messages", hostile_messages },
    { "hostile-clinging", hostile_clinging },
    { "hostile-stall", hostile_stall },
    { "short-limit", short_limit },
    { "short-at-every-page", short_at_every_page },
    { "short-machine", short_machine },
};

static bool wanted(const char *name, int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], "all") == 0 || strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static unsigned run_wanted(int count, char **names, unsigned *failed)
{
    unsigned done = 0;

    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct test t = { .name = table[i].name };
        if (!wanted(t.name, count, names)) {
            continue;
        }
        done++;
        table[i].run(&t);
        *failed += t.wrong != 0;
        if (t.wrong == 0) {
            print("ok %s\n", t.name);
        }
    }
    return done;
}

/* Servers that start at boot refill what they have in hand when their first clients and names come: free memory is compared from
 * when it has stayed the same for a quarter of a second. */
static void wait_for_quiet(void)
{
    uint64_t total, unused = 0, last = 1;

    for (unsigned same = 0, looks = 0; same < 10 && looks < 400; looks++) {
        same = err_ok(process_memory(&total, &unused)) && unused == last ? same + 1 : 0;
        last = unused;
        run_sleep(25000);
    }
}

int main(int argc, char **argv, char **envp)
{
    unsigned failed = 0;

    (void)envp;
    if (argc > 1 && strcmp(argv[1], "as-child") == 0) {
        return as_child(argc, argv);
    }
    if (argc > 1) {
        wait_for_quiet();
    }
    const unsigned done = run_wanted(argc - 1, argv + 1, &failed);
    if (done == 0) {
        print("proctest: wants the names of tests, or all:\n");
        for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
            print("  %s\n", table[i].name);
        }
        return 2;
    }
    print("proctest: %u passed, %u failed\n", done - failed, failed);
    return failed != 0;
}
