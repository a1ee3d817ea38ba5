/**
 * @file book.h  Names of services, who owns them, and who waits for them: no system calls.
 */
#ifndef NAMES_BOOK_H
#define NAMES_BOOK_H

#include <os/names.h>

#define BOOK_BUCKETS 256u
#define NAME_WORDS    (NAME_BYTES / 8)

/** As in naming.if: the first character in the lowest byte of word[0]. */
struct name {
    uint64_t word[NAME_WORDS];
};

struct owner;

/** A name and its service. */
struct entry {
    struct entry *next;             /**< in its bucket                                                                */
    struct entry *after;            /**< of its owner's                                                               */
    struct owner *owner;
    struct name name;
    iref_t service;
};

/** A client.  All zero: it has no names, and waits for none. */
struct owner {
    struct entry *first;
    unsigned count;                 /**< of them                                                                      */
    struct owner *next;             /**< who waits                                                                    */
    bool waits;
    struct name wanted;
};

/** All zero: empty. */
struct book {
    struct entry *bucket[BOOK_BUCKETS];
    struct owner *first, *last;     /**< who waits, in the order in which they came                                   */
};

/** 1 to 31 characters, 0x21 … 0x7e, and zeros behind them? */
bool name_valid(const struct name *name);

/** @return NULL: there is none.  Cost: O(names / BOOK_BUCKETS) */
struct entry *book_find(const struct book *t, const struct name *name);

/** The first behind @p name, which need not be one, in the order of their bytes.  @return NULL: none.  Cost: O(names) */
struct entry *book_next(const struct book *t, const struct name *name);

/** @p e, whose name and service are set, and whose name is not there, is @p owner's from now on. */
void book_enter(struct book *t, struct owner *owner, struct entry *e);

/** It is no name any more; @p e is the caller's. */
void book_remove(struct book *t, struct entry *e);

/** @p owner, who waits for nothing, waits for @p name. */
void book_wait(struct book *t, struct owner *owner, const struct name *name);

/** It waits for nothing any more. */
void book_stop_waiting(struct book *t, struct owner *owner);

/** The first whose name is there: it does not wait any more.  @return NULL: none.  Cost: O(who waits) lookups */
struct owner *book_due(struct book *t);

#endif
