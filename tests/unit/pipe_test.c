/* pipe_test.c  Pipes: random readers and writers against a queue of bytes, and against who came first. */
#include "test.h"

#include "pipe.h"

#define USERS 6u

static char pages[PIPE_PAGES][PIPE_PAGE];

static struct pipe new_pipe(void)
{
    struct pipe p = { .held = { true, true } };

    for (unsigned i = 0; i < PIPE_PAGES; i++) {
        p.page[i] = pages[i];
    }
    return p;
}

/* The byte that is the n-th of all that were ever written. */
static char nth(uint64_t n)
{
    return (char)(n * 0x9e3779b97f4a7c15u >> 56);
}

struct model {
    struct pipe pipe;
    struct waiter user[USERS];
    uint32_t wants[USERS];          /* bytes; 0: he does not wait */
    uint64_t since[USERS];
    uint64_t clock, written, read;
};

static bool first_of_his_end(const struct model *m, unsigned user)
{
    for (unsigned other = 0; other < USERS; other++) {
        if (m->user[other].end == m->user[user].end && m->wants[other] && m->since[other] < m->since[user]) {
            return false;
        }
    }
    return true;
}

/* Does the contract let him go on? */
static bool may_go_on(const struct model *m, unsigned user)
{
    const uint64_t used = m->written - m->read;

    if (m->user[user].end == PIPE_WRITE && !m->pipe.held[PIPE_READ]) {
        return true;
    }
    return first_of_his_end(m, user) &&
           (m->user[user].end == PIPE_READ ? used > 0 || !m->pipe.held[PIPE_WRITE] : m->wants[user] <= PIPE_BYTES - used);
}

/* One call of his, new or again. */
static void call(struct model *m, unsigned user)
{
    static char bytes[PIPE_PAGE];
    struct waiter *const w = &m->user[user];
    const bool may = may_go_on(m, user);
    const uint32_t wants = m->wants[user];
    const uint64_t used = m->written - m->read;
    enum pipe_result result;
    uint32_t count = 0;

    if (w->end == PIPE_READ) {
        result = pipe_read(w, bytes, wants, &count);
    } else {
        for (uint32_t i = 0; i < wants; i++) {
            bytes[i] = nth(m->written + i);
        }
        result = pipe_write(w, bytes, wants);
    }
    EXPECT_EQ(result != PIPE_LATER, may, "user %u wants %u, %" PRIu64 " used", user, wants, used);
    if (result == PIPE_LATER) {
        return;
    }
    m->wants[user] = 0;
    if (w->end == PIPE_WRITE) {
        EXPECT_EQ(result, m->pipe.held[PIPE_READ] ? PIPE_DONE : PIPE_NO_READER, "a write");
        m->written += result == PIPE_DONE ? wants : 0;
        return;
    }
    EXPECT_EQ(count, wants < used ? wants : used, "a read");
    for (uint32_t i = 0; i < count; i++) {
        EXPECT_EQ(bytes[i], nth(m->read + i), "byte %" PRIu64, m->read + i);
    }
    m->read += count;
}

/* As the server's loop does. */
static void settle(struct model *m)
{
    for (struct waiter *w; (w = pipe_next(&m->pipe));) {
        const unsigned user = (unsigned)(w - m->user);
        EXPECT(m->wants[user] && may_go_on(m, user), "user %u was chosen", user);
        call(m, user);
    }
    for (unsigned user = 0; user < USERS; user++) {
        EXPECT(!m->wants[user] || !may_go_on(m, user), "user %u still waits", user);
    }
}

static void step(struct model *m, uint64_t *state)
{
    const unsigned user = (unsigned)(test_random(state) % USERS);
    const unsigned size = (unsigned)(test_random(state) % 4);

    if (m->wants[user]) {                           /* a new request of his: he does not wait for the last any more */
        pipe_stop_waiting(&m->user[user]);
    }
    m->wants[user] = 1 + (uint32_t)(test_random(state) % (size == 0 ? PIPE_PAGE : size == 1 ? 600 : 56));
    m->since[user] = ++m->clock;
    call(m, user);
    settle(m);
}

TEST(pipe, random)
{
    uint64_t state = test_seed();

    for (unsigned round = 0; round < 60; round++) {
        struct model m = { .pipe = new_pipe() };
        for (unsigned i = 0; i < USERS; i++) {
            pipe_join(&m.pipe, &m.user[i], i % 2 ? PIPE_WRITE : PIPE_READ);
        }
        for (unsigned n = 0; n < 1500; n++) {
            step(&m, &state);
        }
        m.pipe.held[test_random(&state) % 2] = false;
        settle(&m);
        for (unsigned n = 0; n < 200; n++) {
            step(&m, &state);
        }
        m.pipe.held[PIPE_READ] = m.pipe.held[PIPE_WRITE] = false;
        settle(&m);
        for (unsigned i = 0; i < USERS; i++) {
            EXPECT(!m.wants[i], "round %u: user %u waits at the end", round, i);
            pipe_leave(&m.user[i]);
            pipe_leave(&m.user[i]);
        }
        EXPECT(!m.pipe.waiters, "all have left");
    }
}

TEST(pipe, wrong_end)
{
    struct pipe p = new_pipe();
    struct waiter reader, writer;
    char byte = 'x';
    uint32_t count;

    pipe_join(&p, &reader, PIPE_READ);
    pipe_join(&p, &writer, PIPE_WRITE);
    EXPECT_EQ(pipe_read(&writer, &byte, 1, &count), PIPE_WRONG_END, "read at the writing end");
    EXPECT_EQ(pipe_write(&reader, &byte, 1), PIPE_WRONG_END, "write at the reading end");
    EXPECT_EQ(pipe_read(&reader, &byte, 1, &count), PIPE_LATER, "nothing there");
    EXPECT_EQ(pipe_write(&writer, &byte, 0), PIPE_DONE, "nothing written");
    EXPECT(!pipe_next(&p), "nothing to be read");
    pipe_leave(&reader);
    EXPECT_EQ(pipe_write(&writer, &byte, 1), PIPE_DONE, "who has left holds nobody up");
}
