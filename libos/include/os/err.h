/** @file err.h  Errors on their way up: wrapping and texts. */
#ifndef OS_ERR_H
#define OS_ERR_H

#include <shoal/err.h>
#include <stddef.h>

/** Add the name of the caller's layer to @p inner.  A full trail keeps its root and drops @p outer; OK stays OK. */
static inline err_t err_wrap(err_t inner, enum err_code outer)
{
    if (err_ok(inner) || inner.trail >> 48 != 0) {
        return inner;
    }
    unsigned shift = 0;
    while (inner.trail >> shift & 0xffff) {
        shift += 16;
    }
    return (err_t){ inner.trail | (uint64_t)outer << shift };
}

/** For an error that nobody needs to hear of; the place says why. */
static inline void err_ignore(err_t err)
{
    (void)err;
}

/** "E_CAP_EMPTY"; never NULL, an unknown code is "E_?". */
const char *err_name(enum err_code code);

/** The sentence for people. */
const char *err_text(enum err_code code);

/** Write the whole trail, outermost layer first: "map frame: refill page-table slab: out of RAM".  Always terminated.
 * @return characters the whole text has; @p out holds at most @p size - 1 of them */
size_t err_format(err_t err, char *out, size_t size);

/** Print "@p what: trail" and a new line. */
void err_print(const char *what, err_t err);

#endif
