/** @file cores.h  bench --cores A,B: two processes on two cores, and the memory they share. */
#ifndef BENCH_CORES_H
#define BENCH_CORES_H

#include <os/caps.h>
#include <os/ump_ring.h>

#define SHARED_BYTES 8192u
#define SHARED_RING  4096u          /* where the ring is; the raw lines are at the start                              */
#define SHARED_SLOTS 16u

enum game { GAME_RAW, GAME_POLLED, GAME_ASLEEP, GAME_STREAM };

/** At the start of the shared Frame.  Each line has one writer. */
struct shared {
    struct ump_line ball, back;     /**< GAME_RAW: word 0 counts                                                      */
    struct ump_line hello;          /**< the partner's: word 0 its service, 0 as long as there is none                */
};

/** One side of the games.  Who begins is side 0. */
struct player {
    struct shared *shared;
    struct ump_ring ring;
    cptr_t wake;                    /**< the other one's Notify                                                       */
    uint64_t event;                 /**< of the own                                                                   */
};

void player_init(struct player *p, void *shared, unsigned side, cptr_t wake, uint64_t event);

/** Play side 0, side 1.  @return errors of the ring */
err_t player_serve(struct player *p, enum game game, uint64_t rounds);
err_t player_return(struct player *p, enum game game, uint64_t rounds);

/** The other process: returns only if it cannot start. */
int partner(void);

/** Lines between cores @p a and @p b, printed.  @p names: of those that are wanted; none: all but core-start.
 * @return exit status */
int bench_cores(uint64_t a, uint64_t b, int count, char **names);

#endif
