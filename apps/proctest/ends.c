/** @file ends.c  How processes end: by themselves, by others, by mistake, and with or without a parent. */
#include "proctest.h"

#define MOMENTS 100u

/* The state of @p pid.  @return false: there is no such process any more */
static bool look(uint64_t pid, struct process_info *info)
{
    return err_ok(process_next(pid - 1, info)) && info->pid == pid;
}

static void gone_soon(struct test *t, uint64_t pid)
{
    struct process_info info;

    for (unsigned i = 0; i < 2000; i++) {
        if (!look(pid, &info)) {
            return;
        }
        run_sleep(1000);
    }
    CHECK(t, false, "process %lu (%s) is still there", pid, info.name);
}

/* --- waiting --- */

static void waiting(struct test *t)
{
    uint64_t a, b, ended = 0;
    unsigned status = 0;

    EXPECT_ERR(t, process_wait(0, &ended, &status), E_PROC_CHILD);
    EXPECT_ERR(t, process_wait(1, &ended, &status), E_PROC_CHILD);
    EXPECT_ERR(t, process_wait(os_startup()->pid, &ended, &status), E_PROC_CHILD);
    EXPECT_ERR(t, process_wait(~0ull, &ended, &status), E_PROC_CHILD);
    MUST(t, run_start(WORDS("spin"), NULL, &a));
    MUST(t, run_start(WORDS("exit", "127"), NULL, &b));
    /* any: the one that ends */
    EXPECT_OK(t, process_wait(0, &ended, &status));
    CHECK_EQ(t, ended, b);
    CHECK_EQ(t, status, 127);
    EXPECT_ERR(t, process_wait(b, &ended, &status), E_PROC_CHILD);
    EXPECT_OK(t, process_kill(a));
    /* any: one that has ended already */
    EXPECT_OK(t, process_wait(0, &ended, &status));
    CHECK_EQ(t, ended, a);
    CHECK_EQ(t, status, STATUS_KILLED);
    EXPECT_ERR(t, process_wait(0, &ended, &status), E_PROC_CHILD);
    /* a number, while another one has ended before */
    MUST(t, run_start(WORDS("exit", "1"), NULL, &a));
    MUST(t, run_start(WORDS("exit", "2"), NULL, &b));
    run_ends(t, b, 2);
    run_ends(t, a, 1);
}

void ends_wait(struct test *t)
{
    test_same_memory(t, waiting);
}

/* --- list, name, status --- */

static void listing(struct test *t)
{
    static const char *const first[] = { "init", "mem", "proc" };
    struct process_info info = { .pid = 0 };
    uint64_t pid, before = 0;
    unsigned status;

    for (unsigned i = 0; i < 3; i++) {
        MUST(t, process_next(before, &info));
        CHECK(t, info.pid == i + 1 && strcmp(info.name, first[i]) == 0, "process %lu is %s", info.pid, info.name);
        before = info.pid;
    }
    const struct spawn_options options = { .limit = 8ull << 20 };
    MUST(t, run_start(WORDS("spin"), &options, &pid));
    CHECK(t, look(pid, &info), "it is not there");
    CHECK(t, strcmp(info.name, "spin") == 0, "its name is %s", info.name);
    CHECK_EQ(t, info.parent, os_startup()->pid);
    CHECK_EQ(t, info.state, PROCESS_RUNNING);
    CHECK_EQ(t, info.limit, options.limit);
    CHECK(t, info.granted > 0 && info.granted <= info.limit, "%lu bytes", info.granted);
    EXPECT_OK(t, process_kill(pid));
    CHECK(t, look(pid, &info), "it is not there");
    CHECK_EQ(t, info.state, PROCESS_ENDED);
    CHECK_EQ(t, info.status, STATUS_KILLED);
    EXPECT_OK(t, process_wait(pid, &pid, &status));
    CHECK(t, !look(pid, &info), "it is there after its end");
    EXPECT_ERR(t, process_next(~0ull, &info), E_PROC_PID);
}

void ends_list(struct test *t)
{
    test_same_memory(t, listing);
}

/* --- killing --- */

static void killing(struct test *t)
{
    uint64_t victim, pid;

    for (pid = 1; pid <= 3; pid++) {
        EXPECT_ERR(t, process_kill(pid), E_PROC_MANAGER);       /* without them the core is lost */
    }
    EXPECT_ERR(t, process_kill(0), E_PROC_PID);
    EXPECT_ERR(t, process_kill(~0ull), E_PROC_PID);
    MUST(t, run_start(WORDS("spin"), NULL, &victim));
    run_as(t, "stranger", victim, 0);
    EXPECT_OK(t, process_kill(victim));
    EXPECT_ERR(t, process_kill(victim), E_PROC_PID);            /* it has ended */
    run_ends(t, victim, STATUS_KILLED);
    EXPECT_ERR(t, process_kill(victim), E_PROC_PID);
}

void ends_kill(struct test *t)
{
    test_same_memory(t, killing);
}

static void itself(struct test *t)
{
    uint64_t pid, orphan;
    struct process_info info;

    run_as(t, "suicide", 0, STATUS_KILLED);
    /* the same without a parent that would keep its record */
    MUST(t, run_role("suicide-later", 0, NULL, &pid));
    run_ends(t, pid, 0);
    orphan = pid + 1;
    if (look(orphan, &info)) {
        gone_soon(t, orphan);
    }
}

void ends_kill_itself(struct test *t)
{
    test_same_memory(t, itself);
}

