/** @file core_world.c  See core_world.h. */
#include "core_world.h"

void starting_prepare(struct starting *s)
{
    world_init(&s->w);
    s->loan = world_retype(&s->w, W_RAM, CAP_RAM, MIB, LOAN_BYTES);
    s->image = world_frame(&s->w, FILE_BYTES);
    s->channel = world_frame(&s->w, CHANNEL_BYTES);
    s->boot = world_object(&s->w, s->loan);
    s->file = world_object(&s->w, s->image);
    s->range = (struct range){ world_cte(&s->w, s->loan)->base, LOAN_BYTES };
    memset(s->boot, 0x5a, LOAN_BYTES);
    for (unsigned i = 0; i < FILE_BYTES; i++) {
        s->file[i] = (uint8_t)(i * 7);
    }
    *s->boot = (struct core_boot){
        .magic = CORE_BOOT_MAGIC, .pool_bytes = POOL_BYTES, .archive_bytes = 100, .archive_offset = 50, .argument = { 1, 2, 3, 4 },
        .image = {
            .entry = TEXT_VA + 8, .segment_count = 2,
            .segment = { { TEXT_VA, 100, PAGE + 5, PAGE + 5, MAP_READ | MAP_EXEC },
                         { TEXT_VA + 0x10020, 2 * PAGE + 0x20, 300, 3 * PAGE, MAP_READ | MAP_WRITE } },
        },
    };
}

uint64_t starting_start(struct starting *s, uint64_t core)
{
    return world_invoke(&s->w, W_CORE, CORE_START, core, s->loan, s->image, s->channel);
}

void starting_run(struct starting *s, struct kcb *k)
{
    starting_on(s, k);
    fake_left = (struct fake_left){ .how = LEFT_NOT };
    if (setjmp(fake_exit) == 0) {
        core_main(true);
    }
}
