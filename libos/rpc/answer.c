/** @file answer.c  A server's session in a program with threads, which has no loop of its own (os/rpc_lmp.h). */
#include <os/rpc_lmp.h>
#include "rpc_tag.h"

static void answer(struct rpc_session *s, const struct ring_message *request)
{
    struct rpc_message m;

    rpc_unpack(&m, request->tag, request->word, s->end.receive);
    s->serve(s, &m);
    struct xfer x = { .dest = s->end.send, .accept = (uint64_t)XFER_NO_PARK, .cap = m.cap,
                      .tag = rpc_tag(&m, rpc_token(request->tag)) };
    for (unsigned i = 0; i < m.length; i++) {
        x.word[i] = m.word[i];
    }
    if (!err_ok(sys_xfer(&x)) && m.cap) {
        rpc_drop_cap(m.cap);
    }
}

void rpc_answer_all(struct rpc_session *session)
{
    struct ring_message request;

    while (lmp_take(&session->end, &request)) {
        answer(session, &request);
    }
}
