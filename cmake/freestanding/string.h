/** @file string.h  For libfdt, in the CPU driver (core/lib.c) and in user space (libos/string). */
#if __has_include(<core/lib.h>)
#include <core/lib.h>
#else
#include <os/string.h>
#endif
