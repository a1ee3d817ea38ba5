/**
 * @file ksyms.h  Names of the CPU driver's functions, for backtraces.
 * The table is part of the image's rodata: the build links twice, cmake/ksyms.py writes it in between from the symbols of
 * the first link (which has an empty one).  All symbols always exist, so nothing here is weak.
 */
#ifndef CORE_KSYMS_H
#define CORE_KSYMS_H

#include <stdint.h>

struct ksym {
    uint32_t offset;            /**< of the function's first instruction from __image_start                           */
    uint32_t name;              /**< of its name in ksyms_names                                                       */
};

extern const uint64_t ksyms_count;
extern const struct ksym ksyms_table[];   /**< ksyms_count of them, by offset                                         */
extern const char ksyms_names[];          /**< terminated strings                                                     */

/** Name of the function that holds the kernel address @p pc.
 * For a return address pass it less 4: a call may be the last instruction of its function.
 * @param offset  gets the distance from the function's start; untouched if there is none
 * @return static string; NULL: not in the image's text, or no symbol before it
 * Cost: O(log functions); safe in a panic: reads rodata only. */
const char *ksyms_find(uint64_t pc, uint64_t *offset);

#endif
