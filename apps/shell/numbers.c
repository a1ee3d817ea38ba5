/** @file numbers.c  Contracts in numbers.h. */
#include "numbers.h"

#include <os/process.h>
#include <os/rpc.h>

#define NANO 1000000000ull

/* @return what follows the digits; NULL: it is more than @p most */
static const char *digits(const char *at, uint64_t most, uint64_t *value)
{
    for (*value = 0; *at >= '0' && *at <= '9'; at++) {
        const uint64_t digit = (uint64_t)(*at - '0');
        if (digit > most || *value > (most - digit) / 10) {
            return 0;
        }
        *value = *value * 10 + digit;
    }
    return at;
}

bool read_number(const char *word, uint64_t most, uint64_t *value)
{
    const char *end = digits(word, most, value);

    return end && end > word && !*end;
}

bool read_pid(const char *word, uint64_t *pid)
{
    uint64_t core, number;
    const char *end = digits(word, UINT32_MAX, &core);

    if (!end || end == word || *end != '.') {
        return read_number(word, UINT32_MAX, pid);
    }
    if (!read_number(end + 1, UINT32_MAX, &number)) {
        return false;
    }
    *pid = core << ID_CORE_SHIFT | number;
    return true;
}

bool read_seconds(const char *word, uint64_t most, uint64_t *nanoseconds)
{
    uint64_t whole, part = 0, weight = NANO;
    const char *at = digits(word, most, &whole);

    if (!at || !*word || (at == word && *at != '.')) {
        return false;
    }
    if (*at == '.') {
        const char *const first = ++at;
        for (; *at >= '0' && *at <= '9' && weight > 1; at++) {
            weight /= 10;
            part += weight * (uint64_t)(*at - '0');
        }
        if (at == first) {
            return false;
        }
    }
    *nanoseconds = whole * NANO + part;
    return !*at;
}

uint64_t convert(uint64_t count, uint64_t from, uint64_t to)
{
    return count / from * to + count % from * to / from;
}
