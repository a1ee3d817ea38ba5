/** @file wire_packet.c  Memory of packets. */
#include <os/binding_cap.h>
#include <os/heap.h>
#include <os/wire.h>

err_t wire_packet_room(struct wire_packet *p, const struct wire_message *m, uint32_t words, uint32_t caps)
{
    p->message = m;
    p->words = words;
    p->caps = caps;
    p->give = 0;
    p->word = p->small;
    p->cap = &p->one;
    p->one = CPTR_NULL;
    if (words <= WIRE_SMALL_WORDS && caps <= 1) {
        return OK;
    }
    p->word = heap_alloc(((size_t)words + caps) * 8);
    if (!p->word) {
        p->words = p->caps = 0;
        return ERR(E_HEAP);
    }
    p->cap = (cptr_t *)(p->word + words);
    return OK;
}

void wire_packet_free(struct wire_packet *p)
{
    if (p->word && p->word != p->small) {
        heap_free(p->word);
    }
    p->word = NULL;
    p->words = p->caps = 0;
}

void wire_packet_drop(struct wire_packet *p)
{
    for (uint32_t i = 0; i < p->caps; i++) {
        if (p->cap[i] != CPTR_NULL) {
            binding_drop_cap(p->cap[i]);
        }
    }
    wire_packet_free(p);
}
