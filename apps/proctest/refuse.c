/** @file refuse.c  What the servers refuse to a process that is no manager, asked in well-formed calls.  Each check has
 * a number, which is the status of the child if it fails. */
#include "proctest.h"
#include <stubs/mem.h>
#include <stubs/monitor.h>
#include <stubs/proc.h>

/* The number of this line's check, if it fails. */
#define REFUSED(number, expr, code)                                                                                    \
    do {                                                                                                               \
        if (err_root(expr) != (code)) {                                                                                \
            return (number);                                                                                           \
        }                                                                                                              \
    } while (0)

/* A new copy, to be given away. */
static cptr_t copy_of(cptr_t cap)
{
    cptr_t slot = CPTR_NULL;

    if (err_ok(stock_refill(os_stock())) && err_ok(slots_alloc(&os_stock()->slots, &slot))) {
        err_ignore(cap_copy(CPTR_NULL, slot, CPTR_NULL, cap, RIGHTS_ALL));     /* an empty slot is nonsense, too */
    }
    return slot;
}

static cptr_t own_sender(void)
{
    cptr_t slot = CPTR_NULL;

    if (err_ok(slots_alloc(&os_stock()->slots, &slot))) {
        err_ignore(cap_mint(CPTR_NULL, slot, CPTR_NULL, PSLOT_MONITOR_RECV, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0));
    }
    return slot;
}

static int refused_by_mem(void)
{
    struct rpc_client *const c = os_mem();
    uint64_t account = 0, limit, committed, granted, base = 0;
    struct cap_info info;
    cptr_t got;

    REFUSED(1, mem_alloc(c, 0, SHOAL_PAGE_SIZE, &got), E_MEM_SIZE);
    REFUSED(2, mem_alloc(c, 4095, SHOAL_PAGE_SIZE, &got), E_MEM_SIZE);
    REFUSED(3, mem_alloc(c, SHOAL_PAGE_SIZE, 12288, &got), E_MEM_ALIGN);
    REFUSED(4, mem_account_new(c, 1 << 20, &account), E_MEM_MANAGER);
    for (account = 0; account < 20; account++) {
        REFUSED(5, mem_account_alloc(c, account, SHOAL_PAGE_SIZE, SHOAL_PAGE_SIZE, &got), E_MEM_MANAGER);
        REFUSED(6, mem_account_destroy(c, account), E_MEM_MANAGER);
        REFUSED(7, mem_account_status(c, account, &limit, &committed, &granted), E_MEM_MANAGER);
        REFUSED(8, mem_account_limit(c, account, 0), E_MEM_MANAGER);
        REFUSED(9, mem_connect(c, account, true, PSLOT_MONITOR, &got), E_MEM_MANAGER);
    }
    REFUSED(10, mem_root_add(c, copy_of(PSLOT_RAM)), E_MEM_MANAGER);
    REFUSED(11, err_ok(cap_identify(CPTR_NULL, PSLOT_RAM, &info)) ? mem_root_remove(c, base, &got) : OK, E_MEM_MANAGER);
    /* what is no grant */
    REFUSED(12, mem_free(c, copy_of(PSLOT_MEMORY)), E_MEM_GRANT);
    REFUSED(13, mem_free(c, copy_of(PSLOT_MONITOR)), E_MEM_GRANT);
    REFUSED(14, mem_free(c, copy_of(TASK_DISPATCHER)), E_MEM_GRANT);
    REFUSED(15, mem_commit(c, ~0ull), E_MEM_PROMISED);
    return 0;
}