/* Kill @p words' process some time after its start: it has ended already, or it is killed. */
static void kill_after(struct test *t, const char *const *words, uint64_t yields, uint64_t microseconds)
{
    uint64_t pid, ended;
    unsigned status = 0;

    MUST(t, run_start(words, NULL, &pid));
    for (; yields > 0; yields--) {
        sys_yield();
    }
    if (microseconds) {
        run_sleep(microseconds);
    }
    const err_t err = process_kill(pid);
    CHECK(t, err_ok(err) || err_root(err) == E_PROC_PID, "%s", err_name(err_root(err)));
    MUST(t, process_wait(pid, &ended, &status));
    CHECK(t, status == (err_ok(err) ? STATUS_KILLED : 0), "status %u", status);
}

/* A child below us is interrupted wherever it is when we wake. */
static void any_moment(struct test *t)
{
    for (unsigned i = 0; i < MOMENTS && t->wrong == 0; i++) {
        switch (i % 5) {
        case 0: kill_after(t, WORDS("true"), i / 5, 0); break;
        case 1: kill_after(t, WORDS("hello", "one"), i / 5, 0); break;
        case 2: kill_after(t, WORDS("spin"), 0, i * 10); break;
        case 3: kill_after(t, WORDS("proctest", "as-child", "low", "0"), i % 2, i * 10); break;
        default: kill_after(t, WORDS("proctest", "as-child", "busy", "0"), i % 2, i * 53); break;
        }
        /* what a killed one leaves behind has no parent and ends by itself */
    }
}

/* The children of those that were killed. */
static void settle(struct test *t, uint64_t from)
{
    struct process_info info;

    for (uint64_t pid = from; err_ok(process_next(pid, &info)); pid = info.pid) {
        if (strcmp(info.name, "true") == 0) {
            gone_soon(t, info.pid);
        }
    }
}

static void any_moment_and_settle(struct test *t)
{
    any_moment(t);
    settle(t, os_startup()->pid);
}

void ends_kill_any_moment(struct test *t)
{
    test_same_memory(t, any_moment_and_settle);
}

/* All generations go, and nobody else. */
static void family(struct test *t)
{
    const uint64_t generations = 4;
    uint64_t pid, sibling, ended, count;
    struct process_info info;
    unsigned status = 0;

    MUST(t, run_start(WORDS("spin"), NULL, &sibling));
    MUST(t, run_role("family", generations, NULL, &pid));
    do {                                            /* all are there */
        run_sleep(200);
        count = 0;
        for (uint64_t at = sibling; err_ok(process_next(at, &info)) && id_core(info.pid) == 0; at = info.pid) {
            count++;
        }
    } while (count < 2 * generations);
    EXPECT_OK(t, process_kill_tree(pid));
    MUST(t, process_wait(pid, &ended, &status));
    CHECK_EQ(t, status, STATUS_KILLED);
    CHECK(t, err_ok(process_next(sibling - 1, &info)) && info.pid == sibling, "the sibling has gone, too");
    CHECK(t, !err_ok(process_next(sibling, &info)) || id_core(info.pid) != 0, "process %lu is left", info.pid);
    EXPECT_OK(t, process_kill(sibling));
    MUST(t, process_wait(sibling, &ended, &status));
}

void ends_kill_tree(struct test *t)
{
    test_same_memory(t, family);
}

/* --- crashing --- */

static void crashing(struct test *t)
{
    static const struct {
        const char *program;
        enum fault_cause cause;
    } crash[] = {
        { "crash-read", FAULT_READ }, { "crash-null", FAULT_WRITE }, { "crash-readonly", FAULT_WRITE },
        { "crash-stack", FAULT_WRITE }, { "crash-exec", FAULT_EXEC }, { "crash-align", FAULT_ALIGN },
        { "crash-undefined", FAULT_ILLEGAL }, { "crash-brk", FAULT_BREAKPOINT }, { "crash-abort", FAULT_BREAKPOINT },
    };

    for (unsigned i = 0; i < sizeof(crash) / sizeof(crash[0]); i++) {
        run(t, WORDS(crash[i].program), STATUS_CRASHED + crash[i].cause);
    }
}

void ends_crash(struct test *t)
{
    test_same_memory(t, crashing);
}

/* --- parents that end first --- */

static void orphans(struct test *t)
{
    struct process_info info;
    uint64_t parent, ended;
    unsigned status;

    /* it goes on, and ends by itself */
    MUST(t, run_role("leaver", 30, NULL, &parent));
    run_ends(t, parent, 0);
    CHECK(t, err_ok(process_next(parent, &info)) && strcmp(info.name, "proctest") == 0, "the child is not there");
    CHECK_EQ(t, info.parent, 0);
    CHECK_EQ(t, info.state, PROCESS_RUNNING);
    EXPECT_ERR(t, process_wait(info.pid, &ended, &status), E_PROC_CHILD);
    gone_soon(t, info.pid);
    /* it goes on until a manager ends it; nobody keeps its record */
    MUST(t, run_role("leaver", 0, NULL, &parent));
    run_ends(t, parent, 0);
    CHECK(t, err_ok(process_next(parent, &info)) && strcmp(info.name, "spin") == 0, "the child is not there");
    CHECK_EQ(t, info.parent, 0);
    const uint64_t orphan = info.pid;
    EXPECT_OK(t, process_kill(orphan));
    CHECK(t, !look(orphan, &info), "its record is kept");
    /* it ended before its parent, who never asked */
    MUST(t, run_role("careless", 0, NULL, &parent));
    run_ends(t, parent, 0);
    CHECK(t, !err_ok(process_next(parent, &info)) || strcmp(info.name, "exit") != 0, "its record is kept");
}

void ends_orphan(struct test *t)
{
    test_same_memory(t, orphans);
}
