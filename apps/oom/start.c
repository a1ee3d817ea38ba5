/** @file start.c  What a process does once; and processes with too little memory on their accounts. */
#include "inject.h"
#include "oom.h"

#include <os/binding_lmp.h>

/* Exit statuses of the children. */
enum { ENDED_WELL, ENDED_SHORT, ENDED_WRONG };

#define COULD_NOT_START (STATUS_CRASHED + FAULT_BREAKPOINT)     /* BRK_START: the process server says why */

/* ---- the n-th allocation of a start -------------------------------------------------------------------------------- */

err_t start_all(void)
{
    TRY(thread_start_library());
    TRY(binding_lmp_start());
    TRY(os_paging_start());
    void *const block = os_malloc(100);
    REQUIRE(block, E_HEAP);
    os_free(block);
    return exception_set(NULL, NULL);
}

/* What failed can be tried again: in the end it starts. */
int role_start(uint64_t nth)
{
    inject_arm(nth);
    const err_t err = start_all();
    inject_disarm();
    const char *const failed = inject_failed();
    CHECK(err_ok(err) || (failed && is_short(err)), "%s: error %s (%lx)", failed ? failed : "nothing",
          err_name(err_root(err)), err.trail);
    CHECK_OK(start_all());
    CHECK(!vspace_check(os_vspace()), "%s", vspace_check(os_vspace()));
    if (went_wrong()) {
        print("  allocation %lu failed: %s, called from 0x%lx\n", nth, failed ? failed : "none", inject_caller());
        return ENDED_WRONG;
    }
    return failed ? ENDED_SHORT : ENDED_WELL;
}

static unsigned run(const char *role, uint64_t number, const struct spawn_options *options, err_t *err)
{
    unsigned status = ENDED_WRONG;
    uint64_t pid, ended;
    char text[24];

    (void)format_text(text, sizeof(text), "%lu", number);
    const char *const words[] = { "oom", "-child", role, text };
    *err = process_spawn(4, words, options, &pid);
    if (err_ok(*err)) {
        CHECK_OK(process_wait(pid, &ended, &status));
    }
    return status;
}

bool start_sweep(void)
{
    unsigned unstarted = 0;
    uint64_t nth = 0;
    unsigned status = ENDED_SHORT;
    err_t err;

    while (!went_wrong() && status != ENDED_WELL && nth < 2000) {
        status = run("-start", ++nth, NULL, &err);
        CHECK_OK(err);
        CHECK(status <= ENDED_SHORT || status == COULD_NOT_START, "allocation %lu: status %u", nth, status);
        unstarted += status == COULD_NOT_START;
    }
    CHECK(status == ENDED_WELL && nth > 20, "%lu allocations", nth - 1);
    print("  start: %lu allocations, without %u of them no start at all\n", nth - 1, unstarted);
    return !went_wrong();
}

/* ---- a limit ------------------------------------------------------------------------------------------------------- */

static uint64_t deep(void *arg)
{
    volatile uint8_t room[8000];

    room[0] = room[4000] = (uint8_t)(uint64_t)arg;
    return room[4000];
}

/* A bit of everything. */
static err_t work(void)
{
    struct thread *t[4];
    unsigned count = 0;
    uint8_t *block[20];
    err_t err = OK;

    TRY(start_all());
    while (count < 4 && err_ok(err)) {
        err = thread_create(&t[count], deep, NULL, NULL);
        count += err_ok(err);
    }
    while (count > 0) {
        CHECK_OK(thread_join(t[--count], NULL));
    }
    for (count = 0; count < 20 && err_ok(err); count++) {
        const size_t bytes = 16ull << (count % 12);
        block[count] = os_malloc(bytes);
        if (!block[count]) {
            err = ERR(E_HEAP);
            break;
        }
        memset(block[count], 1, bytes);
    }
    while (count > 0) {
        os_free(block[--count]);
    }
    return err;
}

int role_work(void)
{
    const err_t err = work();

    CHECK(err_ok(err) || is_short(err), "%s (%lx)", err_name(err_root(err)), err.trail);
    return went_wrong() ? ENDED_WRONG : err_ok(err) ? ENDED_WELL : ENDED_SHORT;
}

/* From a page to enough: refused, unable to start, told of it, or well. */
bool start_limits(void)
{
    unsigned refused = 0, unstarted = 0, told = 0, status = ENDED_WRONG;
    uint64_t pages = 0;
    err_t err;

    while (!went_wrong() && status != ENDED_WELL && pages < 2000) {
        const struct spawn_options options = { .limit = ++pages * SHOAL_PAGE_SIZE };
        status = run("-work", 0, &options, &err);
        if (!err_ok(err)) {
            CHECK(err_root(err) == E_MEM_LIMIT, "%lu pages: %s", pages, err_name(err_root(err)));
            refused++;
        } else {
            CHECK(status <= ENDED_SHORT || status == COULD_NOT_START, "%lu pages: status %u", pages, status);
            unstarted += status == COULD_NOT_START;
            told += status == ENDED_SHORT;
        }
    }
    CHECK(status == ENDED_WELL, "%lu pages are not enough", pages);
    CHECK(refused > 0 && told > 0, "%u refused, %u told", refused, told);
    print("  limits: enough are %lu pages; %u refused, %u not started, %u told\n", pages, refused, unstarted, told);
    return !went_wrong();
}
