/** @file builtin_caps.c  `caps`: what the shell may do. */
#include "builtins.h"

#include <os/caps.h>
#include <os/err.h>
#include <os/startup.h>
#include <os/string.h>

static const char *const type_name[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space, fixed, parent) [CAP_##name] = #name,
#include <shoal/captypes.def>
#undef CAPTYPE
};

static const struct {
    cptr_t slot;
    const char *what;
} known[] = {
    { TASK_L1, "this CSpace" },
    { TASK_DISPATCHER, "own dispatcher" },
    { TASK_VSPACE, "own address space" },
    { TASK_FRAME, "own dispatcher frame" },
    { PSLOT_MONITOR, "to the monitor" },
    { PSLOT_MEM, "to the memory server" },
    { PSLOT_PROC, "to the process server" },
    { PSLOT_MONITOR_RECV, "answers of the monitor" },
    { PSLOT_MEM_RECV, "answers of the memory server" },
    { PSLOT_PROC_RECV, "answers of the process server" },
    { PSLOT_RAM, "first memory in hand" },
    { PSLOT_MEMORY, "image, stacks, startup block" },
};

static const char *purpose(cptr_t slot)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].slot == slot) {
            return known[i].what;
        }
    }
    return slot >= PSLOT_PASSED && slot < PSLOT_FREE ? "passed on by the maker" : "";
}

static void show(cptr_t slot, const struct cap_info *info)
{
    static const char letter[] = "rwxgo";
    const char *const name = info->type < CAP_TYPE_COUNT ? type_name[info->type] : NULL;
    char rights[sizeof(letter)];

    for (unsigned i = 0; i < sizeof(letter) - 1; i++) {
        rights[i] = info->rights >> i & 1 ? letter[i] : '-';
    }
    rights[sizeof(letter) - 1] = '\0';
    say("%5lu.%-3lu  %-11s %s  %#014lx %12lu  %s\n", slot / L2_SLOTS, slot % L2_SLOTS, name ? name : "?", rights,
        info->base, info->bytes, purpose(slot));
}

/* Every capability of the L2 CNode in an L1 entry. */
static unsigned show_cnode(unsigned l1)
{
    unsigned count = 0;

    for (unsigned i = l1 == PL1_TASK; i < L2_SLOTS && !was_interrupted(); i++) {   /* address 0 is none */
        struct cap_info info;
        if (err_ok(cap_identify(CPTR_NULL, CPTR(l1, i), &info))) {
            show(CPTR(l1, i), &info);
            count++;
        }
    }
    return count;
}

int builtin_caps(const struct command *c)
{
    struct cap_info l1, cnode;
    unsigned count = 0;

    if (c->argc == 2 && strcmp(c->argv[1], "all") != 0) {
        return usage(c);
    }
    const err_t err = cap_identify(CPTR_NULL, TASK_L1, &l1);
    if (!err_ok(err)) {
        return complain_err("caps", NULL, err);
    }
    say("%9s  %-11s %-5s  %14s %12s\n", "slot", "type", "right", "base", "bytes");
    const unsigned last = c->argc == 2 ? (unsigned)l1.extra : 1;
    for (unsigned i = PL1_TASK; i < last; i++) {
        if (err_ok(cap_identify(CPTR_NULL, CPTR_L1(i), &cnode))) {
            count += show_cnode(i);
        }
    }
    say("%u capabilities\n", count);
    return 0;
}
