/** @file main.c  bindtest all | NAME ... : tests of bindings between processes; status 0 if every one passed, else 1. */
#include "bindtest.h"

static const struct {
    const char *name;
    void (*run)(struct test *t);
} table[] = {
    { "calls-every-kind", calls_every_kind },
    { "calls-capabilities", calls_capabilities },
    { "calls-messages", calls_messages },
    { "calls-synchronous", calls_synchronous },
    { "calls-of-threads", calls_of_threads },
    { "calls-deadline", calls_deadline },
    { "calls-refused", calls_refused },
    { "calls-loopback", calls_loopback },
    { "many-bindings", many_bindings },
    { "direct-taken", direct_taken },
    { "direct-dispatch", direct_dispatch },
    { "direct-handlers", direct_handlers },
    { "direct-threads", direct_threads },
    { "direct-woken", direct_woken },
    { "direct-ends", direct_ends },
    { "direct-two-clients", direct_two_clients },
    { "direct-two-servers", direct_two_servers },
    { "direct-busy-server", direct_busy_server },
    { "direct-mixed", direct_mixed },
    { "direct-destroyed", direct_destroyed },
    { "services-of-threads", services_of_threads },
    { "ends-client-teardown", ends_client_teardown },
    { "ends-server-teardown", ends_server_teardown },
    { "ends-server-exits", ends_server_exits },
    { "ends-server-killed", ends_server_killed },
    { "ends-client-killed", ends_client_killed },
    { "ends-hostile-client", ends_hostile_client },
    { "calls-of-any-length", calls_of_any_length },
    { "calls-long-of-threads", calls_long_of_threads },
    { "ends-give-back", ends_give_back },
    { "ends-memory-goes", ends_memory_goes },
    { "ends-peers-memory", ends_peers_memory },
    { "ends-server-killed-at-length", ends_server_killed_at_length },
};

/* --- processes --- */

err_t child(const char *role, const char *name, uint64_t argument, uint64_t *pid)
{
    char number[24];

    (void)format_text(number, sizeof(number), "%lu", argument);
    const char *const words[] = { "bindtest", "as-child", role, name, number };
    return process_spawn(5, words, NULL, pid);
}

void run_ends(struct test *t, uint64_t pid, unsigned status)
{
    uint64_t ended = 0;
    unsigned got = 0;

    if (EXPECT_OK(t, process_wait(pid, &ended, &got))) {
        CHECK_EQ(t, ended, pid);
        CHECK(t, got == status, "process %lu ended with status %u, wanted %u", pid, got, status);
    }
}

void run_sleep(uint64_t microseconds)
{
    thread_sleep_until(time_now() + time_hz() * microseconds / 1000000);
}

uint64_t in_ms(uint64_t milliseconds)
{
    return time_hz() * milliseconds / 1000;
}

bool server_start_kind(struct test *t, struct server *s, enum server_kind kind)
{
    static unsigned servers;

    (void)format_text(s->name, sizeof(s->name), "talk%u", servers++);
    return EXPECT_OK(t, child("server", s->name, kind, &s->pid)) && EXPECT_OK(t, binding_lookup(s->name, true, &s->iref));
}

bool server_start(struct test *t, struct server *s)
{
    return server_start_kind(t, s, SERVER_USUAL);
}

void server_stop(struct test *t, const struct server *s)
{
    EXPECT_OK(t, process_kill(s->pid));
    run_ends(t, s->pid, STATUS_KILLED);
}

/* --- our side --- */

static struct seen *seen_of(struct talk_binding *b)
{
    return b->st;
}

static void on_end(struct talk_binding *b, err_t err)
{
    seen_of(b)->ended++;
    seen_of(b)->why = err;
}

static void on_say(struct talk_binding *b, uint64_t number, talk_voice_t how)
{
    (void)how;
    seen_of(b)->number = number;
    seen_of(b)->said++;
}

static void on_note(struct talk_binding *b, uint64_t number, char *text, uint8_t *data, size_t bytes)
{
    struct seen *const s = seen_of(b);

    s->same = strcmp(text, "a note") == 0;
    for (size_t i = 0; i < bytes; i++) {
        s->same &= data[i] == (uint8_t)i;
    }
    s->number = number;
    s->bytes = bytes;
    s->noted++;
    heap_free(text);
    heap_free(data);
}

