/** @file check.h  What a tree must fulfil beyond the grammar, and what its names stand for. */
#ifndef IDL_CHECK_H
#define IDL_CHECK_H

#include "tree.h"

#define TYPE_BYTES_MAX     (1ull << 30)     /**< so that no sum of sizes can overflow                                 */
#define LENGTH_MAX         (1ull << 30)     /**< elements of an array, bytes of a string                              */
#define MESSAGES_MAX       0x3fffu          /**< the two bits above mark replies and errors (os/rpc.h)                */

/** Resolve all names and fill in the members of tree.h that are marked "check:".  Errors are reported; after the first
 *  those members may be missing.  Call it after a parse without errors only. */
void check(struct unit *u);

#endif
