/**
 * @file thread_test.c  The scheduler, mutexes, conditions and events under random threads, seen by a naive model: who holds
 * what, who waits since when, who may run.
 */
#include "test.h"
#include "thread_machine.h"
#include <os/event.h>
#include <os/lowlock.h>
#include <os/sync.h>

#define MUTEXES 3u
#define CONDS   2u
#define EVENT_0 8u                      /* threads wait for events from here on, each for its own */

bool os_rpc_threads_started;             /* of libos/rpc/client_threads.c, which has a test of its own */

static struct {
    struct mutex mutex[MUTEXES];
    struct condition cond[CONDS];
    struct thread *holder[MUTEXES];     /* as far as the threads know */
    struct thread *cond_mutex_of[CONDS];
    unsigned waits[CONDS];              /* threads in condition_wait */
    uint64_t stamp[MACHINE_THREADS];    /* when it last began to wait */
    const void *queue[MACHINE_THREADS]; /* where */
    uint64_t stamps;
    uint64_t signals, signalled, timeouts, switches;
    const struct thread *last;          /* who ran last */
    bool low;                           /* a low lock is held */
} world;

static unsigned number(const struct thread *t)
{
    return (unsigned)(t - machine.thread);
}

static void blocks(struct thread *t)
{
    if (t >= machine.thread && t < machine.thread + MACHINE_THREADS) {
        world.stamp[number(t)] = ++world.stamps;
        world.queue[number(t)] = t->in;
    }
}

/* ---- invariants, by looking at everything ------------------------------------------------------------------------- */

static bool stands_in(const struct thread_queue *q, const struct thread *t)
{
    const struct thread *before = NULL;
    bool found = false;

    for (const struct thread *at = q->first; at; at = at->next) {
        EXPECT(at->in == q && at->before == before, "links of a queue");
        found |= at == t;
        before = at;
    }
    EXPECT(q->last == before, "last of a queue");
    return found;
}

static uint64_t count_timers(const struct timer *t)
{
    return t ? 1 + count_timers(t->left) + count_timers(t->right) : 0;
}

/* T1, T2 and Q1; called by the running thread, enabled. */
static void check_all(void)
{
    const struct thread *const self = thread_self();
    uint64_t timers = 0, used = 0;

    EXPECT(self->state == THREAD_RUNNING && !self->in && !self->timer.when, "the running thread");
    for (unsigned i = 0; i < machine.threads; i++) {
        const struct thread *t = &machine.thread[i];
        timers += t->timer.when != 0;
        EXPECT(t->state != THREAD_RUNNING || t == self, "two threads run");
        if (t->state == THREAD_READY) {
            used |= 1ull << t->priority;
            EXPECT(t->priority <= self->priority || world.low, "thread %u, priority %u, waits for %u", i, t->priority,
                   self->priority);
            EXPECT(stands_in(&os_thread_core.ready.queue[t->priority], t), "ready in no queue");
        } else if (t->in) {
            EXPECT(t->state == THREAD_BLOCKED && stands_in(t->in, t), "in a queue, state %d", t->state);
        }
        EXPECT(t->state == THREAD_BLOCKED || !t->timer.when, "a timer of a thread that is not blocked");
    }
    used |= os_thread_core.ready.used & 1ull << THREAD_PRIORITY;        /* main() */
    EXPECT_EQ(os_thread_core.ready.used & ~(1ull << THREAD_PRIORITY), used & ~(1ull << THREAD_PRIORITY), "ready.used");
    EXPECT_EQ(count_timers(os_thread_core.timers), timers, "timers");
    if (os_thread_core.timers) {
        EXPECT(frame_self()->pending || (machine.deadline && machine.deadline <= os_thread_core.timers->when),
               "a timer that the kernel knows nothing of");
    }
    for (unsigned m = 0; m < MUTEXES; m++) {
        EXPECT(!world.mutex[m].waiting.first || world.mutex[m].owner & 1, "X1 of mutex %u", m);
        EXPECT(!world.mutex[m].waiting.first || world.mutex[m].owner > 1, "X2 of mutex %u", m);
    }
}

/* A step of a thread's own code. */
static void step(void)
{
    machine_point();
    check_all();
}

/* ---- what threads do ----------------------------------------------------------------------------------------------- */

static uint64_t chance(uint64_t n)
{
    return test_random(&machine.random) % n;
}

