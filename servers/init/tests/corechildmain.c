/** @file corechildmain.c  What runs on the other core: init's image, in memory of its own, as init of that core. */
#include "../supply.h"
#include "../tables.h"
#include "corechild.h"
#include <os/dispatcher.h>

#define CHANNEL_VA 0x9000000000ull

/* Number of the first thing that is not as promised; 0: all is. */
static unsigned wrong_cap(cptr_t slot, enum cap_type type, uint64_t rights, uint64_t bytes)
{
    struct cap_info info;
    return !err_ok(cap_identify(CPTR_NULL, slot, &info)) || info.type != type || info.rights != rights ||
           (bytes && info.bytes != bytes);
}

static unsigned inspect(const struct bootinfo *boot, volatile uint64_t *which)
{
    const uint64_t all = RIGHTS_ALL, page = SHOAL_PAGE_SIZE, shared = RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT;
    const unsigned wrong[] = {
        boot->magic != BOOTINFO_MAGIC,
        boot->core == 0 || boot->core >= boot->core_count,
        boot->argument[0] != boot->core,
        boot->timer_hz != time_hz(),
        boot->ram_count != 1 || boot->dev_count != 0,
        wrong_cap(TASK_L1, CAP_L1CNODE, all, 64 * 64),
        wrong_cap(TASK_DISPATCHER, CAP_DISPATCHER, all, 0),
        wrong_cap(TASK_VSPACE, CAP_VNODE_L0, all, page),
        wrong_cap(TASK_FRAME, CAP_FRAME, all, page),
        wrong_cap(TASK_BOOTINFO, CAP_FRAME, all & ~(uint64_t)(RIGHT_WRITE | RIGHT_EXEC), page),
        wrong_cap(TASK_POOL, CAP_RAM, all, CORE_POOL_BYTES),
        wrong_cap(TASK_ARCHIVE, CAP_FRAME, RIGHT_READ | RIGHT_EXEC | RIGHT_GRANT, 0),
        wrong_cap(TASK_CHANNEL, CAP_FRAME, shared, CORE_CHANNEL_BYTES),
        wrong_cap(TASK_KERNEL, CAP_KERNEL, all, 1),
        wrong_cap(TASK_ID, CAP_ID, all, 0),
        wrong_cap(CPTR(INIT_L2_RAM, 0), CAP_RAM, all, 0),
        slot_type(CPTR_NULL, TASK_CORECONTROL) != CAP_NULL,
        slot_type(CPTR_NULL, TASK_IRQTABLE) != CAP_NULL,
        slot_type(CPTR_NULL, TASK_DEVICE_TREE) != CAP_NULL,
        boot->debug && !err_ok(sys_debug(DEBUG_CHECK, 0, NULL)),
        err_root(cap_revoke_step(CPTR_NULL, TASK_CHANNEL, 0, page)) != E_FOREIGN,
    };
    unsigned found = 0;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        found += wrong[i];
        *which = wrong[i] ? i + 1 : *which;
    }
    return found;
}

static void count(volatile struct core_page *page, uint64_t until)
{
    while (page->asked == until) {
        page->count++;
    }
}

static struct supply pool;

#define EVENT_ECHO (EVENT_TEST + 1)

static struct tables vspace;
static cptr_t tally, copy, mapping;

/* A CSpace of Notifys that the peer may signal: one, bound to EVENT_ECHO. */
static err_t connect(uint64_t core, cptr_t frame, uint64_t at)
{
    static cptr_t notify;
    cptr_t l1;
    uint64_t offset;
    const uint64_t bytes = object_bytes(CAP_L2CNODE, 0);

    TRY(supply_make(&pool, CAP_L1CNODE, L1_SLOTS_LOG2_MIN, 1, &l1));
    TRY(supply_take(&pool, bytes, bytes, &offset));
    TRY(cap_retype(pool.ram, CAP_L2CNODE, offset, 0, 1, l1, CPTR_L1(0)));
    if (notify == CPTR_NULL) {
        TRY(supply_make(&pool, CAP_NOTIFY, 0, 1, &notify));
        TRY(notify_bind(notify, TASK_DISPATCHER, EVENT_ECHO));
    }
    TRY(cap_copy(l1, CORE_ECHO_INDEX, CPTR_NULL, notify, RIGHTS_ALL));
    return kernel_connect(TASK_KERNEL, core, frame, at, l1);
}

#define IMPORT_VA 0x9100000000ull

static err_t import(volatile struct core_page *page)
{
    const struct cap_name name = { CAP_FRAME, page->arg[0], page->arg[1], page->arg[2] };
    volatile uint64_t *const memory = (volatile uint64_t *)IMPORT_VA;

    TRY(supply_slots(&pool, 1, &tally));
    TRY(supply_slots(&pool, 1, &copy));
    TRY(kernel_make_foreign(TASK_KERNEL, &name, RIGHT_READ | RIGHT_WRITE, CPTR_NULL, tally));
    TRY(cap_copy(CPTR_NULL, copy, CPTR_NULL, tally, RIGHTS_ALL));
    TRY(kernel_watch(TASK_KERNEL, tally, true));
    TRY(tables_map(&vspace, &pool, IMPORT_VA, copy, 0, page->arg[1], MAP_READ | MAP_WRITE, &mapping));
    page->result[1] = memory[0];
    memory[0] = page->arg[3];
    return OK;
}

