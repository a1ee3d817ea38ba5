/** @file caps.c  Invocations with results or loops; contracts in os/caps.h. */
#include <os/caps.h>
#include <os/string.h>

err_t cap_delete(cptr_t root, cptr_t slot)
{
    err_t err;

    do {
        err = cap_delete_step(root, slot);
    } while (err_root(err) == E_AGAIN);
    return err;
}

err_t cap_revoke(cptr_t root, cptr_t slot, uint64_t offset, uint64_t bytes)
{
    err_t err;

    do {
        err = cap_revoke_step(root, slot, offset, bytes);
    } while (err_root(err) == E_AGAIN);
    return err;
}

err_t cap_identify(cptr_t root, cptr_t slot, struct cap_info *info)
{
    const struct sys_result s = INVOKE(root, CNODE_IDENTIFY, slot);

    TRY(s.err);
    *info = (struct cap_info){ (enum cap_type)s.r[0], s.r[1], s.r[2], s.r[3], s.r[4], s.r[5] };
    return OK;
}

err_t dispatcher_read_regs(cptr_t disp, uint64_t first, uint64_t regs[5])
{
    const struct sys_result s = INVOKE(disp, DISPATCHER_READ_REGS, first);

    TRY(s.err);
    memcpy(regs, s.r, 5 * sizeof(*regs));
    return OK;
}

err_t dispatcher_peek(cptr_t disp, uint64_t address, uint64_t words[4])
{
    const struct sys_result s = INVOKE(disp, DISPATCHER_PEEK, address);

    TRY(s.err);
    memcpy(words, s.r, 4 * sizeof(*words));
    return OK;
}

err_t dispatcher_status(cptr_t disp, struct dispatcher_info *info)
{
    const struct sys_result s = INVOKE(disp, DISPATCHER_STATUS, 0);

    TRY(s.err);
    *info = (struct dispatcher_info){ s.r[0], s.r[1], s.r[2], s.r[3] & 0xff, s.r[3] >> 8 & 0xff, s.r[4] };
    return OK;
}

err_t kernel_print(cptr_t kernel, const char *text, uint64_t bytes)
{
    uint64_t word[KERNEL_PRINT_BYTES / 8] = { 0 };

    REQUIRE(bytes <= KERNEL_PRINT_BYTES, E_ARG);
    memcpy(word, text, bytes);
    return INVOKE(kernel, KERNEL_PRINT, bytes, word[0], word[1], word[2], word[3], word[4]).err;
}

err_t kernel_read_log(cptr_t kernel, uint64_t position, struct kernel_log *log)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_READ_LOG, position);

    TRY(s.err);
    log->bytes = s.r[0];
    memcpy(log->text, &s.r[1], sizeof(log->text));
    log->position = s.r[5];
    return OK;
}

err_t kernel_counters(cptr_t kernel, struct kernel_counters *counters)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_COUNTERS, 0);

    TRY(s.err);
    *counters = (struct kernel_counters){ s.r[0], s.r[1], s.r[2], s.r[3] };
    return OK;
}

err_t core_start(cptr_t core_control, uint64_t core, cptr_t loan, cptr_t image, cptr_t channel, uint64_t *husk)
{
    const struct sys_result s = INVOKE(core_control, CORE_START, core, loan, image, channel);

    TRY(s.err);
    *husk = s.r[0];
    return OK;
}

err_t core_state(cptr_t core_control, uint64_t core, uint64_t *state)
{
    const struct sys_result s = INVOKE(core_control, CORE_STATE, core);

    TRY(s.err);
    *state = s.r[0];
    return OK;
}

err_t kernel_to_husk(cptr_t kernel, cptr_t ram, uint64_t core, uint64_t *husk)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_TO_HUSK, ram, core);

    TRY(s.err);
    *husk = s.r[0];
    return OK;
}

err_t kernel_disconnect(cptr_t kernel, uint64_t core)
{
    err_t err;

    do {
        err = INVOKE(kernel, KERNEL_DISCONNECT, core).err;
    } while (err_root(err) == E_AGAIN);
    return err;
}

err_t kernel_peer(cptr_t kernel, uint64_t core, struct kernel_peer *peer)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_PEER, core);

    TRY(s.err);
    *peer = (struct kernel_peer){ s.r[0], s.r[1], s.r[2] };
    return OK;
}

err_t kernel_make_foreign(cptr_t kernel, const struct cap_name *name, uint64_t rights, cptr_t dst_root, cptr_t dst)
{
    return INVOKE(kernel, KERNEL_MAKE_FOREIGN, (uint64_t)name->type | rights << 8 | name->owner << 16, name->base, name->bytes,
                  dst_root, dst).err;
}

err_t kernel_lonely(cptr_t kernel, struct cap_name *name)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_LONELY, 0);

    TRY(s.err);
    *name = (struct cap_name){ (enum cap_type)s.r[0], s.r[1], s.r[2], s.r[3] };
    return OK;
}

err_t kernel_revoke_begin(cptr_t kernel, cptr_t disp, cptr_t address, uint64_t offset, uint64_t bytes, uint64_t *handle)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_REVOKE_BEGIN, disp, address, offset, bytes);

    TRY(s.err);
    *handle = s.r[0];
    return OK;
}

err_t kernel_purge_begin(cptr_t kernel, const struct cap_name *name, uint64_t *handle)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_PURGE_BEGIN, name->owner, (uint64_t)name->type, name->base, name->bytes);

    TRY(s.err);
    *handle = s.r[0];
    return OK;
}

err_t kernel_sweep(cptr_t kernel, uint64_t handle)
{
    err_t err;

    do {
        err = kernel_sweep_step(kernel, handle);
    } while (err_root(err) == E_AGAIN);
    return err;
}

err_t kernel_sweep_left(cptr_t kernel, uint64_t handle, uint64_t *position, struct cap_name *name, bool *husk)
{
    const struct sys_result s = INVOKE(kernel, KERNEL_SWEEP_LEFT, handle, *position);

    TRY(s.err);
    *name = (struct cap_name){ (enum cap_type)s.r[0], s.r[1], s.r[2], s.r[3] };
    *husk = s.r[4] != 0;
    *position = s.r[5];
    return OK;
}