/* Whoever waits for @p m since earlier than @p self did would have had to be first. */
static void got(unsigned m, uint64_t stamp, bool waited)
{
    struct thread *const self = thread_self();

    EXPECT(!world.holder[m], "mutex %u has two holders", m);
    EXPECT_EQ(world.mutex[m].owner & ~1ull, (uint64_t)self, "owner");
    world.holder[m] = self;
    for (const struct thread *t = world.mutex[m].waiting.first; waited && t; t = t->next) {
        EXPECT(world.queue[number(t)] != &world.mutex[m].waiting || world.stamp[number(t)] > stamp,
               "thread %u has waited longer", number(t));
    }
}

static void leave(unsigned m)
{
    EXPECT(world.holder[m] == thread_self(), "somebody else's");
    world.holder[m] = NULL;
    mutex_unlock(&world.mutex[m]);
}

static void inside(unsigned m)
{
    for (uint64_t i = chance(4); i > 0; i--) {
        step();
        EXPECT(world.holder[m] == thread_self(), "mutex %u was taken away", m);
        if (chance(8) == 0) {
            thread_yield();
        }
    }
}

static void do_lock(unsigned m)
{
    const uint64_t before = world.stamps, how = chance(4), deadline = machine.now + chance(300);
    bool have = true;

    if (how == 0) {
        have = mutex_try_lock(&world.mutex[m]);
    } else if (how == 1) {
        have = mutex_lock_until(&world.mutex[m], deadline);
        EXPECT(have || machine.now >= deadline, "gave up too early");
        world.timeouts += !have;
    } else {
        mutex_lock(&world.mutex[m]);
    }
    if (have) {
        const uint64_t stamp = world.stamp[number(thread_self())];
        got(m, stamp, stamp > before);
        inside(m);
        if (m + 1 < MUTEXES && chance(3) == 0) {        /* upwards only: no deadlock */
            do_lock(m + 1 + (unsigned)chance(MUTEXES - m - 1));
        }
        step();
        leave(m);
    }
}

/* Condition c goes with mutex c. */
static void do_wait(unsigned c)
{
    const bool timed = chance(2);
    const uint64_t deadline = machine.now + chance(500);

    mutex_lock(&world.mutex[c]);
    got(c, 0, false);
    world.holder[c] = NULL;
    world.waits[c]++;
    const bool signalled = timed ? condition_wait_until(&world.cond[c], &world.mutex[c], deadline)
                                 : (condition_wait(&world.cond[c], &world.mutex[c]), true);
    world.waits[c]--;
    got(c, 0, false);
    EXPECT(signalled || machine.now >= deadline, "gave up too early");
    world.signalled += signalled;
    world.timeouts += !signalled;
    inside(c);
    leave(c);
}

static unsigned waiting(const struct condition *c)
{
    unsigned n = 0;

    for (const struct thread *t = c->waiting.first; t; t = t->next) {
        n++;
    }
    return n;
}

/* How many a signal reaches is known if time stands still until it is given. */
static void do_signal(unsigned c, bool all)
{
    const bool held = chance(2) && !world.holder[c] && mutex_try_lock(&world.mutex[c]);

    if (held) {
        got(c, 0, false);
    }
    machine.frozen = true;
    const unsigned before = waiting(&world.cond[c]);
    world.signals += all ? before : before > 0;
    if (all) {
        condition_broadcast(&world.cond[c]);
    } else {
        condition_signal(&world.cond[c]);
    }
    machine.frozen = false;
    if (held) {
        inside(c);
        leave(c);
    }
}

static void do_event(void)
{
    const uint64_t id = EVENT_0 + number(thread_self()), deadline = machine.now + chance(400);
    const bool timed = chance(2);

    machine.wanted |= 1ull << id;
    const err_t err = thread_event_wait(id, timed ? deadline : THREAD_NO_DEADLINE);
    machine.wanted &= ~(1ull << id);
    EXPECT(err_ok(err) || (err_root(err) == E_TIMEOUT && timed && machine.now >= deadline), "error %u", err_root(err));
}

static void do_low(void)
{
    const struct thread *const self = thread_self();

    world.low = true;
    os_low_lock(LOW_RANGES);
    for (unsigned i = 0; i < 6; i++) {
        machine_point();
        EXPECT(thread_self() == self && world.last == self, "another thread under a low lock");
        check_all();
    }
    os_low_lock(LOW_SLAB);
    machine_point();
    os_low_unlock(LOW_SLAB);
    machine_point();
    EXPECT(world.last == self, "another thread under a low lock");
    world.low = false;
    os_low_unlock(LOW_RANGES);
}