static int refused_by_monitor(void)
{
    struct rpc_client *const c = os_monitor();
    uint64_t event;
    cptr_t got, notify;
    iref_t iref;

    for (uint64_t pid = 0; pid < 20; pid++) {
        REFUSED(20, monitor_process_new(c, pid, 1, 1, own_sender(), &got), E_MONITOR_MANAGER);
        REFUSED(21, monitor_process_start(c, pid, 255, TASK_DISPATCHER), E_MONITOR_MANAGER);
        REFUSED(22, monitor_process_stop(c, pid), E_MONITOR_MANAGER);
        REFUSED(23, monitor_process_end(c, pid), E_MONITOR_MANAGER);
    }
    REFUSED(25, monitor_machine(c, MACHINE_OFF, 0), E_MONITOR_MANAGER);
    REFUSED(26, monitor_log(c, 5, 0x0a6f6c6c6568, 0, 0, 0, 0, 0, 0), E_MONITOR_MANAGER);
    for (uint64_t what = 0; what < 8; what++) {
        REFUSED(27, monitor_device(c, what, &got), E_MONITOR_DEVICE);
    }
    REFUSED(28, monitor_bind(c, 0, own_sender(), &got), E_MONITOR_SERVICE);
    REFUSED(29, monitor_bind(c, ~0ull, own_sender(), &got), E_MONITOR_SERVICE);
    REFUSED(30, monitor_lookup(c, service_name("no-such"), false, &iref), E_MONITOR_SERVICE);
    REFUSED(31, monitor_export(c, service_name("manager"), own_sender(), &iref, &got), E_MONITOR_MANAGER);
    REFUSED(32, monitor_export(c, service_name("mem"), own_sender(), &iref, &got), E_MONITOR_NAME);
    REFUSED(33, monitor_export(c, service_name("proc"), own_sender(), &iref, &got), E_MONITOR_NAME);
    REFUSED(34, monitor_export(c, 0, copy_of(PSLOT_MEMORY), &iref, &got), E_MONITOR_ENDPOINT);
    REFUSED(35, notify_new(&notify, &event), E_OK);
    REFUSED(36, monitor_export(c, 0, copy_of(notify), &iref, &got), E_MONITOR_ENDPOINT);
    /* a Notify where the memory server shall answer */
    REFUSED(37, monitor_lookup(c, service_name("mem"), false, &iref), E_OK);
    REFUSED(38, monitor_bind(c, iref, copy_of(notify), &got), E_MEM_ENDPOINT);
    REFUSED(39, dispatcher_set_priority(TASK_DISPATCHER, 192), E_PRIORITY);     /* that of servers */
    return 0;
}

/* Text that was sent and is wanted no more. */
static void forget(void)
{
    uint64_t pid;

    err_ignore(proc_spawn(os_proc(), 0, 0, 0, 0, &pid));        /* an error, of course */
}

static int refused_text(void)
{
    struct rpc_client *const c = os_proc();
    uint64_t pid, sent = 0;

    REFUSED(40, proc_text(c, 0, 0, 0, 0, 0, 0, 0, 0), E_PROC_TEXT_SIZE);
    REFUSED(41, proc_text(c, 57, 0, 0, 0, 0, 0, 0, 0), E_PROC_TEXT_SIZE);
    REFUSED(42, proc_text(c, ~0ull, 0, 0, 0, 0, 0, 0, 0), E_PROC_TEXT_SIZE);
    REFUSED(43, proc_spawn(c, 1, 0, 0, 0, &pid), E_PROC_TEXT);              /* nothing was sent */
    REFUSED(44, proc_text(c, 5, 0x6575727400, 0, 0, 0, 0, 0, 0), E_OK);     /* a name of no characters, then no zero */
    REFUSED(45, proc_spawn(c, 1, 0, 0, 0, &pid), E_PROC_TEXT);
    REFUSED(46, proc_text(c, 10, 0x7274006575727400 >> 8, 0x00657572, 0, 0, 0, 0, 0), E_OK);    /* "true" twice */
    REFUSED(47, proc_spawn(c, 2, 0, 0, 0, &pid), E_PROC_TEXT);
    REFUSED(48, proc_spawn(c, ~0ull, ~0ull, 0, 0, &pid), E_PROC_TEXT);
    REFUSED(49, proc_text(c, 2, 0, 0, 0, 0, 0, 0, 0), E_OK);
    REFUSED(50, proc_spawn(c, 1, 0, 0, 0, &pid), E_ARCHIVE_NONE);           /* the empty name */
    while (err_ok(proc_text(c, 56, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull)) && sent < 1 << 20) {
        sent += 56;
    }
    REFUSED(51, sent < 1 << 20 ? OK : ERR(E_PROC_TEXT_SIZE), E_OK);
    REFUSED(52, proc_spawn(c, 1, 0, 0, 0, &pid), E_PROC_TEXT);
    return 0;
}

