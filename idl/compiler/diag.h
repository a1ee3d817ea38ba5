/**
 * @file diag.h  What people are told: FILE:LINE:COLUMN: error: text, then the source line with a mark under the place.
 */
#ifndef IDL_DIAG_H
#define IDL_DIAG_H

#include "source.h"

#include <stdio.h>

enum diag_id {
#define DIAG(id, severity, text) DIAG_##id,
#include "diag.def"
#undef DIAG
    DIAG_COUNT
};

/** Errors after which the rest is not reported any more. */
#define DIAG_ERRORS_MAX 20u

struct diag {
    FILE *to;
    unsigned errors;
    bool muted;             /**< the last error was one too many; its notes are left out as well                      */
};

/** Report @p id at @p at.  The rest are the texts for the %s of the message, as many as it has. */
void diag_at(struct diag *d, struct span at, enum diag_id id, ...);

#endif
