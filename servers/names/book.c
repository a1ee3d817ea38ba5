/** @file book.c  Contracts in book.h. */
#include "book.h"
#include <os/string.h>

bool name_valid(const struct name *name)
{
    const unsigned char *const c = (const unsigned char *)name->word;
    unsigned length = 0;

    while (length < NAME_BYTES && c[length] > 0x20 && c[length] < 0x7f) {
        length++;
    }
    if (length == 0 || length == NAME_BYTES) {
        return false;
    }
    for (unsigned i = length; i < NAME_BYTES; i++) {
        if (c[i]) {
            return false;
        }
    }
    return true;
}

static int compare(const struct name *a, const struct name *b)
{
    return memcmp(a->word, b->word, NAME_BYTES);
}

static unsigned bucket_of(const struct name *name)
{
    uint64_t mixed = 0;

    for (unsigned i = 0; i < NAME_WORDS; i++) {
        mixed = (mixed ^ name->word[i]) * 0x9e3779b97f4a7c15u;      /* odd; the upper bits depend on all of the word */
    }
    return mixed >> 56;
}

_Static_assert(BOOK_BUCKETS == 1u << 8, "bucket_of");

struct entry *book_find(const struct book *t, const struct name *name)
{
    struct entry *e = t->bucket[bucket_of(name)];

    while (e && compare(&e->name, name) != 0) {
        e = e->next;
    }
    return e;
}

struct entry *book_next(const struct book *t, const struct name *name)
{
    struct entry *least = NULL;

    for (unsigned i = 0; i < BOOK_BUCKETS; i++) {
        for (struct entry *e = t->bucket[i]; e; e = e->next) {
            if (compare(&e->name, name) > 0 && (!least || compare(&e->name, &least->name) < 0)) {
                least = e;
            }
        }
    }
    return least;
}

void book_enter(struct book *t, struct owner *owner, struct entry *e)
{
    struct entry **const bucket = &t->bucket[bucket_of(&e->name)];

    e->next = *bucket;
    *bucket = e;
    e->owner = owner;
    e->after = owner->first;
    owner->first = e;
    owner->count++;
}

void book_remove(struct book *t, struct entry *e)
{
    struct entry **link = &t->bucket[bucket_of(&e->name)];

    while (*link != e) {
        link = &(*link)->next;
    }
    *link = e->next;
    for (link = &e->owner->first; *link != e;) {
        link = &(*link)->after;
    }
    *link = e->after;
    e->owner->count--;
}

void book_wait(struct book *t, struct owner *owner, const struct name *name)
{
    owner->waits = true;
    owner->wanted = *name;
    owner->next = NULL;
    if (t->first) {
        t->last->next = owner;
    } else {
        t->first = owner;
    }
    t->last = owner;
}

void book_stop_waiting(struct book *t, struct owner *owner)
{
    struct owner *before = NULL;

    if (!owner->waits) {
        return;
    }
    for (struct owner *at = t->first; at != owner; at = at->next) {
        before = at;
    }
    if (before) {
        before->next = owner->next;
    } else {
        t->first = owner->next;
    }
    if (t->last == owner) {
        t->last = before;
    }
    owner->waits = false;
}

struct owner *book_due(struct book *t)
{
    for (struct owner *o = t->first; o; o = o->next) {
        if (book_find(t, &o->wanted)) {
            book_stop_waiting(t, o);
            return o;
        }
    }
    return NULL;
}