static err_t drop(volatile struct core_page *page)
{
    struct cap_name name = { 0 };

    TRY(cap_delete(CPTR_NULL, copy));
    if (err_ok(kernel_lonely(TASK_KERNEL, &name))) {
        return ERR(E_STATE);        /* it is still mapped */
    }
    TRY(cap_delete(CPTR_NULL, mapping));
    TRY(kernel_lonely(TASK_KERNEL, &name));
    page->result[1] = name.base;
    return cap_delete(CPTR_NULL, tally);
}

static err_t purge(volatile struct core_page *page)
{
    const struct cap_name name = { page->arg[1] ? CAP_FRAME : CAP_NULL, page->arg[0], page->arg[1], page->arg[2] };
    uint64_t handle;

    TRY(kernel_purge_begin(TASK_KERNEL, &name, &handle));
    TRY(kernel_sweep(TASK_KERNEL, handle));
    TRY(kernel_sweep_end(TASK_KERNEL, handle));
    page->result[1] = (slot_type(CPTR_NULL, tally) != CAP_NULL) + (slot_type(CPTR_NULL, copy) != CAP_NULL) +
                      (slot_type(CPTR_NULL, mapping) != CAP_NULL);
    return OK;
}

static err_t remote(uint64_t core, uint64_t index, cptr_t *slot)
{
    TRY(supply_slots(&pool, 1, slot));
    return kernel_remote_notify(TASK_KERNEL, core, index, CPTR_NULL, *slot);
}

static void echo(volatile struct core_page *page)
{
    cptr_t back;
    page->result[0] = remote(page->arg[2], page->arg[1], &back).trail;
    page->result[1] = 0;
    for (uint64_t i = 0; i < page->arg[0]; i++) {
        page->result[1] += !event_wait(EVENT_ECHO, hang_deadline());
        page->result[0] += notify_signal(back).trail;
    }
    page->result[0] += cap_delete(CPTR_NULL, back).trail;
}

static void signal_many(volatile struct core_page *page)
{
    cptr_t to[64];
    const uint64_t count = page->arg[3] < 64 ? page->arg[3] : 64;
    page->result[0] = 0;
    for (uint64_t i = 0; i < count; i++) {
        page->result[0] += remote(page->arg[2], page->arg[1] + i, &to[i]).trail;
    }
    for (uint64_t i = 0; i < page->arg[0]; i++) {
        page->result[0] += notify_signal(to[i % count]).trail;
    }
    for (uint64_t i = 0; i < count; i++) {
        page->result[0] += cap_delete(CPTR_NULL, to[i]).trail;
    }
}

static void obey(volatile struct core_page *page, const struct bootinfo *boot, uint64_t number)
{
    switch ((enum core_command)page->command) {
    case CORE_DO_STOP:
        err_ignore(kernel_stop(TASK_KERNEL));
        break;
    case CORE_DO_INSPECT:
        page->result[1] = 0;
        page->result[0] = inspect(boot, &page->result[1]);
        break;
    case CORE_DO_COUNT:
        count(page, number);
        break;
    case CORE_DO_FAULT:
        __builtin_trap();
    case CORE_DO_CONNECT:
        page->result[0] = (page->arg[1] ? connect(page->arg[0], tally, 0)
                                        : connect(page->arg[0], TASK_CHANNEL, CORE_MAILBOX_AT)).trail;
        break;
    case CORE_DO_IMPORT:
        page->result[0] = import(page).trail;
        break;
    case CORE_DO_DROP:
        page->result[0] = drop(page).trail;
        break;
    case CORE_DO_PURGE:
        page->result[0] = purge(page).trail;
        break;
    case CORE_DO_ECHO:
        echo(page);
        break;
    case CORE_DO_SIGNAL:
        signal_many(page);
        break;
    case CORE_DO_NOTHING:
        page->result[0] = page->arg[0] + 1;
        break;
    }
}

static struct core_page *map_channel(void)
{
    tables_init(&vspace, TASK_VSPACE);
    if (!err_ok(supply_init(&pool, TASK_POOL, L1_POOL_FIRST, L1_POOL_END)) ||
        !err_ok(tables_map(&vspace, &pool, CHANNEL_VA, TASK_CHANNEL, 0, CORE_CHANNEL_BYTES, MAP_READ | MAP_WRITE, NULL))) {
        __builtin_trap();
    }
    return (struct core_page *)CHANNEL_VA;
}

_Noreturn void core_child(void)
{
    const struct bootinfo *const boot = (const struct bootinfo *)INIT_BOOTINFO_VA;
    struct core_page *const page = map_channel();
    uint64_t done = 0;

    __atomic_store_n(&page->up, boot->core + 1, __ATOMIC_RELEASE);
    for (;;) {
        const uint64_t asked = __atomic_load_n(&page->asked, __ATOMIC_ACQUIRE);
        if (asked == done) {
            (void)event_wait(EVENT_TEST, time_now() + time_hz() / 5000);    /* 200 µs: the host has fewer cores than we */
            continue;
        }
        obey(page, boot, asked);
        done = asked;
        __atomic_store_n(&page->done, done, __ATOMIC_RELEASE);
    }
}
