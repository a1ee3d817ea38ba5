/* fuzz_wire.c  Any bytes as a packet of any message of the interface talk: what is unpacked can be packed, and says the same
 * again.  Byte 0: which message; byte 1: capabilities beside it, and from 128 on the words are lent by somebody who changes
 * them after each look, and at last takes them away; the rest: words. */
#include <host.h>

#include <os/heap.h>
#include <os/wire.h>
#include <stubs/talk.h>

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void round_trip(const struct wire_message *m, struct wire_packet *p)
{
    uint64_t args[64] = { 0 };
    struct wire_packet again;
    uint64_t *const before = heap_alloc(p->words * 8ull + 8);

    must(m->args_bytes <= sizeof(args) && before);
    memcpy(before, p->word, p->words * 8ull);
    if (err_ok(wire_unpack(p, args))) {
        must(err_ok(wire_pack(&again, m, args, NULL)));
        /* The bytes that fill up a last word are nobody's; all else is as it was. */
        must(again.words == p->words && again.caps == p->caps);         /* so each length was looked at once */
        must(m->flat || again.word[0] == (again.words - 1 + ((uint64_t)again.caps << 32)));
        wire_packet_free(&again);
        wire_release(m, args, WIRE_DROP_CAPS);
    }
    heap_free(before);
}

static uint64_t *theirs;
static uint32_t theirs_count, looks;

static bool fetch(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
    looks++;
    theirs[looks * 7 % theirs_count] ^= looks % 3 ? 1 : ~0ull << looks % 64;
    return looks < 100;
}

static err_t lend(struct wire_packet *p, const struct wire_message *m, uint32_t words, uint32_t caps)
{
    theirs = heap_alloc(words * 8ull);
    theirs_count = words;
    looks = 0;
    const err_t err = theirs ? wire_packet_lend(p, m, theirs, words, caps, fetch) : ERR(E_HEAP);
    if (!err_ok(err)) {
        heap_free(theirs);
    }
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct wire_packet p;

    if (bytes < 2 || bytes > 4096) {
        return 0;
    }
    const unsigned which = data[0] % (2 * talk_interface.count), caps = data[1] % 128 % 10;
    const struct wire_message *m = which < talk_interface.count ? &talk_interface.messages[which]
                                                                : &talk_interface.responses[which - talk_interface.count];
    const uint32_t words = (uint32_t)(bytes - 2) / 8;
    const bool lent = data[1] >= 128 && !m->flat;
    if (m->number == 0 || !err_ok(lent ? lend(&p, m, words, caps) : wire_packet_room(&p, m, words, caps))) {
        return 0;
    }
    memcpy(p.word, data + 2, words * 8ull);
    for (unsigned i = 0; i < caps; i++) {
        p.cap[i] = host_cap(i);
    }
    if (words && !m->flat) {
        p.word[0] = words - 1 + ((uint64_t)caps << 32);     /* receive.c has compared it when it made room */
    }
    round_trip(m, &p);
    wire_packet_drop(&p);
    if (lent) {
        heap_free(theirs);
    }
    must(host_blocks() == 0 && host_caps() == 0);
    return 0;
}
