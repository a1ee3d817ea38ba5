/** @file as_child.c  Roles of copies of this program; contract in proctest.h. */
#include "proctest.h"
#include <stubs/mem.h>

/* Be pre-empted by who started us, at any instruction. */
static void step_back(void)
{
    err_ignore(dispatcher_set_priority(TASK_DISPATCHER, 64));   /* below our ceiling: that cannot fail */
}

/* Lives on for some milliseconds. */
static int role_linger(uint64_t milliseconds)
{
    run_sleep(milliseconds * 1000);
    return 0;
}

/* Has a child that lingers, or spins, and does not wait for it. */
static int role_leaver(uint64_t milliseconds)
{
    uint64_t pid;
    const err_t err = milliseconds ? run_role("linger", milliseconds, NULL, &pid)
                                   : run_start(WORDS("spin"), NULL, &pid);

    return err_ok(err) ? 0 : 1;
}

/* Has a child that has ended long since, and never waits for it. */
static int role_careless(uint64_t argument)
{
    struct process_info info;
    uint64_t pid;

    (void)argument;
    if (!err_ok(run_start(WORDS("exit", "9"), NULL, &pid))) {
        return 1;
    }
    do {
        if (!err_ok(process_next(pid - 1, &info)) || info.pid != pid) {
            return 2;
        }
        run_sleep(200);
    } while (info.state != PROCESS_ENDED);
    return info.status == 9 ? 0 : 3;
}

/* Ends as what it is not: somebody who asks for somebody's end and waits for the answer. */
static int role_suicide(uint64_t microseconds)
{
    if (microseconds) {
        run_sleep(microseconds);
    }
    err_ignore(process_kill(os_startup()->pid));        /* does not come back */
    return 1;
}

static err_t page_round(void)
{
    struct slots *const slots = &os_stock()->slots;
    uint64_t address;
    cptr_t slot, frame, ram;

    TRY(slots_alloc(slots, &slot));
    TRY(slots_alloc(slots, &frame));
    os_mem()->cap_slot = slot;
    TRY(mem_alloc(os_mem(), SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &ram));
    TRY(cap_retype(ram, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, frame));
    TRY(vspace_map(os_vspace(), frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address));
    *(volatile uint64_t *)address = address;
    TRY(vspace_unmap(os_vspace(), address, SHOAL_PAGE_SIZE));
    TRY(slots_delete(slots, frame));
    TRY(mem_free(os_mem(), ram));
    slots_free(slots, slot);
    return OK;
}

static err_t child_round(void)
{
    uint64_t pid;
    unsigned status;

    TRY(run_start(WORDS("true"), NULL, &pid));
    return process_wait(pid, &pid, &status);
}

/* Uses all services until it is killed. */
static int role_busy(uint64_t argument)
{
    (void)argument;
    step_back();
    while (err_ok(page_round()) && err_ok(child_round())) {
    }
    return 1;
}

/* Looks at nothing but the CPU, below its parent's priority. */
static int role_low(uint64_t argument)
{
    (void)argument;
    step_back();
    for (;;) {
        __asm__ volatile("" : : : "memory");
    }
}

/* Has a child that spins and one of as many generations as are left, and waits for both. */
static int role_family(uint64_t generations)
{
    uint64_t pid;
    unsigned status;

    if (!err_ok(run_start(WORDS("spin"), NULL, &pid)) ||
        (generations > 1 && !err_ok(run_role("family", generations - 1, NULL, &pid)))) {
        return 1;
    }
    return err_ok(process_wait(0, &pid, &status)) ? 2 : 3;
}

/* Leaves a child behind that kills itself. */
static int role_suicide_later(uint64_t argument)
{
    uint64_t pid;

    return err_ok(run_role("suicide", argument + 2000, NULL, &pid)) ? 0 : 1;
}

static uint64_t number(const char *text)
{
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    return value;
}

int as_child(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(uint64_t argument);
    } role[] = {
        { "linger", role_linger }, { "leaver", role_leaver }, { "careless", role_careless },
        { "suicide", role_suicide }, { "suicide-later", role_suicide_later }, { "busy", role_busy },
        { "low", role_low }, { "family", role_family },
        { "refused", role_refused }, { "stranger", role_stranger }, { "hostile", role_hostile },
        { "clingy", role_clingy }, { "stall", role_stall }, { "binder", role_binder },
        { "greedy", role_greedy }, { "careful", role_careful },
    };

    for (unsigned i = 0; argc == 4 && i < sizeof(role) / sizeof(role[0]); i++) {
        if (strcmp(argv[2], role[i].name) == 0) {
            return role[i].run(number(argv[3]));
        }
    }
    return 127;
}