static void do_something(void)
{
    world.last = thread_self();
    const uint64_t until = machine.now + chance(300);

    switch (chance(12)) {
    case 0: case 1: case 2: do_lock((unsigned)chance(MUTEXES)); break;
    case 3: do_wait((unsigned)chance(CONDS)); break;
    case 4: case 5: do_signal((unsigned)chance(CONDS), chance(4) == 0); break;
    case 6: thread_yield(); break;
    case 7:
        thread_sleep_until(until);
        EXPECT(machine.now >= until, "woken too early");
        break;
    case 8: thread_set_priority(&machine.thread[chance(machine.threads)], 20 + (unsigned)chance(5)); break;
    case 9: do_event(); break;
    case 10: do_low(); break;
    default: step(); break;
    }
    world.last = thread_self();
}

static unsigned workers;                /* that have not ended */

static void works(void *arg)
{
    for (uint64_t i = 0; i < (uint64_t)arg; i++) {
        do_something();
        step();
    }
    workers--;
}

/* Nobody is left waiting for a signal that no worker gives any more. */
static void signals(void *arg)
{
    (void)arg;
    while (workers > 0) {
        thread_sleep_until(machine.now + 200);
        world.last = thread_self();
        for (unsigned c = 0; c < CONDS; c++) {
            do_signal(c, true);
        }
    }
}

TEST(thread, random_work)
{
    uint64_t interrupts = 0;

    for (unsigned round = 0; round < 40; round++) {
        memset(&world, 0, sizeof(world));
        machine_start(test_seed() * 1000 + round);
        machine.chance = 2 + round % 7;
        machine.blocks = blocks;
        workers = 2 + round % 9;
        for (unsigned i = 0, n = workers; i < n; i++) {
            (void)machine_thread(works, (void *)100ull, 20 + (unsigned)chance(5));
        }
        (void)machine_thread(signals, NULL, 10);
        machine_join();
        EXPECT_EQ(world.signals, world.signalled, "signals that reached a thread, round %u", round);
        EXPECT(!os_thread_core.timers && !os_thread_core.ready.used, "somebody is left");
        interrupts += machine.interrupts;
        for (unsigned m = 0; m < MUTEXES; m++) {
            EXPECT(world.mutex[m].owner == 0 && !world.mutex[m].waiting.first, "mutex %u is not open", m);
        }
    }
    EXPECT(interrupts > 8000, "only %" PRIu64 " interrupts", interrupts);
}

/* ---- time and order, one by one ------------------------------------------------------------------------------------ */

#define SPINNERS 3u

static uint64_t turns[SPINNERS], ran[SPINNERS], shortest, longest;
static bool stop;
static unsigned at_work;

/* The turns of a thread that never gives way. */
static void spins(void *arg)
{
    const unsigned self = (unsigned)(uint64_t)arg;
    uint64_t turn = 0;

    for (uint64_t begin = machine.now; !stop; begin = machine.now) {
        if (at_work != self) {
            shortest = turn > 0 && turn < shortest ? turn : shortest;
            longest = turn > longest ? turn : longest;
            turn = 0;
            turns[self]++;
        }
        at_work = self;
        machine_point();
        turn += at_work == self ? machine.now - begin : 0;
        ran[self] += at_work == self ? machine.now - begin : 0;
    }
}

/* Gives way in the middle of what would be its slice. */
static void polite(void *arg)
{
    (void)arg;
    while (!stop) {
        at_work = SPINNERS;
        for (const uint64_t until = machine.now + 70; machine.now < until;) {
            machine_point();
        }
        thread_yield();
    }
}

static void slices(bool with_polite)
{
    machine_start(test_seed());
    stop = false;
    shortest = ~0ull;
    longest = 0;
    for (uint64_t i = 0; i < SPINNERS; i++) {
        turns[i] = ran[i] = 0;
        (void)machine_thread(spins, (void *)i, THREAD_PRIORITY);
    }
    if (with_polite) {
        (void)machine_thread(polite, NULL, THREAD_PRIORITY);
    }
    thread_set_priority(thread_self(), 60);
    thread_sleep_until(machine.now + 300 * MACHINE_SLICE);
    stop = true;
    machine_join();
    /* a point takes up to 7 ticks, and main() came in between once */
    EXPECT(shortest >= MACHINE_SLICE - 16 && longest <= 2 * MACHINE_SLICE + 16, "turns of %" PRIu64 " to %" PRIu64,
           shortest, longest);
    for (unsigned i = 0; i < SPINNERS; i++) {
        EXPECT(ran[i] > 60 * MACHINE_SLICE && ran[i] < 125 * MACHINE_SLICE, "thread %u ran %" PRIu64 " ticks", i, ran[i]);
        EXPECT(turns[i] > 45 && turns[i] < 110, "thread %u had %" PRIu64 " turns", i, turns[i]);
    }
    const uint64_t idles = machine.idles;
    thread_sleep_until(machine.now + 10 * MACHINE_SLICE);
    EXPECT_EQ(machine.idles - idles, 1, "woken while nothing was to do");
    thread_set_priority(thread_self(), THREAD_PRIORITY);
}