static void on_blob(struct talk_binding *b, uint64_t number, uint8_t *data, size_t bytes)
{
    struct seen *const s = seen_of(b);

    s->same = blob_is(number, data, bytes);
    s->number = number;
    s->bytes = bytes;
    s->noted++;
    heap_free(data);
}

static void on_hand(struct talk_binding *b, uint64_t number, cptr_t what, cptr_t *also, size_t count)
{
    struct seen *const s = seen_of(b);

    s->number = number;
    s->what = what;
    s->bytes = count;
    for (size_t i = 0; i < count; i++) {
        s->also[i] = also[i];
    }
    s->handed++;
    heap_free(also);
}

bool client_open(struct test *t, const struct server *s, struct seen *seen, struct talk_binding **b)
{
    *seen = (struct seen){ .ended = 0 };
    waitset_init(&seen->ws);
    if (!EXPECT_OK(t, talk_connect(s->iref, &seen->ws, b))) {
        return false;
    }
    (*b)->st = seen;
    (*b)->error_handler = on_end;
    (*b)->rx_vtbl = (struct talk_rx_vtbl){ .say = on_say, .note = on_note, .hand = on_hand, .blob = on_blob };
    binding_set_timeout(&(*b)->common, in_ms(5000));
    return true;
}

void client_close(struct test *t, struct talk_binding *b, struct seen *seen)
{
    EXPECT_OK(t, talk_control(b, IDC_CONTROL_TEARDOWN));
    EXPECT_OK(t, waitset_destroy(&seen->ws));
}

void serve_until(struct test *t, struct seen *seen, const unsigned *count)
{
    const uint64_t end = events_now() + in_ms(5000);

    while (*count == 0 && EXPECT_OK(t, event_dispatch_until(&seen->ws, end))) {
    }
}

err_t frame_new(cptr_t *cap, cptr_t *ram)
{
    TRY(ram_request(SHOAL_PAGE_SIZE, ram));
    TRY(binding_new_slot(cap));
    return cap_retype(*ram, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, *cap);
}

bool frame_same(cptr_t cap, cptr_t other)
{
    struct cap_info a, b;

    return err_ok(cap_identify(CPTR_NULL, cap, &a)) && err_ok(cap_identify(CPTR_NULL, other, &b)) &&
           a.type == CAP_FRAME && b.type == CAP_FRAME && a.base == b.base;
}

/* --- */

static const struct {
    const char *name;
    int (*run)(const char *server, uint64_t number);
} roles[] = {
    { "victim", role_victim }, { "wild", role_wild }, { "reader", role_reader }, { "leaver", role_leaver },
    { "liar", role_liar }, { "rush", role_rush },
};

int as_child(int argc, char **argv)
{
    uint64_t number = 0;

    if (argc != 5) {
        return 127;
    }
    for (const char *c = argv[4]; *c; c++) {
        number = number * 10 + (uint64_t)(*c - '0');
    }
    if (strcmp(argv[2], "server") == 0) {
        return role_server(argv[3], number);
    }
    for (unsigned i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(argv[2], roles[i].name) == 0) {
            return roles[i].run(argv[3], number);
        }
    }
    return 126;
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

static void run_wanted(int argc, char **argv, unsigned *passed, unsigned *failed)
{
    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct test t = { .name = table[i].name };
        if (!wanted(t.name, argc, argv)) {
            continue;
        }
        table[i].run(&t);
        if (t.wrong == 0) {
            ++*passed;
            print("ok %s\n", t.name);
        } else {
            ++*failed;
        }
    }
}

int main(int argc, char **argv, char **envp)
{
    unsigned passed = 0, failed = 0;

    (void)envp;
    err_t err = thread_start_library();
    if (err_ok(err)) {
        err = binding_lmp_start();
    }
    if (!err_ok(err)) {
        err_print("bindtest", err);
        return 1;
    }
    if (argc > 1 && strcmp(argv[1], "as-child") == 0) {
        return as_child(argc, argv);
    }
    run_wanted(argc, argv, &passed, &failed);
    if (passed + failed == 0) {
        print("bindtest: wants the names of tests, or all:\n");
        for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
            print("  %s\n", table[i].name);
        }
        return 2;
    }
    print("bindtest: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
