/** @file attr.h  What the compiler is told about functions. */
#ifndef CORE_ATTR_H
#define CORE_ATTR_H

/** Called at boot, or once in an object's life: for size, while the rest of the file is for speed. */
#define RARE __attribute__((minsize))

#endif
