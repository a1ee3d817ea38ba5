/** @file program.c  Contracts in program.h. */
#include "program.h"
#include <os/string.h>

static err_t build(struct program *p, const struct spawn_request *request)
{
    struct test *const t = p->test;

    TRY(spawn_plan(&p->plan, request));
    const cptr_t ram = test_ram(t, p->plan.bytes, SHOAL_PAGE_SIZE);
    REQUIRE(ram != CPTR_NULL, E_RAM_NONE);
    TRY(maker_scrub(t, ram, p->plan.bytes, test_slot(t)));
    TRY(spawn_build(&p->spawn, &p->maker.maker, &p->plan, ram));
    p->proc.disp = p->spawn.dispatcher;
    return OK;
}

static err_t shared_page(struct program *p)
{
    const cptr_t frame = test_make(p->test, CAP_FRAME, SHOAL_PAGE_SIZE, 1);

    p->page = test_map(p->test, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, NULL);
    REQUIRE(p->page, E_ARG);
    memset(p->page, 0, SHOAL_PAGE_SIZE);
    p->passed = (struct spawn_cap){ frame, RIGHT_READ | RIGHT_WRITE };
    return OK;
}

static err_t make(struct program *p, const char *name, const char *const *argv, unsigned argc, cptr_t service)
{
    const cptr_t fault = test_slot(p->test);
    const struct spawn_request request = {
        .image = &p->image, .name = name, .pid = p->proc.badge, .argc = argc, .argv = argv,
        .envp = (const char *const[]){ NULL }, .proc = service, .fault = fault, .passed = &p->passed, .passed_count = 1,
        .reserve_bytes = SPAWN_RESERVE_MAX,
    };

    TRY(maker_begin(p->test, &p->maker));
    TRY(shared_page(p));
    TRY(image_find(&p->image, init.archive, init.archive_bytes, name));
    TRY(cap_mint(CPTR_NULL, fault, CPTR_NULL, init.fault_recv, RIGHT_READ | RIGHT_WRITE, p->proc.badge));
    return build(p, &request);
}

bool program_build(struct test *t, struct program *p, const char *name, const char *const *argv, unsigned argc,
                   cptr_t service)
{
    *p = (struct program){ .test = t, .proc = { .test = t, .badge = t->next_badge++ } };
    const err_t err = make(p, name, argv, argc, service);

    EXPECT_OK(t, err);
    return err_ok(err);
}

bool program_start(struct program *p)
{
    err_t err = spawn_finish(&p->spawn);

    if (err_ok(err) && proc_priority(&p->proc, init.priority)) {
        err = dispatcher_start(p->proc.disp);
    }
    EXPECT_OK(p->test, err);
    return err_ok(err);
}

int program_ended(struct program *p)
{
    struct test *const t = p->test;
    struct fault f;
    uint64_t regs[5];

    if (!proc_fault(&p->proc, &f)) {
        return -1;
    }
    EXPECT_OK(t, dispatcher_read_regs(p->proc.disp, 0, regs));
    const bool exited = f.cause == FAULT_BREAKPOINT && (f.syndrome & 0xffff) == BRK_EXIT;
    CHECK(t, exited, "cause %lu at %#lx, pc %#lx, sp %#lx, syndrome %#lx, x0 %#lx", f.cause, f.address, f.pc, f.sp,
          f.syndrome, regs[0]);
    return exited ? (int)regs[0] : -1;
}
