/** @file inject.c  Contracts in inject.h. */
#include "inject.h"

#include <os/err.h>
#include <os/heap.h>
#include <os/rpc.h>
#include <os/slots.h>

/* Not in the BSS: upcalls come here, which touch no lazy memory. */
static struct {
    uint64_t left;                      /* that go well before one fails; 0: none does */
    uint64_t count;
    const char *failed;
    uint64_t caller;
    bool armed;
} inject = { .failed = "" };

void inject_arm(uint64_t nth)
{
    inject.armed = false;
    inject.left = nth;
    inject.count = 0;
    inject.failed = NULL;
    __atomic_store_n(&inject.armed, true, __ATOMIC_RELEASE);
}

uint64_t inject_disarm(void)
{
    __atomic_store_n(&inject.armed, false, __ATOMIC_RELEASE);
    return inject.count;
}

const char *inject_failed(void)
{
    return inject.failed;
}

uint64_t inject_caller(void)
{
    return inject.caller;
}

/* Is it this one?  Threads come in between: each takes its number. */
static bool fails(const char *name, void *caller)
{
    if (!__atomic_load_n(&inject.armed, __ATOMIC_ACQUIRE)) {
        return false;
    }
    const uint64_t number = __atomic_add_fetch(&inject.count, 1, __ATOMIC_RELAXED);
    if (number != inject.left) {
        return false;
    }
    inject.failed = name;
    inject.caller = (uint64_t)caller;
    return true;
}

#define FAILS(name) fails(name, __builtin_return_address(0))

/* The linker's names: __real_f is what libos has. */
#define WRAP_ERR(name, code, parameters, arguments)                                                                    \
    err_t __real_##name parameters;                                                                                    \
    err_t __wrap_##name parameters;                                                                                    \
    err_t __wrap_##name parameters                                                                                     \
    {                                                                                                                  \
        return FAILS(#name) ? ERR(code) : __real_##name arguments;                                                     \
    }
#define WRAP_POINTER(name, parameters, arguments)                                                                      \
    void *__real_##name parameters;                                                                                    \
    void *__wrap_##name parameters;                                                                                    \
    void *__wrap_##name parameters                                                                                     \
    {                                                                                                                  \
        return FAILS(#name) ? NULL : __real_##name arguments;                                                          \
    }

WRAP_ERR(ram_request, E_MEM_LIMIT, (size_t bytes, cptr_t *ram), (bytes, ram))
WRAP_ERR(mem_commit, E_MEM_PROMISED, (struct rpc_client *c, uint64_t bytes), (c, bytes))
WRAP_ERR(reserve_take, E_RESERVE_NONE,
         (struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *b), (r, pages, align, b))
WRAP_ERR(reserve_take_data, E_RESERVE_NONE,
         (struct reserve *r, uint64_t pages, uint64_t align, struct ram_block *b), (r, pages, align, b))
WRAP_ERR(reserve_make, E_RESERVE_NONE,
         (struct reserve *r, enum cap_type type, uint64_t size, cptr_t root, cptr_t dst, struct ram_block *b),
         (r, type, size, root, dst, b))
WRAP_ERR(slots_alloc, E_SLOTS_NONE, (struct slots *s, cptr_t *slot), (s, slot))
WRAP_ERR(slots_alloc_run, E_SLOTS_NONE, (struct slots *s, unsigned count, cptr_t *first), (s, count, first))
WRAP_POINTER(slab_alloc, (struct slab *slab), (slab))
WRAP_ERR(reserve_make_frame, E_RESERVE_NONE, (struct reserve *r, uint64_t bytes, cptr_t dst, struct ram_block *b),
         (r, bytes, dst, b))
WRAP_POINTER(heap_alloc, (size_t bytes), (bytes))
WRAP_POINTER(heap_take, (size_t bytes), (bytes))
