/* host_share.c  Memory that two sides of a channel share, on the build machine: mapped twice, as on the target. */
#define _GNU_SOURCE
#include "host.h"

#include <os/binding_cap.h>
#include <os/binding_share.h>
#include <os/heap.h>
#include <os/rpc.h>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 64u
#define WHAT   0x10000u                 /* host_cap_what() of the first Frame's capabilities */

/* A Frame, whoever made it, and who sees it for reading; each there or not by itself. */
static struct frame_made {
    bool there;
    int fd;
    uint64_t bytes;
    const char *reader;                 /* NULL: nobody */
} frames[FRAMES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long shares, fail_after = -1;
static void (*hook)(void);

long host_shares(void)
{
    return __atomic_load_n(&shares, __ATOMIC_RELAXED);
}

void host_share_hook(void (*before_fetch)(void))
{
    hook = before_fetch;
}

void host_share_fail_after(long count)
{
    fail_after = count;
}

static unsigned new_frame(uint64_t bytes)
{
    unsigned i = 0;

    pthread_mutex_lock(&lock);
    while (i < FRAMES && (frames[i].there || frames[i].reader)) {
        i++;
    }
    if (i == FRAMES) {
        abort();
    }
    frames[i] = (struct frame_made){ .there = true, .fd = memfd_create("shared", 0), .bytes = bytes };
    if (frames[i].fd < 0 || ftruncate(frames[i].fd, (off_t)bytes)) {
        abort();
    }
    pthread_mutex_unlock(&lock);
    return i;
}

/* With the lock held. */
static struct frame_made *of_cap(cptr_t cap)
{
    const unsigned i = host_cap_what(cap) - WHAT;

    return i < FRAMES && frames[i].there ? &frames[i] : NULL;
}

static void *map(const struct frame_made *f, int protection)
{
    void *const at = mmap(NULL, f->bytes, protection, MAP_SHARED, f->fd, 0);

    if (at == MAP_FAILED) {
        abort();
    }
    __atomic_add_fetch(&shares, 1, __ATOMIC_RELAXED);
    return at;
}

cptr_t host_frame(uint64_t bytes)
{
    return host_cap(WHAT + new_frame(bytes));
}

void *host_frame_map(cptr_t frame)
{
    pthread_mutex_lock(&lock);
    void *const at = map(of_cap(frame), PROT_READ | PROT_WRITE);
    pthread_mutex_unlock(&lock);
    return at;
}

void host_frame_end(cptr_t frame, void *at)
{
    pthread_mutex_lock(&lock);
    struct frame_made *const f = of_cap(frame);
    munmap(at, f->bytes);
    __atomic_sub_fetch(&shares, 1, __ATOMIC_RELAXED);
    close(f->fd);
    f->there = false;
    pthread_mutex_unlock(&lock);
}

err_t binding_share_make(struct binding_share *s, uint64_t bytes, cptr_t *for_peer)
{
    REQUIRE(fail_after < 0 || fail_after-- > 0, E_RAM_NONE);
    *s = (struct binding_share){ .bytes = bytes, .frame = host_frame(bytes) };
    s->ram.chunk = (struct reserve_chunk *)s;               /* ours */
    s->at = host_frame_map(s->frame);
    *for_peer = host_cap(host_cap_what(s->frame));
    return OK;
}

static err_t map_reader(struct binding_share *s, cptr_t cap)
{
    struct frame_made *const f = of_cap(cap);

    REQUIRE(f && f->bytes <= BINDING_SHARE_MAX && !f->reader, E_BINDING_MALFORMED);
    f->reader = map(f, PROT_READ);
    *s = (struct binding_share){ .at = (uint64_t *)(uintptr_t)f->reader, .bytes = f->bytes, .frame = cap };
    return OK;
}

err_t binding_share_map(struct binding_share *s, cptr_t cap)
{
    pthread_mutex_lock(&lock);
    const err_t err = map_reader(s, cap);
    pthread_mutex_unlock(&lock);
    return err;
}

static void unmap_reader(struct binding_share *s)
{
    pthread_mutex_lock(&lock);
    frames[host_cap_what(s->frame) - WHAT].reader = NULL;
    munmap(s->at, s->bytes);
    __atomic_sub_fetch(&shares, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
}

void binding_share_end(struct binding_share *s)
{
    if (s->ram.chunk) {
        host_frame_end(s->frame, s->at);
    } else if (s->at) {
        unmap_reader(s);
    }
    if (s->frame != CPTR_NULL) {
        rpc_drop_cap(s->frame);
    }
    *s = (struct binding_share){ .bytes = 0 };
}

/* Is what lies there still somebody's?  What was never mapped nobody reads. */
static bool readable(const char *from, size_t bytes)
{
    unsigned i = 0;

    pthread_mutex_lock(&lock);
    while (i < FRAMES && !(frames[i].reader && from >= frames[i].reader &&
                           from + bytes <= frames[i].reader + frames[i].bytes)) {
        i++;
    }
    if (i == FRAMES) {
        fprintf(stderr, "%zu bytes are read beyond what is shared\n", bytes);
        abort();
    }
    const bool there = frames[i].there;
    pthread_mutex_unlock(&lock);
    return there;
}

bool binding_share_fetch(void *to, const void *from, size_t bytes)
{
    if (hook) {
        hook();
    }
    if (!readable(from, bytes)) {
        memset(to, 0xee, bytes / 2);            /* a part of it may have been copied */
        return false;
    }
    memcpy(to, from, bytes);
    return true;
}
