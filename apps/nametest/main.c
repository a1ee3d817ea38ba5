/** @file main.c  nametest all: the name service, over two cores or more; status 0 if every test passed, else 1. */
#include "nametest.h"
#include <stubs/monitor.h>

#define SECONDS_MAX 20u             /* that a core takes to come up, or names to come back                          */

static void pause_ms(uint64_t ms)
{
    const uint64_t until = time_now() + time_hz() * ms / 1000;

    while (time_now() < until) {
        struct xfer x = { .accept = EVENT_NONE, .deadline = until };
        (void)sys_xfer(&x);
    }
}

static err_t start(const char *role, const char *name, uint64_t core, uint64_t *pid)
{
    const struct spawn_options options = { .elsewhere = true, .core = core };
    const char *const words[] = { "nametest", role, name };

    return process_spawn(3, words, &options, pid);
}

static void ends(struct test *t, uint64_t pid, unsigned status)
{
    uint64_t ended;
    unsigned got = 0;

    if (EXPECT_OK(t, process_wait(pid, &ended, &got))) {
        CHECK_EQ(t, got, status);
    }
}

static void end(struct test *t, uint64_t pid)
{
    EXPECT_OK(t, process_kill(pid));
    ends(t, pid, STATUS_KILLED);
}

/* The entry of that name.  @return it is in the list */
static bool listed(const char *name, struct name_entry *entry)
{
    *entry = (struct name_entry){ .name = "" };
    while (err_ok(name_next(entry->name, entry))) {
        if (strcmp(entry->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Within SECONDS_MAX it is there, or gone: owners on other cores go when their monitor has said so. */
static bool becomes(const char *name, bool there)
{
    const uint64_t until = time_now() + SECONDS_MAX * time_hz();
    iref_t service;

    while (err_ok(name_lookup(name, false, &service)) != there) {
        if (time_now() > until) {
            return false;
        }
        pause_ms(1);
    }
    return true;
}

static uint64_t process_named(const char *name)
{
    struct process_info info = { .pid = 0 };

    while (err_ok(process_next(info.pid, &info))) {
        if (strcmp(info.name, name) == 0 && info.state == PROCESS_RUNNING) {
            return info.pid;
        }
    }
    return 0;
}

static bool core_up(uint64_t core)
{
    const uint64_t until = time_now() + SECONDS_MAX * time_hz();
    uint64_t phase = CORE_DOWN;

    while (err_ok(monitor_core(os_monitor(), core, &phase)) && phase == CORE_STARTING && time_now() < until) {
        pause_ms(1);
    }
    return phase == CORE_UP;
}

/* --- tests --- */

static void refused(struct test *t)
{
    iref_t service;
    struct name_entry e;

    EXPECT_ERR(t, name_lookup("", false, &service), E_NAMES_NAME);
    EXPECT_ERR(t, name_lookup("a b", false, &service), E_NAMES_NAME);
    EXPECT_ERR(t, name_lookup("\033[2J", false, &service), E_NAMES_NAME);
    EXPECT_ERR(t, name_lookup("12345678901234567890123456789012", false, &service), E_NAMES_NAME);
    EXPECT_ERR(t, name_lookup("nobody", false, &service), E_NAMES_NONE);
    EXPECT_ERR(t, name_withdraw("serial"), E_NAMES_NONE);
    EXPECT_ERR(t, name_publish("serial", 1), E_NAMES_TAKEN);
    EXPECT_ERR(t, name_next("~", &e), E_NAMES_NONE);
    EXPECT_OK(t, name_publish("1234567890123456789012345678901", 77));
    EXPECT_OK(t, name_lookup("1234567890123456789012345678901", false, &service));
    CHECK_EQ(t, service, 77);
    EXPECT_OK(t, name_publish("1234567890123456789012345678901", 78));
    EXPECT_OK(t, name_lookup("1234567890123456789012345678901", false, &service));
    CHECK_EQ(t, service, 78);
    EXPECT_OK(t, name_withdraw("1234567890123456789012345678901"));
    EXPECT_ERR(t, name_lookup("1234567890123456789012345678901", false, &service), E_NAMES_NONE);
}

static void limit(struct test *t)
{
    char name[NAME_BYTES];

    for (unsigned i = 0; i <= NAMES_OF_PROCESS; i++) {
        (void)format_text(name, sizeof(name), "of-many-%u", i);
        EXPECT_ERR(t, name_publish(name, i + 1), i < NAMES_OF_PROCESS ? E_OK : E_NAMES_LIMIT);
    }
    for (unsigned i = 0; i < NAMES_OF_PROCESS; i++) {
        (void)format_text(name, sizeof(name), "of-many-%u", i);
        EXPECT_OK(t, name_withdraw(name));
    }
}

/* A client on one core waits, then a server on another one comes; both ways, on the same core, and with the name service on a
 * third one. */
static void across(struct test *t)
{
    static const uint64_t pair[][2] = { { 0, 1 }, { 1, 0 }, { 1, 1 }, { 0, 0 }, { 3, 1 }, { 1, 3 } };
    uint64_t client, server;
    struct name_entry e;

    for (unsigned i = 0; i < (core_up(3) ? 6 : 4); i++) {
        MUST(t, start("call", "across", pair[i][0], &client));
        pause_ms(20);                   /* so that it waits already, mostly */
        MUST(t, start("serve", "across", pair[i][1], &server));
        ends(t, client, CHILD_OK);
        CHECK(t, listed("across", &e), "the name is in the list");
        CHECK_EQ(t, e.pid, server);
        CHECK_EQ(t, id_core(e.service), pair[i][1]);
        end(t, server);
        CHECK(t, becomes("across", false), "the name goes with its owner on core %lu", pair[i][1]);
    }
}

static void taken(struct test *t)
{
    uint64_t first, second;

    MUST(t, start("serve", "mine", 1, &first));
    CHECK(t, becomes("mine", true), "the first has it");
    for (uint64_t core = 0; core < 2; core++) {
        MUST(t, start("serve", "mine", core, &second));
        ends(t, second, CHILD_TAKEN);
    }
    end(t, first);
    CHECK(t, becomes("mine", false), "nobody has it");
    MUST(t, start("serve", "mine", 0, &second));
    CHECK(t, becomes("mine", true), "the next has it");
    end(t, second);
    iref_t service;                     /* of an owner on the same core no name outlives the wait for it */
    EXPECT_ERR(t, name_lookup("mine", false, &service), E_NAMES_NONE);
}

/* One who waits goes on waiting, and all who had names have them again. */
static void again(struct test *t)
{
    uint64_t near, far, waiting, late;
    struct name_entry e;

    MUST(t, start("serve", "near", 0, &near));
    MUST(t, start("serve", "far", 1, &far));
    CHECK(t, becomes("near", true) && becomes("far", true), "both");
    EXPECT_OK(t, name_publish("own", 4711));
    MUST(t, start("call", "late", 1, &waiting));
    pause_ms(20);
    for (unsigned round = 0; round < 2; round++) {
        const uint64_t names = process_named("names");
        MUST(t, process_kill(names));
        CHECK(t, becomes("near", true) && becomes("far", true) && becomes("serial", true), "all again");
        CHECK(t, listed("near", &e) && e.pid == near && listed("far", &e) && e.pid == far, "with their owners");
        CHECK(t, process_named("names") != names, "of another name service");
    }
    MUST(t, start("serve", "late", 0, &late));
    ends(t, waiting, CHILD_OK);
    end(t, late);
    end(t, near);
    end(t, far);
    CHECK(t, becomes("far", false), "nobody's");
    EXPECT_OK(t, name_renew(NULL));     /* we have no service that the monitor would tell */
    CHECK(t, listed("own", &e) && e.service == 4711, "our own");
    EXPECT_OK(t, name_withdraw("own"));
}

static void core_stopped(struct test *t)
{
    uint64_t server, client;

    MUST(t, start("serve", "on-one", 1, &server));
    CHECK(t, becomes("on-one", true), "there");
    MUST(t, monitor_core_stop(os_monitor(), 1));
    CHECK(t, becomes("on-one", false), "gone with its core");
    MUST(t, monitor_core_start(os_monitor(), 1));
    MUST(t, start("serve", "on-one", 1, &server));
    MUST(t, start("call", "on-one", 1, &client));
    ends(t, client, CHILD_OK);
    end(t, server);
}

static const struct {
    const char *name;
    void (*run)(struct test *t);
} table[] = {
    { "refused", refused }, { "limit", limit },   { "across", across },
    { "taken", taken },     { "again", again },   { "core-stopped", core_stopped },
};

static int run_all(void)
{
    const unsigned count = sizeof(table) / sizeof(table[0]);
    unsigned failed = 0;

    if (!core_up(1) || !becomes("serial", true)) {
        print("nametest: wants a second core and a name service\n");
        return 1;
    }
    for (unsigned i = 0; i < count; i++) {
        struct test t = { .name = table[i].name };
        table[i].run(&t);
        failed += t.wrong != 0;
        if (t.wrong == 0) {
            print("ok %s\n", t.name);
        }
    }
    print("nametest: %u passed, %u failed\n", count - failed, failed);
    return failed != 0;
}

int main(int argc, char **argv, char **envp)
{
    (void)envp;
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        return child_serve(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "call") == 0) {
        return child_call(argv[2], 100);
    }
    if (argc == 2 && strcmp(argv[1], "all") == 0) {
        return run_all();
    }
    print("nametest: wants all, or serve NAME, or call NAME\n");
    return 2;
}
