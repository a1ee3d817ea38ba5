/** @file world.c  What units share; contracts in bindrandom.h. */
#include "bindrandom.h"

#define FRAMES 8u
#define SHOWN  8u

struct world world;
static cptr_t frame[FRAMES];

void world_begin(bool server, uint64_t seed)
{
    world = (struct world){ .server = server, .seed = seed };
}

err_t world_frames(void)
{
    cptr_t ram;

    for (unsigned i = 0; i < FRAMES; i++) {
        const uint64_t bytes = (i + 1) * (uint64_t)SHOAL_PAGE_SIZE;
        TRY(ram_request(bytes, &ram));
        TRY(binding_new_slot(&frame[i]));
        TRY(cap_retype(ram, CAP_FRAME, 0, bytes, 1, CPTR_NULL, frame[i]));
    }
    return OK;
}

cptr_t world_cap(unsigned what)
{
    cptr_t copy = CPTR_NULL;
    const err_t err = binding_copy_cap(frame[what % FRAMES], &copy);

    world_check(err_ok(err), "world", __LINE__, "no copy: %s", err_name(err_root(err)));
    return copy;
}

unsigned world_cap_what(cptr_t cap)
{
    struct cap_info info;

    if (cap == CPTR_NULL) {
        return 0;
    }
    const err_t err = cap_identify(CPTR_NULL, cap, &info);
    world_check(err_ok(err) && info.type == CAP_FRAME, "world", __LINE__, "not a Frame that can be used");
    return (unsigned)(info.bytes / SHOAL_PAGE_SIZE);
}

static uint64_t seed_of(bool to_server, uint64_t number)
{
    uint64_t state = world.seed * 0x9e3779b97f4a7c15ull + number * 2 + to_server + 1;

    (void)test_random(&state);
    return test_random(&state) | 1;
}

uint64_t world_next(void)
{
    return seed_of(!world.server, world.to_send++);
}

uint64_t world_expected(void)
{
    return seed_of(world.server, world.received);
}

void world_check(bool right, const char *unit, int line, const char *format, ...)
{
    char text[160];
    va_list args;

    if (right || world.wrong++ >= SHOWN) {
        return;
    }
    va_start(args, format);
    (void)format_text_v(text, sizeof(text), format, args);
    va_end(args);
    print("FAILED %s, %s, seed %lu, message %lu, line %d: %s\n", unit, world.server ? "server" : "client", world.seed,
          world.received, line, text);
}

bool world_until(struct waitset *ws, const volatile uint64_t *counter, uint64_t value)
{
    const uint64_t end = events_now() + 5 * time_hz();

    while (*counter < value) {
        const err_t err = event_dispatch_until(ws, end);
        if (!err_ok(err)) {
            world_check(false, "world", __LINE__, "nothing comes: %s, %lu of %lu", err_name(err_root(err)), *counter,
                        value);
            return false;
        }
    }
    return true;
}

uint64_t test_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ull;
    uint64_t x = *state;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}
