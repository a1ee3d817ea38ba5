/** @file string.h  For libfdt in the CPU driver: the functions that core/lib.c has. */
#include <core/lib.h>
