/** @file near.h  The known name that is most like an unknown one. */
#ifndef IDL_NEAR_H
#define IDL_NEAR_H

struct near {
    const char *wanted, *best;      /**< best: NULL while nothing is like it                                          */
    unsigned distance;
};

struct near near_start(const char *wanted);

/** Cost: product of the lengths; names longer than 32 characters are never like anything. */
void near_try(struct near *n, const char *name);

#endif
