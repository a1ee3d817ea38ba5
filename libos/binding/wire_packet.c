/** @file wire_packet.c  Memory of packets. */
#include <os/binding_cap.h>
#include <os/heap.h>
#include <os/string.h>
#include <os/wire.h>

err_t wire_packet_room(struct wire_packet *p, const struct wire_message *m, uint32_t words, uint32_t caps)
{
    p->message = m;
    p->words = words;
    p->caps = (uint16_t)caps;
    p->give = 0;
    p->lent = false;
    p->fetch = NULL;
    p->word = p->small;
    p->cap = &p->one;
    p->one = CPTR_NULL;
    if (words <= WIRE_SMALL_WORDS && caps <= 1) {
        return OK;
    }
    p->word = heap_take(((size_t)words + caps) * 8);
    if (!p->word) {
        p->words = p->caps = 0;
        return ERR(E_HEAP);
    }
    p->cap = memset(p->word + words, 0, caps * sizeof(*p->cap));
    return OK;
}

err_t wire_packet_lend(struct wire_packet *p, const struct wire_message *m, uint64_t *word, uint32_t words,
                       uint32_t caps, wire_fetch_fn *fetch)
{
    cptr_t *cap = &p->one;

    if (caps > 1) {
        cap = heap_alloc(caps * sizeof(*cap));
        REQUIRE(cap, E_HEAP);
    }
    p->message = m;
    p->words = words;
    p->caps = (uint16_t)caps;
    p->give = 0;
    p->lent = true;
    p->fetch = fetch;
    p->word = word;
    p->one = CPTR_NULL;
    p->cap = cap;
    return OK;
}

static bool copy_words(const struct wire_packet *p, uint64_t *to)
{
    if (p->fetch) {
        return p->fetch(to, p->word, (size_t)p->words * 8);
    }
    memcpy(to, p->word, (size_t)p->words * 8);
    return true;
}

err_t wire_packet_own(struct wire_packet *p)
{
    uint64_t *const word = heap_take(((size_t)p->words + p->caps) * 8);

    REQUIRE(word, E_HEAP);
    if (!copy_words(p, word)) {
        heap_free(word);
        return ERR(E_RPC_CLOSED);
    }
    cptr_t *const cap = (cptr_t *)(word + p->words);
    for (uint32_t i = 0; i < p->caps; i++) {
        cap[i] = p->cap[i];
    }
    if (p->cap != &p->one) {
        heap_free(p->cap);
    }
    p->lent = false;
    p->fetch = NULL;
    p->word = word;
    p->cap = cap;
    return OK;
}

void wire_packet_free(struct wire_packet *p)
{
    if (p->word && p->lent && p->cap != &p->one) {
        heap_free(p->cap);
    } else if (p->word && !p->lent && p->word != p->small) {
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
