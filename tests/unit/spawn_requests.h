/** @file spawn_requests.h  Images and requests at random, for the tests of spawn. */
#ifndef SPAWN_REQUESTS_H
#define SPAWN_REQUESTS_H

#include "test.h"

#include <os/spawn.h>
#include <shoal/invoke.h>

#define MAKER_STRINGS 12u

struct maker {
    struct image image;
    struct spawn_request request;
    char text[2 * MAKER_STRINGS][40];
    const char *argv[MAKER_STRINGS], *envp[MAKER_STRINGS];
};

/** An image such as elf_list() may accept, up to ELF_SEGMENTS_MAX segments, each up to @p most_bytes, and a request for
 *  it that is in order.  The image has no file. */
static inline void maker_random(struct maker *m, uint64_t *state, uint64_t most_bytes)
{
    uint64_t va = PROCESS_LOW + test_random(state) % 4096 * 4096, offset = 0;

    memset(m, 0, sizeof(*m));
    m->image.elf.segment_count = 1 + test_random(state) % ELF_SEGMENTS_MAX;
    for (size_t i = 0; i < m->image.elf.segment_count; i++) {
        struct elf_segment *s = &m->image.elf.segment[i];
        static const uint32_t flags[] = { MAP_READ | MAP_EXEC, MAP_READ, MAP_READ | MAP_WRITE };
        const uint64_t skew = test_random(state) % 3 ? 0 : test_random(state) % 4096;
        s->va = va + skew;
        s->file_offset = offset + skew;
        s->mem_bytes = 1 + test_random(state) % most_bytes;
        s->file_bytes = test_random(state) % 2 ? s->mem_bytes : test_random(state) % s->mem_bytes;
        s->file_bytes = test_random(state) % 4 ? s->file_bytes : 0;
        s->flags = i == 0 ? flags[0] : flags[test_random(state) % 3];
        va = (s->va + s->mem_bytes + 4095) / 4096 * 4096 + test_random(state) % 3 * 4096;
        va += test_random(state) % 4 == 0 ? test_random(state) % 512 * 4096 : 0;
        offset = (s->file_offset + s->file_bytes + 4095) / 4096 * 4096;
    }
    m->image.elf.paging = test_random(state) % 8 != 0;
    m->image.elf.entry = m->image.elf.segment[0].va;
    m->image.bytes = offset;
    if (test_random(state) % 2) {
        m->image.frame = 77;
        m->image.frame_offset = test_random(state) % 8 * 4096;
        m->image.frame_bytes = m->image.frame_offset + offset - test_random(state) % 2 * 4096;
    }
    m->request = (struct spawn_request){
        .image = &m->image, .name = m->text[0], .pid = test_random(state) % 1000,
        .argc = (unsigned)(test_random(state) % MAKER_STRINGS), .argv = m->argv,
        .envc = (unsigned)(test_random(state) % MAKER_STRINGS), .envp = m->envp,
        .stack_bytes = test_random(state) % 2 ? 0 : (1 + test_random(state) % 64) * 4096,
        .lazy = test_random(state) % 8 != 0,
        .reserve_bytes = test_random(state) % 2 ? 0 : STOCK_RAM_MIN + test_random(state) % 64 * 4096,
    };
    strcpy(m->text[0], "program");
    for (unsigned i = 0; i < 2 * MAKER_STRINGS; i++) {
        const size_t length = i ? test_random(state) % sizeof(m->text[i]) : strlen(m->text[0]);
        for (size_t c = 0; c < length && i; c++) {
            m->text[i][c] = (char)(' ' + test_random(state) % 90);
        }
        (i < MAKER_STRINGS ? m->argv : m->envp)[i % MAKER_STRINGS] = m->text[i];
    }
}

#endif
