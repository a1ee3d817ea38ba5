/**
 * @file fingerprint.h  64 bits that two sides compare before they talk, so that two versions never misread each other.
 *
 * What counts: the interface's name; order, names and kinds (message or rpc) of the messages; directions, names, types
 * and bounds of the arguments; of types their structure, names of members and values included.  What does not:
 * comments, formatting, the description, contexts, names of types, the file a type is from, types that nobody uses.
 */
#ifndef IDL_FINGERPRINT_H
#define IDL_FINGERPRINT_H

#include "tree.h"

/** Fill in the fingerprints of a unit that check() found right.  Cost: O(size of the tree). */
void fingerprint(struct unit *u);

#endif
