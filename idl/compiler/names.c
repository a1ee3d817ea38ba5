#include "names.h"

#include <stdint.h>
#include <string.h>

#define BUCKETS 64u             /* to start with; doubled whenever the entries outnumber the buckets */

struct entry {
    const char *name;
    void *thing;
    uint32_t hash;
    struct entry *next;
};

struct names {
    struct arena *arena;
    struct entry **bucket;
    size_t buckets, entries;
};

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;                    /* FNV-1a */

    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash;
}

struct names *names_new(struct arena *a)
{
    struct names *n = ARENA_NEW(a, struct names);

    n->arena = a;
    n->buckets = BUCKETS;
    n->bucket = arena_get(a, BUCKETS * sizeof(struct entry *));
    return n;
}

static struct entry *lookup(const struct names *n, const char *name, uint32_t hash)
{
    struct entry *e = n->bucket[hash % n->buckets];

    while (e && (e->hash != hash || strcmp(e->name, name) != 0)) {
        e = e->next;
    }
    return e;
}

static void insert(struct names *n, struct entry *e)
{
    struct entry **head = &n->bucket[e->hash % n->buckets];

    e->next = *head;
    *head = e;
}

static void grow(struct names *n)
{
    struct entry **old = n->bucket;
    const size_t buckets = n->buckets;

    n->buckets *= 2;
    n->bucket = arena_get(n->arena, n->buckets * sizeof(struct entry *));
    for (size_t i = 0; i < buckets; i++) {
        for (struct entry *e = old[i], *next; e; e = next) {
            next = e->next;
            insert(n, e);
        }
    }
}

void *names_find(const struct names *n, const char *name)
{
    const struct entry *e = lookup(n, name, hash_of(name));

    return e ? e->thing : NULL;
}

void *names_add(struct names *n, const char *name, void *thing)
{
    const uint32_t hash = hash_of(name);
    struct entry *e = lookup(n, name, hash);

    if (e) {
        return e->thing;
    }
    if (++n->entries > n->buckets) {
        grow(n);
    }
    e = ARENA_NEW(n->arena, struct entry);
    *e = (struct entry){ .name = name, .thing = thing, .hash = hash };
    insert(n, e);
    return NULL;
}
