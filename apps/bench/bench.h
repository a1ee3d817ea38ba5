/**
 * @file bench.h  Lines of `bench`: what services cost an ordinary process, in instructions of the whole machine under
 * ./run --icount.  Method: docs/benchmarks.md.
 */
#ifndef BENCH_H
#define BENCH_H

#include <os/err.h>
#include <os/syscall.h>
#include <stdbool.h>

#define ROUNDS 31u

struct line {
    const char *name;
    uint64_t target;                /**< 0: none                                                                      */
    err_t (*run)(struct line *line);
    uint64_t value;                 /**< the median                                                                   */
    char remark[120];
};

static inline uint64_t clock_now(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(now) : : "memory");
    return now;
}

/** Sorts @p sample. */
uint64_t median(uint64_t *sample, unsigned count);

/** Cost of reading the clock twice. */
uint64_t overhead(void);

/* services.c */
err_t spawn_exit(struct line *line);
err_t spawn_exit_bss(struct line *line);
err_t ram_page(struct line *line);
err_t ram_block_of_2m(struct line *line);

/* layers.c */
err_t slot_alloc_free(struct line *line);
err_t map_page(struct line *line);
err_t map_block(struct line *line);

/* plain.c */
err_t plain_empty(struct line *line);
err_t plain_7_words(struct line *line);
int plain_server(void);             /**< the other process: returns only if it cannot start                           */

/* rpc.c */
err_t rpc_empty(struct line *line);
err_t rpc_words(struct line *line);
err_t rpc_eight(struct line *line);
err_t rpc_64(struct line *line);
err_t rpc_1k(struct line *line);
err_t rpc_64k(struct line *line);
err_t rpc_cap(struct line *line);
err_t loopback_empty(struct line *line);
int echo_server(void);

/* paging.c */
err_t page_fault_seq(struct line *line);
err_t page_fault_random(struct line *line);
err_t page_fault_huge(struct line *line);
err_t unmap_page(struct line *line);
err_t unmap_huge(struct line *line);
err_t malloc_free(struct line *line);
err_t malloc_1000(struct line *line);

/** curve.c: prints its lines itself.  Errors of the layers */
err_t fault_curve(bool mapped, const char *unit);

/* threads.c */
err_t thread_create_join(struct line *line);
err_t thread_switch(struct line *line);
err_t thread_switch_no_fp(struct line *line);
err_t mutex_uncontended(struct line *line);
err_t mutex_handoff(struct line *line);
err_t condition_round_trip(struct line *line);

#endif
