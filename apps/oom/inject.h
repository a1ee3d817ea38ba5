/**
 * @file inject.h  Let the n-th allocation fail.
 *
 * The program is linked so that calls of the functions below, from libos and from here, reach ours first (the linker's
 * --wrap; CMakeLists.txt): libos knows nothing of it, and is what every program has.  Counted are
 *
 *   RAM     ram_request(), mem_commit(), reserve_take(), reserve_take_data(), reserve_make()
 *   slots   slots_alloc(), slots_alloc_run()
 *   slabs   slab_alloc(); and heap_alloc(), the heap of bindings
 *
 * from whatever thread or upcall they come, the pager's as well.
 */
#ifndef OOM_INJECT_H
#define OOM_INJECT_H

#include <stdbool.h>
#include <stdint.h>

/** Let the @p nth allocation from now on fail, and no other; 0: none, they are only counted. */
void inject_arm(uint64_t nth);

/** @return how many came since inject_arm(); from now on none fails, and none is counted */
uint64_t inject_disarm(void);

/** Since inject_arm(): the name of what failed; NULL: nothing has. */
const char *inject_failed(void);

/** The code that called it, for who looks for the cause. */
uint64_t inject_caller(void);

#endif