static int refused_by_proc(void)
{
    struct rpc_client *const c = os_proc();
    const int text = refused_text();
    uint64_t pid;
    cptr_t got;

    if (text) {
        return text;
    }
    REFUSED(60, run_start(WORDS("no-such-program"), NULL, &pid), E_ARCHIVE_NONE);
    REFUSED(61, run_start(WORDS("a-name-that-is-longer-than-a-name-can-be"), NULL, &pid), E_ARCHIVE_NONE);
    REFUSED(62, run_start(WORDS("menu.lst"), NULL, &pid), E_ELF_MAGIC);
    const struct spawn_options manager = { .flags = SPAWN_MANAGER }, flags = { .flags = 1ull << 63 };
    REFUSED(63, run_start(WORDS("true"), &manager, &pid), E_PROC_MANAGER);
    REFUSED(64, run_start(WORDS("true"), &flags, &pid), E_PROC_FLAGS);
    for (unsigned i = 0; i < PASSED_MAX; i++) {
        REFUSED(65, proc_pass(c, copy_of(PSLOT_MEMORY)), E_OK);
    }
    REFUSED(66, proc_pass(c, copy_of(PSLOT_MEMORY)), E_PROC_PASSED);
    forget();
    REFUSED(67, proc_console(c, 1, own_sender(), &got), E_PROC_MANAGER);
    return 0;
}

int role_refused(uint64_t who)
{
    return who == 0 ? refused_by_mem() : who == 1 ? refused_by_monitor() : refused_by_proc();
}

/* The process is a sibling of ours. */
int role_stranger(uint64_t sibling)
{
    struct process_info info;
    uint64_t pid, ended;
    unsigned status;

    REFUSED(1, process_kill(sibling), E_PROC_MANAGER);
    for (pid = 1; pid <= 3; pid++) {
        REFUSED(2, process_kill(pid), E_PROC_MANAGER);
    }
    REFUSED(3, process_wait(sibling, &ended, &status), E_PROC_CHILD);
    REFUSED(4, process_next(sibling - 1, &info), E_OK);
    REFUSED(5, process_kill(info.parent), E_PROC_MANAGER);
    REFUSED(6, run_start(WORDS("spin"), NULL, &pid), E_OK);
    REFUSED(7, process_kill(pid), E_OK);
    REFUSED(8, process_wait(pid, &ended, &status), E_OK);
    return status == STATUS_KILLED ? 0 : 9;
}

static void everything(struct test *t)
{
    for (uint64_t who = 0; who < 3; who++) {
        run_as(t, "refused", who, 0);
    }
}

void refuse_everything(struct test *t)
{
    test_same_memory(t, everything);
}

/* A process that could not be made leaves nothing behind for the next one. */
static void forgotten(struct test *t)
{
    const cptr_t nothing[] = { PSLOT_FREE - 1 };
    const struct spawn_options options = { .passed_count = 1, .passed = nothing };
    uint64_t pid;

    EXPECT_ERR(t, run_start(WORDS("true", "an argument"), &options, &pid), E_CAP_EMPTY);
    run(t, WORDS("true"), 0);
    static char longest[60000];
    memset(longest, 'x', sizeof(longest) - 1);
    EXPECT_ERR(t, run_start(WORDS("true", longest), NULL, &pid), E_PROC_TEXT_SIZE);
    run(t, WORDS("true"), 0);
}

void refuse_draft_is_forgotten(struct test *t)
{
    test_same_memory(t, forgotten);
}
