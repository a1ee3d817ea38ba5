/** @file processes.c  Contracts in proc.h. */
#include "proc.h"
#include <os/bug.h>
#include <os/string.h>

struct process *process_find(uint64_t pid)
{
    struct process *p = proc.bucket[pid % PROC_BUCKETS];

    while (p && p->pid != pid) {
        p = p->next;
    }
    return p;
}

struct process *process_add(const char *name, struct process *parent)
{
    struct process *const p = slab_alloc(&proc.process_slab);

    if (!p) {
        return NULL;
    }
    struct process **const bucket = &proc.bucket[++proc.latest % PROC_BUCKETS];
    *p = (struct process){ .next = *bucket, .before = proc.last, .pid = proc.latest, .parent = parent };
    memcpy(p->name, name, strlen(name) + 1);
    *bucket = p;
    *(proc.last ? &proc.last->after : &proc.first) = p;
    proc.last = p;
    if (parent) {
        parent->children++;
    }
    return p;
}

struct process *process_add_remote(uint64_t pid, uint64_t flags)
{
    struct process *const p = slab_alloc(&proc.process_slab);

    if (p) {
        *p = (struct process){ .pid = pid, .flags = flags & PROCESS_MANAGER, .remote = true };
    }
    return p;
}

void process_remove(struct process *p)
{
    struct process **link = &proc.bucket[p->pid % PROC_BUCKETS];

    OS_ASSERT(!p->seat && !p->draft && p->dispatcher == CPTR_NULL);
    while (*link != p) {
        link = &(*link)->next;
    }
    *link = p->next;
    *(p->before ? &p->before->after : &proc.first) = p->after;
    *(p->after ? &p->after->before : &proc.last) = p->before;
    if (p->parent) {
        p->parent->children--;
    }
    slab_free(&proc.process_slab, p);
}

bool process_descends(const struct process *p, const struct process *who)
{
    for (p = p->parent; p; p = p->parent) {
        if (p == who) {
            return true;
        }
    }
    return false;
}
