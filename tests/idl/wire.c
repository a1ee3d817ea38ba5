#include "wire.h"

#define CAPS_MAX 4096u

static unsigned char dropped[CAPS_MAX];
static unsigned made, drops;

cptr_t wire_new_cap(void)
{
    made = made % (CAPS_MAX - 1) + 1;           /* 1 … CAPS_MAX - 1, then again */
    dropped[made] = 0;
    return made;
}

bool wire_dropped(cptr_t cap)
{
    return dropped[cap];
}

unsigned wire_drops(void)
{
    return drops;
}

void rpc_drop_cap(cptr_t cap)
{
    EXPECT(cap > 0 && cap < CAPS_MAX && !dropped[cap], "capability %" PRIu64 " dropped", cap);
    dropped[cap % CAPS_MAX] = 1;
    drops++;
}

/* What the receiver has of a message is no more than rpc.h says: the words up to its length, and the capability. */
static void travel(struct rpc_message *m)
{
    for (unsigned i = m->length; i < RPC_WORDS; i++) {
        m->word[i] = 0xdeadbeefdeadbeef;
    }
    m->give = true;
}

err_t rpc_call(struct rpc_client *c, struct rpc_message *m)
{
    if (!err_ok(c->fail)) {
        return c->fail;
    }
    c->request = *m;
    travel(m);
    if (c->change_request) {
        c->change_request(m);
    }
    c->serve(m);
    c->reply = *m;
    travel(m);
    if (c->change_reply) {
        c->change_reply(m);
    }
    return OK;
}

uint64_t wire_random(uint64_t *state)
{
    const uint64_t value = test_random(state);

    switch (test_random(state) % 4) {
    case 0:
        return value % 4;
    case 1:
        return -(value % 4);
    case 2:
        return (1ull << value % 64) - (value >> 32) % 2;
    default:
        return value;
    }
}