/* Equals share: each turn is one to two slices long. */
TEST(thread, slices)
{
    slices(false);
    slices(true);
}

/* No equal waits: the kernel is asked for no deadline. */
static void alone(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 1000; i++) {
        machine_point();
        EXPECT_EQ(machine.deadline, 0, "a slice that nobody waits for");
    }
}

TEST(thread, no_slice_alone)
{
    machine_start(test_seed());
    (void)machine_thread(alone, NULL, 40);
    machine_join();
    EXPECT_EQ(machine.interrupts, 0, "interrupts");
}

static char trace[8];
static unsigned traced;

static void notes(void *arg)
{
    trace[traced++] = (char)(uint64_t)arg;
}

static void makes_urgent(void *arg)
{
    (void)arg;
    trace[traced++] = 'a';
    (void)machine_thread(notes, (void *)'u', 50);
    trace[traced++] = 'A';
}

/* Overtaken by a more urgent thread, it goes on before its equals. */
TEST(thread, overtaken_keeps_its_turn)
{
    machine_start(test_seed());
    thread_set_priority(thread_self(), 60);
    (void)machine_thread(makes_urgent, NULL, 40);
    (void)machine_thread(notes, (void *)'b', 40);
    thread_set_priority(thread_self(), 10);
    machine_join();
    thread_set_priority(thread_self(), THREAD_PRIORITY);
    EXPECT(memcmp(trace, "auAb", 4) == 0, "%s", trace);
}

static struct mutex mutex;
static bool got_it;

static void holds_it(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    thread_yield();                     /* the other finds it taken */
    mutex_unlock(&mutex);
}

static void wants_it(void *arg)
{
    (void)arg;
    machine.before_disabled = thread_yield;     /* as if preempted between finding it taken and waiting for it */
    mutex_lock(&mutex);
    got_it = true;
    mutex_unlock(&mutex);
}

TEST(thread, mutex_released_meanwhile)
{
    machine_start(test_seed());
    (void)machine_thread(holds_it, NULL, THREAD_PRIORITY);
    (void)machine_thread(wants_it, NULL, THREAD_PRIORITY);
    machine_join();
    EXPECT(got_it && mutex.owner == 0, "owner %#" PRIx64, mutex.owner);
}

static uint64_t woken[MACHINE_THREADS];
static unsigned wakes;

static void sleeps(void *arg)
{
    thread_sleep_until((uint64_t)arg);
    woken[wakes++] = (uint64_t)arg;
}

TEST(thread, sleep_order)
{
    for (unsigned round = 0; round < 50; round++) {
        machine_start(test_seed() * 100 + round);
        wakes = 0;
        for (unsigned i = 0; i < 10; i++) {
            (void)machine_thread(sleeps, (void *)(machine.now + 100 + chance(1000)), 40);
        }
        machine_join();
        for (unsigned i = 1; i < 10; i++) {
            EXPECT(woken[i - 1] <= woken[i], "%" PRIu64 " before %" PRIu64, woken[i - 1], woken[i]);
        }
        EXPECT(machine.idles <= 12, "woke %" PRIu64 " times from idleness", machine.idles);
    }
}

static unsigned fired;

static void fire(struct event_handler *handler)
{
    (void)handler;
    EXPECT(frame_self()->disabled, "a handler that runs enabled");
    fired++;
}

TEST(thread, events)
{
    struct event_handler handler = { .fire = fire }, other = { .fire = fire };

    machine_start(test_seed());
    fired = 0;
    machine_post(5000);                                     /* before it is registered, in a table not made yet */
    machine_point();
    EXPECT(err_ok(event_register(5000, &handler)) && fired == 1, "fired %u times", fired);
    EXPECT(err_root(event_register(5000, &other)) == E_EVENT_USED, "registered twice");
    EXPECT(err_root(event_register(DF_EVENT_IDS(SHOAL_PAGE_SIZE), &other)) == E_EVENT, "no such id");
    EXPECT(err_ok(event_register(5001, &other)), "a neighbour");
    thread_disable();
    machine_post(5000);
    machine_post(5001);
    machine_post(5000);
    EXPECT_EQ(fired, 1, "not while disabled");
    thread_enable();
    EXPECT_EQ(fired, 3, "once for each event");
    event_unregister(5000);
    machine_post(5000);
    machine_interrupt();
    EXPECT(fired == 3 && event_take(frame_self(), 5000), "without a handler it stays in the frame");
    event_unregister(5001);
}
