#include <cap/types.h>

#define CAP_PARENT_NULL CAP_NULL
#define CAP_PARENT_RAM CAP_RAM
#define CAP_PARENT_DEVRANGE CAP_DEVRANGE
#define CAP_PARENT_IRQTABLE CAP_IRQTABLE
#define CAP_PARENT_ID CAP_ID

const struct cap_type_info cap_type_info[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, space_, fixed_, parent_)                                                                 \
    [number] = { .space = SPACE_##space_, .parent = CAP_PARENT_##parent_, .fixed = fixed_ },
#include <shoal/captypes.def>
#undef CAPTYPE
};

bool cap_may_become(uint64_t from, uint64_t to)
{
    return to > CAP_NULL && to < CAP_TYPE_COUNT && from != CAP_NULL && cap_type_info[to].parent == from;
}

bool cap_object_bytes(enum cap_type type, uint64_t size, uint64_t *bytes)
{
    switch (type) {
    case CAP_RAM:
    case CAP_FRAME:
    case CAP_DEVRANGE:
    case CAP_DEVFRAME:
        *bytes = size;
        return size != 0 && size % SHOAL_PAGE_SIZE == 0;
    case CAP_ID:
        *bytes = size;
        return size != 0;
    case CAP_L1CNODE:
        if (size < L1_SLOTS_LOG2_MIN || size > L1_SLOTS_LOG2_MAX) {
            return false;
        }
        *bytes = (uint64_t)SLOT_BYTES << size;
        return true;
    default:
        *bytes = cap_type_info[type].fixed;
        return *bytes != 0;
    }
}

uint64_t cap_alignment(enum cap_type type, uint64_t bytes)
{
    if (cap_type_info[type].space != SPACE_MEM) {
        return 1;
    }
    return bytes < SHOAL_PAGE_SIZE ? bytes : SHOAL_PAGE_SIZE;
}

bool cap_is_kernel_object(enum cap_type type)
{
    return type >= CAP_L1CNODE && type <= CAP_NOTIFY;
}
