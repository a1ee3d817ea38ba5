/** @file coreboot.c  What a core is started with; contracts in cores.h, design in docs/cores.md. */
#include "cores.h"
#include "monitor.h"
#include "peer.h"
#include "../state.h"
#include <os/err.h>
#include <shoal/archive.h>
#include <stubs/mem.h>

err_t core_take_loan(struct core *core)
{
    cptr_t slot, got;

    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &slot));
    monitor.mem.cap_slot = slot;
    const err_t err = mem_alloc(&monitor.mem, CORE_LOAN_BYTES, SHOAL_PAGE_SIZE, &got);
    if (!err_ok(err)) {
        slots_free(&monitor.stock.slots, slot);
        return err;
    }
    core->loan = slot;
    return OK;
}

/* The file init of the boot archive, as this core was started from it. */
static err_t describe_init(struct core_boot *b)
{
    struct archive_file file;
    int found = 0;

    REQUIRE(!archive_find(init.archive, init.archive_bytes, "init", &file, &found) && found, E_ARCHIVE_NONE);
    TRY(ERR(elf_list(file.data, file.bytes, 0x10000, INIT_FRAME_VA, &b->image)));
    for (size_t i = 0; i < b->image.segment_count; i++) {
        b->image.segment[i].file_offset += (uint64_t)file.data - ARCHIVE_VA;
    }
    b->archive_bytes = init.boot->archive_bytes;
    b->archive_offset = init.boot->archive_offset;
    return OK;
}

/* Nothing that was made of the loan is left afterwards: else the kernel refuses it. */
static err_t write_block(const struct core *core, cptr_t frame)
{
    uint64_t address;

    TRY(cap_retype(core->loan, CAP_FRAME, 0, SHOAL_PAGE_SIZE, 1, CPTR_NULL, frame));
    err_t err = vspace_map(&monitor.vspace, frame, 0, SHOAL_PAGE_SIZE, MAP_READ | MAP_WRITE, &address);
    if (err_ok(err)) {
        struct core_boot *const b = (struct core_boot *)address;
        *b = (struct core_boot){
            .magic = CORE_BOOT_MAGIC, .pool_bytes = CORE_POOL_BYTES, .argument = { core->starts * PIDS_OF_A_START },
        };
        err = describe_init(b);
        const err_t undo = vspace_unmap(&monitor.vspace, address, SHOAL_PAGE_SIZE);
        err = err_ok(err) ? undo : err;
    }
    const err_t undo = cap_revoke(CPTR_NULL, core->loan, 0, SHOAL_PAGE_SIZE);
    return err_ok(err) ? undo : err;
}

err_t core_boot(struct core *core)
{
    cptr_t frame;

    if (core->loan == CPTR_NULL) {
        TRY(core_take_loan(core));
    }
    TRY(stock_refill(&monitor.stock));
    TRY(slots_alloc(&monitor.stock.slots, &frame));
    const err_t err = write_block(core, frame);
    slots_free(&monitor.stock.slots, frame);
    TRY(err);
    TRY(peer_prepare(core->index, &core->peer));
    TRY(core_start(TASK_CORECONTROL, core->index, core->loan, TASK_ARCHIVE, core->peer->frame, &core->husk));
    core->starts++;
    return OK;
}
