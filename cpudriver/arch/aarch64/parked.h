/**
 * @file parked.h  Assembly only: where a parked dispatcher's x19 to x30 lie in its save area, for entry.S and fastpath.S.
 * C knows the same as save_area.x[19 … 30] (context.c).
 */
#ifndef PARKED_H
#define PARKED_H

#include <shoal/dispframe.h>

        .macro  STORE_PARKED area
        stp     x19, x20, [\area, #SAVE_X + 19 * 8]
        stp     x21, x22, [\area, #SAVE_X + 21 * 8]
        stp     x23, x24, [\area, #SAVE_X + 23 * 8]
        stp     x25, x26, [\area, #SAVE_X + 25 * 8]
        stp     x27, x28, [\area, #SAVE_X + 27 * 8]
        stp     x29, x30, [\area, #SAVE_X + 29 * 8]
        .endm

        .macro  LOAD_PARKED area
        ldp     x19, x20, [\area, #SAVE_X + 19 * 8]
        ldp     x21, x22, [\area, #SAVE_X + 21 * 8]
        ldp     x23, x24, [\area, #SAVE_X + 23 * 8]
        ldp     x25, x26, [\area, #SAVE_X + 25 * 8]
        ldp     x27, x28, [\area, #SAVE_X + 27 * 8]
        ldp     x29, x30, [\area, #SAVE_X + 29 * 8]
        .endm

#endif
