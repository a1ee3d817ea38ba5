/**
 * @file types.h  What the type table (shoal/captypes.def) says, as functions.
 */
#ifndef CAP_TYPES_H
#define CAP_TYPES_H

#include <cap/cte.h>

struct cap_type_info {
    uint8_t space;             /**< enum cap_space                                                                    */
    uint8_t parent;            /**< enum cap_type it is retyped from; CAP_NULL: by the kernel only                    */
    uint32_t fixed;            /**< bytes of one object, 0: given at retype                                           */
};

extern const struct cap_type_info cap_type_info[CAP_TYPE_COUNT];

/** @return whether a capability of type @p from may be retyped to @p to.  Any numbers may be given. */
bool cap_may_become(uint64_t from, uint64_t to);

/** Units of the number line that one object of @p type takes, for the size argument @p size of a retype.
 * @return false: no such object (a size of zero, not in pages, an L1 CNode outside its bounds). */
bool cap_object_bytes(enum cap_type type, uint64_t size, uint64_t *bytes);

/** What an object's first address is a multiple of. */
uint64_t cap_alignment(enum cap_type type, uint64_t bytes);

/** The kernel keeps state in the memory of such an object: zeroed when made and when destroyed. */
bool cap_is_kernel_object(enum cap_type type);

#endif
